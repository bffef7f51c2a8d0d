"""The README is true: its tables come from the code, its commands and files exist."""

import re
import shlex

import pytest
from typer.testing import CliRunner

from fashion_assets.cli.app import app
from fashion_assets_tests.readme_tables import README, with_tables

TEXT = README.read_text()
COMMANDS = [
    line for block in re.findall(r"```bash\n(.*?)```", TEXT, re.DOTALL) for line in block.splitlines() if line.strip()
]
FASHION = [line.removeprefix(".venv/bin/") for line in COMMANDS if line.startswith(".venv/bin/fashion")]
MENTIONED = re.findall(r"`(?:\.venv/bin/)?(fashion [a-z][^`]*)`", TEXT)


def test_the_tables_are_those_of_the_code():
    assert with_tables(TEXT) == TEXT, "run python -m fashion_assets_tests.readme_tables"


@pytest.mark.parametrize("target", sorted(set(re.findall(r"\bmake ([a-z-]+)", TEXT))))
def test_make_targets_exist(target, repository):
    assert re.search(rf"^{target}:", (repository / "Makefile").read_text(), re.MULTILINE)


@pytest.mark.parametrize("command", sorted({*FASHION, *MENTIONED}))
def test_fashion_commands_parse(command):
    # `--help` keeps the command from running; unknown commands, options and missing values are refused all the same.
    result = CliRunner().invoke(app, [*shlex.split(command)[1:], "--help"])
    assert result.exit_code == 0, result.output


@pytest.mark.parametrize("link", sorted(set(re.findall(r"\]\((?!http|#)([^)]+)\)", TEXT))))
def test_linked_files_exist(link, repository):
    assert (repository / link).is_file()


@pytest.mark.parametrize("path", sorted(set(re.findall(r"`((?:fashion_assets|prompts)[\w/]*(?:\.py|/))`", TEXT))))
def test_mentioned_paths_exist(path, repository):
    assert (repository / path).exists()


def test_ci_runs_the_test_command_of_the_readme(repository):
    assert "make test" in COMMANDS
    assert "make test" in (repository / ".ci" / "run").read_text().splitlines()
