"""The documentation is true: its generated parts come from the code; commands, links, paths and settings exist."""

import importlib.util
import re
import shlex
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml
from typer.testing import CliRunner

from docs.generate import MARK, PARTS, REPOSITORY, generated_parts, pages, with_generated_parts
from docs.reference import error_tree
from fashion_assets.cli.app import app

PAGES = pages()
TEXTS = {str(page.relative_to(REPOSITORY)): page.read_text() for page in PAGES}
MOST_BYTES_OF_README = 10 * 1024


def mentions(find: Callable[[str], list[str]]) -> list[str]:
    """What `find` finds in any page, once each."""
    return sorted({mention for text in TEXTS.values() for mention in find(text)})


def commands_of(text: str) -> list[str]:
    """The `fashion` commands of a page, in its blocks of commands and within its sentences."""
    blocks = re.findall(r"```bash\n(.*?)```", text, re.DOTALL)
    lines = [line.strip().removeprefix(".venv/bin/") for block in blocks for line in block.splitlines()]
    within = re.findall(r"`(?:\.venv/bin/)?(fashion [a-z][^`]*)`", text)
    return [line for line in (*lines, *within) if line.startswith("fashion ")]


def slug(heading: str) -> str:
    """The anchor that GitHub gives a heading."""
    plain = re.sub(r"[`*]|\[([^]]*)\]\([^)]*\)", r"\1", heading).strip().lower()
    return re.sub(r"[^\w\- ]", "", plain).replace(" ", "-")


def anchors_of(text: str) -> set[str]:
    without_blocks = re.sub(r"```.*?```", "", text, flags=re.DOTALL)
    return {slug(heading) for heading in re.findall(r"^#+ (.+)$", without_blocks, re.MULTILINE)}


def links_of(text: str) -> list[str]:
    return re.findall(r"\]\((?!https?:)([^)]+)\)", text)


def broken_links(page: Path, text: str) -> list[str]:
    """The links of a page that lead to no file, or to no heading of a page."""
    broken = []
    for link in links_of(text):
        path, _, anchor = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        if not target.is_file() or (anchor and anchor not in anchors_of(target.read_text())):
            broken.append(link)
    return broken


def test_the_readme_is_short():
    assert len((REPOSITORY / "README.md").read_bytes()) <= MOST_BYTES_OF_README


@pytest.mark.parametrize("page", TEXTS)
def test_the_generated_parts_are_those_of_the_code(page):
    assert with_generated_parts(TEXTS[page]) == TEXTS[page], "run `make docs`"


def test_every_generated_part_has_one_place():
    assert sorted(name for text in TEXTS.values() for name in generated_parts(text)) == sorted(PARTS)


def test_an_unknown_part_is_refused():
    with pytest.raises(KeyError, match="weather"):
        with_generated_parts("<!-- generated: weather -->\n<!-- end -->")


@pytest.mark.parametrize("page", TEXTS)
def test_links_lead_somewhere(page):
    assert broken_links(REPOSITORY / page, TEXTS[page]) == []


def test_a_broken_link_and_a_broken_anchor_are_found(tmp_path):
    page = tmp_path / "page.md"
    page.write_text(
        "# What is `it`?\n[a](page.md#what-is-it) [b](page.md#what) [c](nowhere.md) [d](https://example.com)"
    )
    assert broken_links(page, page.read_text()) == ["page.md#what", "nowhere.md"]


def test_every_page_is_reached_from_the_index():
    linked = {(REPOSITORY / "docs" / link.partition("#")[0]).resolve() for link in links_of(TEXTS["docs/README.md"])}
    in_docs = {page for page in PAGES if page.parent == REPOSITORY / "docs"}
    assert in_docs - linked == {REPOSITORY / "docs" / "README.md"}


@pytest.mark.parametrize(
    "target", mentions(lambda text: re.findall(r"(?:`|^\s*)make ([a-z][a-z-]*)", text, re.MULTILINE))
)
def test_make_targets_exist(target):
    assert re.search(rf"^{target}:", (REPOSITORY / "Makefile").read_text(), re.MULTILINE)


@pytest.mark.parametrize("command", mentions(commands_of))
def test_fashion_commands_parse(command):
    # `--help` keeps the command from running; unknown commands, options and missing values are refused all the same.
    result = CliRunner().invoke(app, [*shlex.split(command)[1:], "--help"])
    assert result.exit_code == 0, result.output


@pytest.mark.parametrize("module", mentions(lambda text: re.findall(r"python -m ([a-z_.]+[a-z_])", text)))
def test_modules_that_are_run_exist(module):
    assert importlib.util.find_spec(module)


@pytest.mark.parametrize(
    "path",
    mentions(
        lambda text: re.findall(
            r"`((?:fashion_assets|fashion_assets_tests|prompts|training|benchmarks)/[\w/.]*)`", text
        )
    ),
)
def test_mentioned_paths_exist(path):
    assert (REPOSITORY / path).exists()


def test_settings_that_are_mentioned_are_listed():
    listed = set(re.findall(r"^\| `(FASHION_\w+)`", TEXTS["docs/settings.md"], re.MULTILINE))
    assert set(mentions(lambda text: re.findall(r"FASHION_[A-Z_]*[A-Z]", text))) <= listed | {"FASHION_NAME"}


def test_every_error_has_a_remedy():
    """In the table of remedies: its own, or that of an error above it."""
    remedies = TEXTS["docs/errors.md"].partition("## Which errors")[0]
    explained = set(re.findall(r"`(\w+)`", remedies))
    lacking = [
        error.__name__
        for depth, error in error_tree()
        if depth and not {above.__name__ for above in error.__mro__} & explained
    ]
    assert lacking == []


def disused_words() -> list[str]:
    """The words of the glossary's last table that are wrong wherever they stand."""
    rows = re.findall(
        r"^\| ([^|]+) \|", TEXTS["docs/glossary.md"].partition("## Words that we do not use")[2], re.MULTILINE
    )
    return [word for row in rows[2:] if "(" not in row for word in row.split(", ")]


def disused_words_in(text: str) -> list[str]:
    """Those that a page's own sentences have; what is generated is the code's business."""
    own_text = MARK.sub("", text).lower()
    return [word for word in disused_words() if re.search(rf"\b{word}\b", own_text)]


@pytest.mark.parametrize("page", sorted(TEXTS.keys() - {"docs/glossary.md"}))
def test_pages_keep_to_the_glossary(page):
    assert disused_words_in(TEXTS[page]) == []


def test_disused_words_are_found():
    text = "Mend what was asked about. <!-- generated: gates -->\nIn step.<!-- end -->"
    assert disused_words_in(text) == ["mend", "asked about"]


def test_ci_runs_the_test_command_that_contributors_are_given():
    commands = [line.split()[:2] for line in (REPOSITORY / ".ci" / "run").read_text().splitlines()]
    assert "make test" in TEXTS["CONTRIBUTING.md"]
    assert ["make", "test"] in commands


def test_commits_are_linted_without_a_network():
    configuration = yaml.safe_load((REPOSITORY / ".pre-commit-config.yaml").read_text())
    assert [repository["repo"] for repository in configuration["repos"]] == ["local"]
    hooks = [hook for repository in configuration["repos"] for hook in repository["hooks"]]
    assert hooks
    assert all(hook["language"] == "system" and hook["entry"].startswith(".venv/bin/") for hook in hooks)
