"""The demo's frozen vocabulary: accepted by the shipped taxonomy, and unmoved when the taxonomy grows by a value."""

import ast
import hashlib
import json
import os
import random
import subprocess
import sys
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

import fashion_assets.demo
import training
from fashion_assets.demo.attributes import sample_product
from fashion_assets.demo.catalog import write_demo_catalog
from fashion_assets.demo.render import jpeg
from fashion_assets.demo.vocabulary import ATTRIBUTES
from fashion_assets.extraction.questions import Question, default_prompts_folder, load_questions
from training.clip.captions import description_caption, known_words, random_caption
from training.vlm.wordings import reworded

INDEPENDENT = [Path(package.__path__[0]) for package in (fashion_assets.demo, training)]
PRODUCTS = 20
NEW_MATERIAL = "velvet"

QUICK_TESTS = (
    "demo/test_attributes.py",
    "training/clip/test_captions.py",
    "training/evaluation/test_paraphrases.py",
    "training/vlm/test_distractors.py",
)
"""Those tests of the demo and of its training that compare values with each other and load no model."""


def accepted_values(questions: Iterable[Question], key: str) -> set[str]:
    """What the schema of the answers allows for a key."""
    schema = next(question.schema["properties"][key] for question in questions if key in question.keys)
    return set(schema.get("items", schema)["enum"])


def demo_output(folder: Path) -> dict[str, str]:
    """A hash of everything that the demo writes, and of the texts that its models are taught."""
    catalog = write_demo_catalog(folder, PRODUCTS, seed=3, processes=1)
    products = [sample_product(3, index, "balanced") for index in range(PRODUCTS)]
    rng = random.Random(0)
    # The prompts list what the taxonomy has, and are meant to; what training adds to them must not.
    questions = [replace(question, text="A prompt.") for question in load_questions(default_prompts_folder())]
    output = {
        "catalog": catalog.table.read_text(),
        "labels": catalog.labels.read_text(),
        "photos": [hashlib.sha256(jpeg(product)).hexdigest() for product in products],
        "truths": [product.truth for product in products],
        "captions": [random_caption(product, rng).text for product in products],
        "descriptions": [description_caption(product).text for product in products],
        "words": known_words(),
        "wordings": [reworded(question, rng) for question in questions for _ in range(20)],
    }
    return {name: hashlib.sha256(json.dumps(content).encode()).hexdigest() for name, content in output.items()}


def imports_of(module: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(module.read_text())):
        if isinstance(node, ast.ImportFrom):
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)


@pytest.fixture(scope="module")
def bigger_shop(repository: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the repository, most of it linked, whose taxonomy has one more material: the line of canvas again."""
    root = tmp_path_factory.mktemp("bigger_shop")
    for name in ("training", "fashion_assets_tests", "pyproject.toml"):
        (root / name).symlink_to(repository / name)
    (root / "fashion_assets" / "shop").mkdir(parents=True)
    for path in (repository / "fashion_assets").iterdir():
        if path.name != "shop":
            (root / "fashion_assets" / path.name).symlink_to(path)
    added = 0
    for path in (repository / "fashion_assets" / "shop").iterdir():
        if path.is_dir():  # words of shops and of languages, which no value has to have
            (root / "fashion_assets" / "shop" / path.name).symlink_to(path)
            continue
        lines: list[str] = []
        for line in path.read_text().splitlines(keepends=True):
            new = line.replace("canvas", NEW_MATERIAL).replace("CANVAS", NEW_MATERIAL.upper())
            lines += [line] if new == line else [line, new]
            added += new != line
        (root / "fashion_assets" / "shop" / path.name).write_text("".join(lines))
    assert added == 1, "canvas is no longer one line in fashion_assets/shop"
    return root


def run_in(root: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Python with the packages of `root`."""
    command = [sys.executable, *arguments]
    return subprocess.run(
        command, cwd=root, env={**os.environ, "PYTHONPATH": str(root)}, capture_output=True, text=True
    )


@pytest.mark.parametrize("key", ATTRIBUTES)
def test_the_shipped_taxonomy_accepts_every_value(questions: list[Question], key: str):
    assert set(ATTRIBUTES[key].vocabulary.values()) <= accepted_values(questions, key)


@pytest.mark.parametrize("folder", INDEPENDENT, ids=lambda folder: folder.name)
def test_demo_and_training_never_read_the_taxonomy(folder: Path):
    modules = sorted(folder.rglob("*.py"))
    assert modules
    assert [
        str(module) for module in modules if any("fashion_assets.shop" in name for name in imports_of(module))
    ] == []


def test_one_more_material_changes_nothing_that_the_demo_writes_or_teaches(bigger_shop: Path, tmp_path: Path):
    script = (
        "import json, sys; from pathlib import Path; from fashion_assets_tests.demo.test_vocabulary import *; "
        "questions = load_questions(default_prompts_folder()); "
        "print(json.dumps([sorted(accepted_values(questions, 'material')), demo_output(Path(sys.argv[1]))]))"
    )
    process = run_in(bigger_shop, "-c", script, str(tmp_path / "bigger"))
    assert process.returncode == 0, process.stderr
    materials, output = json.loads(process.stdout)
    assert NEW_MATERIAL in materials
    assert output == demo_output(tmp_path / "shipped")


def test_one_more_material_fails_no_test_of_the_demo(bigger_shop: Path):
    tests = [f"fashion_assets_tests/{name}" for name in QUICK_TESTS]
    process = run_in(bigger_shop, "-m", "pytest", "-p", "no:cacheprovider", "-p", "no:xdist", *tests)
    assert process.returncode == 0, process.stdout
