"""Measure the verifier on a collection: how often an altered sentence, or one of another passage, is let through.

    python tests/measure_verify.py DATA [--passages 400]

Each sentence of a sample of minutes is altered in one place and checked against the passage that it was in, and as it
is against another passage. What is let through is printed, so that one can see whether the alteration mattered.
"""

import argparse
import random
import re
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from corpus.catalogue import Catalogue
from index.answers.evidence import Quote
from index.hits import hit, read
from index.proof.claims import name_words
from index.proof.entail import check_sentence
from ingest.sentences import units

OPPOSITES = {
    "carried": "lost", "lost": "carried", "agreed": "refused", "approved": "refused", "refused": "approved",
    "deferred": "approved", "withdrawn": "approved",
}  # fmt: skip


def altered(sentence: str, chance: random.Random) -> Iterator[tuple[str, str]]:
    """Yield (what was done, the sentence so altered)."""
    lead = re.match(r"[\W\d]*", sentence)
    digit = re.compile(r"\d").search(sentence, lead.end() if lead else 0)
    if digit:
        other = str((int(digit.group()) + chance.randint(1, 8)) % 10)
        yield "a digit changed", sentence[: digit.start()] + other + sentence[digit.end() :]
    if re.search(r"\bnot\s", sentence):
        yield "a not dropped", re.sub(r"\bnot\s+", "", sentence, count=1)
    if re.search(r"\b(?:was|were|will|would|had) (?!not|no\b)", sentence):
        yield "a not added", re.sub(r"\b(was|were|will|would|had) (?!not|no\b)", r"\1 not ", sentence, count=1)
    names = [name for name in name_words(sentence) if name[1] > 0]
    if names:
        _, start, end = chance.choice(names)
        yield "a name changed", f"{sentence[:start]}Quarrington{sentence[end:]}"
    for word, opposite in OPPOSITES.items():
        if re.search(rf"\b{word}\b", sentence):
            yield "an outcome turned", re.sub(rf"\b{word}\b", opposite, sentence, count=1)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("--passages", type=int, default=400)
    given = parser.parse_args()
    catalogue, chance = Catalogue(given.data), random.Random(1)
    rows = [row[0] for row in catalogue.connection.execute("SELECT row FROM passages WHERE kind = 'minutes'")]
    hits = [hit(passage) for passage in read(catalogue, chance.sample(rows, min(len(rows), given.passages))).values()]
    quotes = [Quote(one, one.text, one.start, one.end) for one in hits]
    tried, passed = Counter[str](), Counter[str]()
    started = time.perf_counter()
    for quote, another in zip(quotes, [*quotes[1:], quotes[0]], strict=True):
        for unit in units(quote.text, 0, len(quote.text)):
            sentence = quote.text[unit.start : unit.end]
            if not 7 <= len(sentence.split()) <= 60:
                continue
            claims = [("as it is", sentence, quote), ("of another passage", sentence, another)]
            claims += [(what, text, quote) for what, text in altered(sentence, chance)]
            for what, text, cited in claims:
                tried[what] += 1
                if check_sentence(text, [cited]).supported:
                    passed[what] += 1
                    if what != "as it is":
                        print(f"let through, {what}: {' '.join(text.split())}")
    spent = time.perf_counter() - started
    for what, count in tried.items():
        print(f"{what}: {passed[what]} of {count} let through")
    print(f"{1000 * spent / max(1, tried.total()):.1f} ms a check")


if __name__ == "__main__":
    main()
