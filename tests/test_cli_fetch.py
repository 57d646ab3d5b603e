"""The command fetch, and the coverage it leads to."""

import json
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from corpus.catalogue import Catalogue
from corpus.coverage import Meeting, prepare, save_host, save_meetings
from ingest.live.fetch import FetchReport
from ingest.live.web import Limits
from tests.council_site import CouncilSite, answers, running
from webapp.commands.fetch import coverage_json, fetch, print_coverage

WINDOW = ["--since", "2025-11-20", "--until", "2027-02-01"]


@pytest.fixture
def site(monkeypatch: pytest.MonkeyPatch) -> Iterator[CouncilSite]:
    """A council's site on this machine, which the command may ask for once."""
    here = frozenset({"127.0.0.1"})
    monkeypatch.setattr("ingest.live.web.Limits", partial(Limits, permitted_addresses=here, first_wait=0.005))
    with running() as server:
        yield server


def invoke(data: Path, *arguments: str) -> Result:
    """Run the command."""
    return CliRunner().invoke(fetch, list(arguments), obj=data)


def test_fetch_asks_keeps_reads_and_tells(site: CouncilSite, tmp_path: Path) -> None:
    """One command from a site to documents that can be searched, and to their coverage."""
    target = f"{site.url}/mgListCommittees.aspx"
    result = invoke(tmp_path, target, *WINDOW, "--delay", "0.1", "--committee", "Planning", "--json")
    assert result.exit_code == 0, result.output
    told = json.loads(result.stdout)
    (host,) = told["hosts"]
    assert (host["result"], host["how"], host["meetings"]) == ("fetched", "service", 5)
    assert told["ingest"]["new"] >= 2
    assert told["ingest"]["unreadable"] == []
    catalogue = Catalogue(tmp_path)
    rows = catalogue.connection.execute(
        "SELECT committee, meeting_date FROM documents WHERE kind = 'minutes'"
    ).fetchall()
    assert ("Planning Committee", "2026-10-05") in [tuple(row) for row in rows]
    (entry,) = coverage_json(catalogue)
    assert (entry["authority"], entry["with_minutes"]) == (f"127.0.0.1:{site.server_address[1]}", 2)
    catalogue.close()


def test_report_says_what_failed_and_why(site: CouncilSite, tmp_path: Path) -> None:
    """A site that could not be asked: its reason, exit code 1, and nothing ingested."""
    site.faults["as"] = answers(403)
    result = invoke(tmp_path, f"{site.url}/mgListCommittees.aspx", *WINDOW, "--delay", "0.1")
    assert result.exit_code == 1
    assert "could not ask" in result.stdout
    assert "403 (forbidden)" in result.stdout
    assert "Documents:" not in result.stdout


def test_no_meetings_is_no_failure(site: CouncilSite, tmp_path: Path) -> None:
    """Recess."""
    site.meetings.clear()
    result = invoke(tmp_path, f"{site.url}/mgListCommittees.aspx", *WINDOW, "--delay", "0.1")
    assert (result.exit_code, result.stdout) == (0, f"127.0.0.1:{site.server_address[1]}: no meetings\n")


@pytest.mark.parametrize(
    ("arguments", "code"),
    [([], 2), (["X", "--since", "yesterday"], 2), (["X", "--delay", "0"], 2), (["Nowhere-on-Sea"], 1)],
)
def test_wrong_use_asks_nobody_and_makes_nothing(tmp_path: Path, arguments: list[str], code: int) -> None:
    """The data directory stays as it was."""
    data = tmp_path / "data"
    assert invoke(data, *arguments).exit_code == code
    assert not data.exists()


def test_dates_the_wrong_way_round(tmp_path: Path) -> None:
    """Said, not swapped."""
    result = invoke(tmp_path / "data", "Derby", "--since", "2026-02-01", "--until", "2026-01-01")
    assert result.exit_code == 2
    assert "--since is after --until" in result.stderr


def test_private_address_is_not_fetched(tmp_path: Path) -> None:
    """Without the permission that tests give, this machine is never asked."""
    result = invoke(tmp_path, "http://127.0.0.1:8080/mgListCommittees.aspx", "--delay", "0.1")
    assert result.exit_code == 1
    assert "private address" in result.stdout


def test_coverage_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Counts, dates, the last attempt and the gaps; an empty catalogue says so."""
    catalogue = Catalogue(tmp_path, create=True)
    print_coverage(catalogue)
    assert capsys.readouterr().out == "No meetings are known yet.\n"
    prepare(catalogue)
    for number in range(4):
        when = f"2020-0{number + 1}-06"
        meeting = Meeting("site", str(number), "Wychmere Borough Council", "Cabinet\x1b[2J", when, "", minutes="final")
        save_meetings(catalogue, [meeting])
    save_host(
        catalogue, "site", "Wychmere Borough Council", result="could not ask", reason="403", asked="2026-11-20T12:00"
    )
    print_coverage(catalogue)
    out = capsys.readouterr().out.splitlines()
    assert out[:3] == [
        "Wychmere Borough Council",
        "  4 meetings, 4 with minutes, 0 without, 0 partial, 0 failed; last attempt: could not ask (403); "
        "never fetched",
        "  Cabinet[2J: 4 meetings, 4 with minutes, 0 without, 0 partial, 0 failed, 0 cancelled, 0 to come, "
        "2020-01-06 to 2020-04-06",
    ]
    assert out[3].startswith("    Gap: no minutes from 2020-04-06 to today (")
    catalogue.close()


def limits_of(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, *arguments: str) -> dict[str, Any]:
    """Return the limits that the command makes for its client."""
    seen: dict[str, Any] = {}

    def note(**given: Any) -> Limits:
        seen.update(given)
        return Limits(**given)

    monkeypatch.setattr("ingest.live.web.Limits", note)
    monkeypatch.setattr("ingest.live.fetch.fetch", lambda *_, **__: FetchReport())
    invoke(tmp_path, "Derby", *arguments)
    return seen


def test_certificates_are_verified_unless_told_otherwise(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """--insecure is the only way."""
    assert limits_of(monkeypatch, tmp_path) == {"delay": 1.0, "verify": True}
    assert limits_of(monkeypatch, tmp_path, "--insecure", "--delay", "3") == {"delay": 3.0, "verify": False}
