"""The verifier: an adversarial suite of quotes and sentences against invented minutes, read by the real pipeline."""

import random
import re
import tomllib
from dataclasses import replace
from pathlib import Path
from typing import Any, get_args

import pytest

from corpus.catalogue import Catalogue
from corpus.model import Outcome
from index.answers.evidence import Evidence, EvidenceKind, Quote
from index.encoder import Encoder
from index.hits import hit, read
from index.proof.entail import check_sentence
from index.proof.verify import Checked, Place, Verdict, check_quote, verified
from ingest.pipeline import ingest

SAMPLES = Path(__file__).resolve().parent.parent / "corpus" / "samples"
SUITE: dict[str, Any] = tomllib.loads(
    (Path(__file__).parent / "data" / "verification" / "cases.toml").read_text(encoding="utf-8")
)
QUOTES, SENTENCES = SUITE["quote"], SUITE["sentence"]
KINDS: dict[str, EvidenceKind] = {kind: kind for kind in get_args(EvidenceKind)}
OUTCOMES: dict[str, Outcome] = {outcome: outcome for outcome in get_args(Outcome)}


@pytest.fixture(scope="module")
def minutes(tmp_path_factory: pytest.TempPathFactory, encoder: Encoder) -> Catalogue:
    """The minutes of the suite and the samples, ingested."""
    folder = tmp_path_factory.mktemp("minutes")
    for name, text in SUITE["sources"].items():
        (folder / name).write_text(text.lstrip(), encoding="utf-8")
    catalogue = Catalogue(tmp_path_factory.mktemp("data"), create=True)
    ingest([folder, SAMPLES], catalogue, encoder)
    return catalogue


def stored(catalogue: Catalogue, path: str) -> tuple[str, str]:
    """Return the id and the stored text of the document that a file became."""
    row = catalogue.connection.execute(
        "SELECT document_id, text FROM documents JOIN sources USING (document_id) WHERE path = ?", (path,)
    ).fetchone()
    return row[0], row[1]


def span(text: str, words: str) -> tuple[int, int]:
    """Return where words stand in a text, whatever white space is between them."""
    match = re.search(r"\s+".join(map(re.escape, words.split())), text)
    assert match is not None, f"the suite gives words that its source has not: {words}"
    return match.span()


def quoted(catalogue: Catalogue, path: str, words: str) -> Quote:
    """Return words of a source as a quote of the passage that they stand in."""
    document_id, text = stored(catalogue, path)
    start, end = span(text, words)
    row = catalogue.connection.execute(
        'SELECT row FROM passages WHERE document_id = ? AND start <= ? AND "end" >= ?', (document_id, start, end)
    ).fetchone()
    assert row is not None, f"no one passage holds: {words}"
    return Quote(hit(read(catalogue, [row[0]])[row[0]]), text[start:end], start, end)


def shown(catalogue: Catalogue, entry: str) -> list[Quote | Evidence]:
    """Return what an entry of ``cites`` stands for, as cases.toml says."""
    if ": " not in entry:
        path, _, number = entry.rpartition("#")
        rows = [
            row[0]
            for row in catalogue.connection.execute(
                "SELECT p.row FROM passages p JOIN items i ON i.document_id = p.document_id AND i.position = p.item"
                " WHERE p.document_id = ? AND i.number = ? ORDER BY p.position",
                (stored(catalogue, path)[0], number),
            )
        ]
        assert rows, f"the suite cites an item that is not there: {entry}"
        hits = [hit(passage) for passage in read(catalogue, rows).values()]
        return [Quote(one, one.text, one.start, one.end) for one in hits]
    path, _, rest = entry.partition(": ")
    words, *marks = (part.strip() for part in rest.split(" | "))
    quote = quoted(catalogue, path, words)
    if not marks:
        return [quote]
    return [Evidence(quote, KINDS[marks[0]], OUTCOMES[marks[1]] if len(marks) > 1 else None, (), 1.0)]


def checked(catalogue: Catalogue, case: dict[str, Any]) -> Checked:
    """Return what the verifier makes of a quote of the suite."""
    document_id, text = stored(catalogue, case["of"])
    start, end = span(text, case["at"])
    elsewhere = [stored(catalogue, path)[0] for path in case.get("elsewhere", [])]
    return check_quote(catalogue, document_id, start, end, case.get("text", text[start:end]), elsewhere=elsewhere)


# -- the suite ---------------------------------------------------------------------------------------


def test_the_suite_is_large_and_asks_for_every_verdict() -> None:
    cases = [*QUOTES, *SENTENCES]
    assert len(cases) >= 60
    assert len({case["name"] for case in cases}) == len(cases)
    counts = {verdict: sum(case["verdict"] == verdict for case in cases) for verdict in get_args(Verdict)}
    assert sum(counts.values()) == len(cases)
    assert counts["supported"] >= len(cases) / 3, "a verifier that refuses everything would pass"
    assert min(counts.values()) >= 10


@pytest.mark.parametrize("case", QUOTES, ids=lambda case: str(case["name"]))
def test_quote(minutes: Catalogue, case: dict[str, Any]) -> None:
    result = checked(minutes, case)
    assert result.verdict == case["verdict"], result.reason
    assert result.supported == (case["verdict"] == "supported")
    if "really" in case:
        (place,) = result.places
        text = minutes.document(place.document_id).text
        assert text[place.start : place.end] == text[slice(*span(text, case["really"]))]
    if case["verdict"] == "stitched":
        assert len(result.places) >= 2


@pytest.mark.parametrize("case", SENTENCES, ids=lambda case: str(case["name"]))
def test_sentence(minutes: Catalogue, case: dict[str, Any]) -> None:
    cited = [one for entry in case["cites"] for one in shown(minutes, entry)]
    others = [one for entry in case.get("others", []) for one in shown(minutes, entry)]
    result = check_sentence(case["text"], cited, others)
    assert result.verdict == case["verdict"], result.reason


def test_only_supported_quotes_are_let_through_and_the_others_counted(minutes: Catalogue) -> None:
    good = [
        quoted(minutes, "aldmoor.txt", "The matter was deferred."),
        quoted(minutes, "dunmarrow.txt", "The offer was accepted with thanks."),
    ]
    bad = [
        replace(good[0], text="The matter was settled."),
        replace(good[0], start=good[0].start + 1, end=good[0].end + 1),
        replace(good[1], hit=replace(good[1].hit, authority="Aldmoor District Council")),
        replace(good[1], hit=replace(good[1].hit, meeting_date="2023-09-09")),
        replace(good[1], hit=replace(good[1].hit, document_id=good[0].hit.document_id)),
        replace(good[1], hit=replace(good[1].hit, document_id="0" * 20)),
        replace(good[0], start=-4, end=20),
        replace(good[0], end=10**9),
    ]
    mixed = [bad[0], good[0], *bad[1:4], good[1], *bad[4:]]
    assert verified(minutes, mixed) == (good, len(bad))
    evidence = [Evidence(quote, "minutes", None, (), 0.5) for quote in mixed]
    assert verified(minutes, evidence) == ([evidence[1], evidence[5]], len(bad))
    assert verified(minutes, []) == ([], 0)


def test_a_sentence_that_is_not_its_citations_says_where_it_really_stands(minutes: Catalogue) -> None:
    real = quoted(minutes, "bracknock.txt", "Fares covered 61% of its cost, up from 54%.")
    result = check_sentence("Fares covered 61% of its cost.", [quoted(minutes, "dunmarrow.txt", "7. Bench")], [real])
    assert result.verdict == "misattributed"
    assert result.places == (Place(real.hit.document_id, real.start, real.end),)


def test_a_document_that_is_not_there_and_offsets_beyond_it(minutes: Catalogue) -> None:
    document_id, text = stored(minutes, "dunmarrow.txt")
    words = "The offer was accepted with thanks."
    start, end = span(text, words)
    assert check_quote(minutes, "nothing", start, end, words).verdict == "fabricated"
    found = check_quote(minutes, "nothing", start, end, words, elsewhere=[document_id])
    assert (found.verdict, found.places) == ("misattributed", (Place(document_id, start, end),))
    for offsets in ((-5, end), (end, start), (len(text) + 3, len(text) + 40), (start, len(text) + 40)):
        found = check_quote(minutes, document_id, *offsets, words)
        assert (found.verdict, found.places) == ("misattributed", (Place(document_id, start, end),))


# -- over the samples --------------------------------------------------------------------------------


def words_of(catalogue: Catalogue, count: int) -> list[tuple[str, str, int, int]]:
    """Return (document id, text, start, end) of random runs of whole words of the samples' documents."""
    chance = random.Random(20240305)
    documents = list(catalogue.connection.execute("SELECT document_id, text FROM documents ORDER BY document_id"))
    runs = []
    for _ in range(count):
        document_id, text = chance.choice(documents)
        words = list(re.finditer(r"\S+", text))
        first = chance.randrange(len(words))
        last = min(len(words) - 1, first + chance.randrange(40))
        runs.append((document_id, text, words[first].start(), words[last].end()))
    return [run for run in runs if any(map(str.isalnum, run[1][run[2] : run[3]]))]


def test_any_run_of_words_of_a_sample_is_supported_however_its_lines_are_broken(sample_data: Path) -> None:
    catalogue = Catalogue(sample_data)
    runs = words_of(catalogue, 200)
    assert len(runs) > 150
    for document_id, text, start, end in runs:
        words = text[start:end]
        for written in (words, " ".join(words.split()), words.replace(" ", "\n").replace("’", "'").replace("–", "-")):
            assert check_quote(catalogue, document_id, start, end, written).supported, written


def test_any_letter_or_digit_changed_is_not_supported(sample_data: Path) -> None:
    catalogue = Catalogue(sample_data)
    chance = random.Random(7)
    for document_id, text, start, end in words_of(catalogue, 200):
        words = text[start:end]
        at = chance.choice([i for i, letter in enumerate(words) if letter.isalnum()])
        put = chance.choice("0123456789" if words[at].isdigit() else "abcdefghijklmnopqrstuvwxyz")
        if put == words[at]:
            continue
        for altered in (words[:at] + put + words[at + 1 :], words[:at] + put + words[at:]):
            assert not check_quote(catalogue, document_id, start, end, altered).supported, altered
        if len(words) > 1:
            assert not check_quote(catalogue, document_id, start, end, words[:at] + words[at + 1 :]).supported


def test_a_very_long_quote_that_is_altered_is_refused_without_being_looked_for(sample_data: Path) -> None:
    catalogue = Catalogue(sample_data)
    row = catalogue.connection.execute(
        "SELECT document_id, text FROM documents ORDER BY length(text) DESC LIMIT 1"
    ).fetchone()
    result = check_quote(catalogue, row[0], 0, len(row[1]), f"{row[1]} and nothing else " * 50)
    assert result.verdict == "fabricated"
