"""The plain package names are ours, and a built wheel would hold every file that the program reads."""

import importlib.metadata
import importlib.util
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ["corpus", "ingest", "index", "webapp"]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def shipped(package: str) -> set[Path]:
    """Return the data files of a package that its globs put into a wheel."""
    patterns = PROJECT["tool"]["setuptools"]["package-data"].get(package, [])
    return {file for pattern in patterns for file in (ROOT / package).glob(pattern) if file.is_file()}


READ_IN_THE_REPOSITORY = [ROOT / name for name in ("corpus/SAMPLES.md", "corpus/evaluation", "index/training")]


@pytest.mark.parametrize("package", PACKAGES)
def test_package_is_the_one_of_this_repository(package: str) -> None:
    spec = importlib.util.find_spec(package)
    assert spec is not None
    assert spec.origin is not None
    assert Path(spec.origin).is_relative_to(ROOT)


@pytest.mark.parametrize("package", PACKAGES)
def test_package_name_belongs_to_one_distribution(package: str) -> None:
    assert set(importlib.metadata.packages_distributions()[package]) == {"minutebook"}


@pytest.mark.parametrize("package", PACKAGES)
def test_wheel_holds_every_data_file_of_the_package(package: str) -> None:
    data = {
        file
        for file in (ROOT / package).rglob("*")
        if file.is_file() and file.suffix not in {".py", ".pyc"} and "__pycache__" not in file.parts
    }
    kept = {file for file in data if not any(file.is_relative_to(place) for place in READ_IN_THE_REPOSITORY)}
    assert kept - shipped(package) == set()


@pytest.mark.parametrize(
    "name",
    ["corpus/authorities.csv", "corpus/schema.sql", "corpus/samples/manifest.csv", "webapp/templates/base.html",
     "webapp/static/style.css"],
)  # fmt: skip
def test_wheel_holds_what_the_program_opens(name: str) -> None:
    assert ROOT / name in shipped(name.split("/")[0])


@pytest.mark.parametrize("package", PACKAGES)
def test_every_folder_with_code_is_a_package(package: str) -> None:
    """A folder without __init__.py would be left out of the wheel in silence."""
    folders = {file.parent for file in (ROOT / package).rglob("*.py")}
    assert [folder for folder in folders if not (folder / "__init__.py").is_file()] == []


def test_command_is_installed() -> None:
    (entry,) = importlib.metadata.entry_points(group="console_scripts", name="minutebook")
    assert callable(entry.load())
