"""From hits to answers: evidence, its labels, the choice, and whether there is an answer at all."""
