"""The command ``compare``, over invented minutes: what it prints, and the tables it writes."""

import csv
import io
import json
import re
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from corpus.catalogue import Catalogue
from index.build import update
from index.encoder import Encoder
from ingest.pipeline import ingest
from tests.swimming_minutes import QUESTION, write
from tests.workbooks import sheets_of
from webapp.cli import main
from webapp.shown.tables import CUT, MOST_CHARACTERS, csv_of, xlsx_of

QUOTES = ("said", "decided", "recommended", "moved")


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory, encoder: Encoder) -> Path:
    """A data directory with the councils' minutes."""
    folder, directory = tmp_path_factory.mktemp("councils"), tmp_path_factory.mktemp("data")
    write(folder)
    catalogue = Catalogue(directory, create=True)
    ingest([folder], catalogue, encoder)
    update(catalogue, encoder)
    return directory


def run(data: Path, *arguments: str) -> Result:
    """Call the command in this process."""
    return CliRunner().invoke(main, ["--data", str(data), "compare", *arguments])


def block(printed: str, name: str) -> str:
    """The paragraph that begins with a name."""
    return next(part for part in printed.split("\n\n") if part.startswith(name))


def test_each_authority_is_a_block_with_numbered_citations(data: Path) -> None:
    result = run(data, QUESTION)
    assert (result.exit_code, result.stderr) == (0, "")
    oxmere = block(result.stdout, "Oxmere District Council")
    assert re.search(r"Decided, 12 June 2023 – Decision: “RESOLVED that foster carers .*” \[(\d+)\]", oxmere)
    for number in re.findall(r"” \[(\d+)\]", result.stdout):
        assert len(re.findall(rf"^  \[{number}\] ", result.stdout, re.MULTILINE)) == 1
    assert "Willowby Parish Council: Searched 2 meetings from 2022 to 2024: no evidence." in result.stdout
    assert result.stdout.rstrip().endswith("Searched 10 documents of 5 authorities.")


def test_what_was_lost_or_only_recommended_is_called_so(data: Path) -> None:
    printed = run(data, QUESTION).stdout
    tarnbeck = block(printed, "Tarnbeck Town Council")
    assert "Decided, 13 March 2024 – Motion, lost · 5 for, 9 against: “" in tarnbeck
    assert "Decided, 9 January 2025 – Amendment, lost" in tarnbeck
    assert "Over time: lost 13 March 2024, carried 9 January 2025" in tarnbeck
    assert "as told: “5 voting for and 9 against”" in tarnbeck
    pelham = block(printed, "Pelham Borough Council")
    assert "Recommended, 3 October 2023 – Recommendation, not a decision" in pelham
    assert "Decided: nothing found that names the matter." in pelham


def test_timeline_and_committees_are_printed(data: Path) -> None:
    timeline = run(data, QUESTION, "-a", "Tarnbeck", "--over-time").stdout
    headings = [part.splitlines()[0] for part in timeline.strip().split("\n\n")]
    assert headings[:3] == [
        "2023: Searched 1 meeting of 2023: no evidence.",
        "13 March 2024, Town Council",
        "9 January 2025, Town Council",
    ]
    committees = run(data, QUESTION, "-a", "Oxmere", "-c", "Cabinet", "-c", "Scrutiny Committee").stdout
    assert [part.splitlines()[0] for part in committees.strip().split("\n\n")][:2] == ["Cabinet", "Scrutiny Committee"]


def test_json_gives_a_citation_for_every_quote(data: Path) -> None:
    found = json.loads(run(data, QUESTION, "--json").stdout)
    assert list(found) == "question by filters rows not_held left_out notes searched".split()
    assert (
        list(found["rows"][0])
        == "name authority committee meeting_date said decided recommended moved more change searched confidence "
        "reason".split()
    )
    shown = [row["said"] for row in found["rows"] if row["said"]]
    shown += [one for row in found["rows"] for one in (*row["decided"], *row["recommended"])]
    shown += [proof for row in found["rows"] for one in row["decided"] for proof in one["proof"]]
    shown += [moment["said"] for row in found["rows"] for moment in row["moved"]]
    for one in shown:
        assert one["quote"] in one["text"]
        assert one["quote_end"] - one["quote_start"] == len(one["quote"])
        assert one["citation"]
    assert found["searched"] == {"documents": 10, "authorities": 5}


def test_table_has_a_row_an_authority_and_a_citation_beside_every_quote(data: Path) -> None:
    printed = run(data, QUESTION, "--csv").stdout
    rows = list(csv.DictReader(io.StringIO(printed, newline="")))
    found = json.loads(run(data, QUESTION, "--json").stdout)["rows"]
    assert [row["name"].removeprefix("'") for row in rows] == [row["name"] for row in found]
    for row, one in zip(rows, found, strict=True):
        for column in QUOTES:
            assert bool(row[column]) == bool(row[f"{column}_citation"]) == bool(row[f"{column}_date"])
        assert row["said"].removeprefix("'") == (one["said"]["quote"] if one["said"] else "")
        assert row["decided"].count("\n") >= len(one["decided"]) - 1
        for number, decided in enumerate(one["decided"], 1):
            assert f"{number}. {decided['quote']}" in row["decided"]
            assert f"{number}. {decided['citation']}" in row["decided_citation"]
        assert int(row["meetings_searched"]) == one["searched"]["meetings"]
    silent = next(row for row in rows if row["name"] == "Willowby Parish Council")
    assert silent["reason"] == "Searched 2 meetings from 2022 to 2024: no evidence."


def test_workbook_holds_the_same_rows_and_says_what_they_are(data: Path, tmp_path: Path) -> None:
    file = tmp_path / "swimming.xlsx"
    result = run(data, QUESTION, "--xlsx", str(file), "--to", "2025-12-31")
    assert (result.exit_code, result.stdout) == (0, "")
    assert result.stderr == f"6 rows written to {file}.\n"
    rows, about = sheets_of(file.read_bytes())
    table = list(csv.reader(io.StringIO(run(data, QUESTION, "--csv", "--to", "2025-12-31").stdout, newline="")))
    assert rows[0] == table[0]
    confidence = table[0].index("confidence")
    for mine, theirs in zip(rows[1:], table[1:], strict=True):
        assert float(mine[confidence] or "") == pytest.approx(float(theirs[confidence]))
        texts = [value or "" for value in mine[:confidence]]
        assert texts == [value.removeprefix("'") for value in theirs[:confidence]]
    assert ["question", QUESTION] in about
    assert ["filter", "to: 2025-12-31"] in about


def test_what_looks_like_a_formula_is_text(data: Path, tmp_path: Path) -> None:
    name = "=2+5 Council"
    rows = list(csv.reader(io.StringIO(run(data, QUESTION, "-a", name, "--csv").stdout, newline="")))
    assert rows[1][:2] == [f"'{name}", f"'{name}"]
    assert not [cell for row in rows for cell in row if cell.startswith(("=", "+", "-", "@"))]
    file = tmp_path / "formula.xlsx"
    run(data, QUESTION, "-a", name, "--xlsx", str(file))
    cells = sheets_of(file.read_bytes())[0][1]
    assert cells[:2] == [name, name]
    assert not [cell for cell in cells if cell and cell.startswith("FORMULA")]


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n"])
def test_every_beginning_of_a_formula_is_made_harmless(start: str) -> None:
    text = f"{start}SUM(A1)"
    assert list(csv.reader(io.StringIO(csv_of(["a"], [[text]]), newline="")))[1] == [f"'{text}"]
    assert csv_of(["a", "b"], [[-3, "3-4"]]) == "a,b\r\n-3,3-4\r\n"


def test_a_text_too_long_for_a_cell_says_that_it_is_cut() -> None:
    (rows,) = sheets_of(xlsx_of([("Sheet", ["a", "b"], [["x" * (MOST_CHARACTERS + 1), "y" * MOST_CHARACTERS]])]))
    first, second = rows[1]
    assert first is not None
    assert first.endswith(CUT)
    assert len(first) == MOST_CHARACTERS
    assert second == "y" * MOST_CHARACTERS


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        ([], 2, "Missing argument"),
        ([""], 2, "The query is empty"),
        ([QUESTION, "-a", "Oxmeer District"], 2, "Did you mean Oxmere District Council?"),
        ([QUESTION, "--region", "Narnia"], 2, "no region 'Narnia'"),
        ([QUESTION, "--over-time"], 2, "A timeline is of one authority"),
        ([QUESTION, "--json", "--csv"], 2, "Choose one of"),
        ([QUESTION, "--like", "Oxmere"], 2, "name the authorities to compare instead"),
        ([QUESTION, "--xlsx", "/no/such/folder/file.xlsx"], 1, "/no/such/folder/file.xlsx"),
    ],
)
def test_error_is_one_line_with_an_exit_code(data: Path, arguments: list[str], code: int, says: str) -> None:
    result = run(data, *arguments)
    assert (result.exit_code, result.stdout) == (code, "")
    assert len(result.stderr.splitlines()) == 1
    assert says in result.stderr


def test_a_region_of_which_nothing_is_held_says_so(data: Path) -> None:
    result = run(data, QUESTION, "--region", "London", "--type", "London borough")
    assert result.exit_code == 0
    assert re.search(r"Note: (\d+) of the \1 authorities \(London borough; London\) are not held\.", result.stdout)
    assert "Searched 0 documents." in result.stdout
