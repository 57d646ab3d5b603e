"""The example that the README gives for Python runs as it stands, and prints what the samples hold."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from corpus.catalogue import Catalogue
from index.search import Searcher
from tests.conftest import ROOT

README = (ROOT / "README.md").read_text(encoding="utf-8")


def example() -> str:
    """Return the fenced example below the heading."""
    found = re.search(r"^## From Python\n.*?^```python\n(.*?)^```", README, re.MULTILINE | re.DOTALL)
    assert found, "README has no example below '## From Python'"
    return found[1]


@pytest.fixture(scope="module")
def printed(sample_data: Path, tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """Run the example where ``make run`` would have put the samples; return the lines it prints."""
    directory = tmp_path_factory.mktemp("python")
    (directory / "data").mkdir()
    (directory / "data" / "samples").symlink_to(sample_data, target_is_directory=True)
    script = directory / "example.py"
    script.write_text(example(), encoding="utf-8")
    done = subprocess.run(
        [sys.executable, script], cwd=directory, env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def test_example_prints_sentences_with_their_citations(printed: list[str], sample_data: Path) -> None:
    """What it prints of the answer stands in the samples, and each citation is of the authority that was asked for."""
    citations = [line.strip() for line in printed if line.startswith("   ")]
    assert citations
    assert all(citation.startswith("Wexcombe District Council, ") for citation in citations)
    catalogue = Catalogue(sample_data)
    ids = [row[0] for row in catalogue.connection.execute("SELECT document_id FROM documents")]
    stored = " ".join(" ".join(catalogue.document(name).text.split()) for name in ids)
    decided = [line.removeprefix("[decision] ") for line in printed if line.startswith("[decision] ")]
    assert decided
    assert all(words in stored for words in decided)


def test_example_prints_the_hits_of_the_search(printed: list[str], searcher: Searcher) -> None:
    """The last lines are the hits, as a search in this process finds them."""
    hits = searcher.search("contact with care leavers", k=3).hits
    assert printed[-3:] == [f"{hit.rank} {hit.relevance} {hit.citation}" for hit in hits]
