"""What a user can see is in the README, and what the README names exists."""

import re

import click
import pytest
from flask import Flask

from corpus.settings import SETTINGS
from index.search import Hit
from tests.conftest import ROOT
from webapp.cli import main

README = (ROOT / "README.md").read_text(encoding="utf-8")
COMMANDS = sorted(main.commands)
SEARCH_ROW = next(line for line in README.splitlines() if line.startswith("| `minutebook search"))


@pytest.mark.parametrize("name", COMMANDS)
def test_readme_names_command_with_its_options(name: str) -> None:
    """Every command stands in the table of commands with every option of its own."""
    row = next((line for line in README.splitlines() if line.startswith(f"| `minutebook {name}")), "")
    assert row, f"README has no row for {name}"
    command = main.commands[name]
    assert command.help
    row = row.replace("[the filters of search]", SEARCH_ROW)
    for parameter in command.params:
        if isinstance(parameter, click.Option) and "--data" not in parameter.opts:
            assert any(option in row for option in parameter.opts), f"{name}: {parameter.opts}"


def test_readme_names_no_other_command() -> None:
    """Every `minutebook X` that the README shows is a command."""
    shown = set(re.findall(r"minutebook (?:--data \S+ )?([a-z]+)", README.replace("\n", " ")))
    assert shown <= set(COMMANDS)


@pytest.mark.parametrize("setting", SETTINGS, ids=lambda setting: setting.name)
def test_readme_names_setting(setting: object) -> None:
    """Every setting stands in the README."""
    assert f"`{setting.name}`" in README  # type: ignore[attr-defined]


def test_readme_names_every_route(app: Flask) -> None:
    """Every address that the app answers stands in the README."""
    for rule in app.url_map.iter_rules():
        if rule.endpoint != "static":
            assert f"`{rule.rule}`" in README, rule.rule


def test_readme_explains_every_field_of_a_hit() -> None:
    """Every field of the JSON of a hit has its row."""
    rows = " ".join(line.split("|")[1] for line in README.splitlines() if line.startswith("| `"))
    for field in Hit.__dataclass_fields__:
        assert f"`{field}`" in rows, field


def test_make_targets_of_readme_exist() -> None:
    """The two commands of the README are targets, and CI calls the test command."""
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for target in re.findall(r"^make (\w+)", README, re.MULTILINE):
        assert re.search(rf"^{target}:", makefile, re.MULTILINE), target
    run = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    assert "set -e" in run
    assert re.search(r"^make test$", run, re.MULTILINE)
