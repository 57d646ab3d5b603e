"""Motions and decisions on the matter of a text: their words, outcomes, and who came first."""
