"""Prompt files: what they render to, whom they are asked of, and what is refused."""

import re
from dataclasses import replace

import polars as pl
import pytest

from fashion_assets.errors import PromptError
from fashion_assets.extraction.questions import load_questions, prompts_version, require_essential
from fashion_assets.extraction.resources import PromptsResource

PROMPT = """---
id: {id}
version: 1
applies-to: {{}}
max-new-tokens: 20
keys: [{keys}]
---
Say one of {{{{ {placeholder} }}}}.
"""


def write(folder, name="a", keys="material", placeholder="material"):
    folder.mkdir(exist_ok=True)
    (folder / f"{name}.md").write_text(PROMPT.format(id=name, keys=keys, placeholder=placeholder))


def test_the_shipped_prompts_ask_for_every_field_once(questions):
    keys = [key for question in questions for key in question.keys]
    assert sorted(keys) == sorted(
        ["material", "pattern", "confidence", "formality", "style_keywords", "details", "collar", "sleeves", "fit"]
    )


def test_every_allowed_value_is_in_the_prompt_text(questions):
    for question in questions:
        for field in question.fields:
            assert all(value in question.text for value in field.vocabulary.values())


@pytest.mark.parametrize(
    ("master", "sub", "asked"),
    [
        ("Apparel", "Topwear", True),
        ("Apparel", "Loungewear and Nightwear", True),
        ("Apparel", "Innerwear", False),
        ("Apparel", "Socks", False),
        ("Accessories", "Topwear", False),
        ("Apparel", None, False),
    ],
)
def test_garment_details_are_asked_of_garments(questions, master, sub, asked):
    question = next(q for q in questions if q.id == "garment_details")
    row = pl.DataFrame(
        {"master_category": [master], "sub_category": [sub]}, schema_overrides={"sub_category": pl.String}
    )
    assert row.select(question.applies()).item() is asked


def test_an_edited_prompt_is_another_version(questions, tmp_path, repository):
    folder = tmp_path / "prompts"
    folder.mkdir()
    for file in (repository / "prompts").glob("*.md"):
        (folder / file.name).write_text(file.read_text().replace("made of", "made out of"))
    edited = load_questions(folder)
    assert prompts_version(edited) != prompts_version(questions)
    changed = [q.id for q, e in zip(questions, edited, strict=True) if q.text_hash != e.text_hash]
    assert changed == ["material_and_pattern"]


def test_an_empty_folder_is_refused(tmp_path):
    with pytest.raises(PromptError, match="FASHION_PROMPTS"):
        load_questions(tmp_path)


def test_an_unknown_key_is_refused(tmp_path):
    write(tmp_path / "p", keys="weight")
    with pytest.raises(PromptError, match=r"keys\.0 is 'weight'.*'material'"):
        load_questions(tmp_path / "p")


def test_an_unknown_placeholder_is_refused(tmp_path):
    write(tmp_path / "p", placeholder="weight")
    with pytest.raises(PromptError, match="weight"):
        load_questions(tmp_path / "p")


def test_asking_for_a_key_twice_is_refused(tmp_path):
    write(tmp_path / "p", "a")
    write(tmp_path / "p", "b")
    with pytest.raises(PromptError, match=r"which '.*a\.md' already asks for"):
        load_questions(tmp_path / "p")


def test_an_id_that_is_used_twice_is_refused(tmp_path):
    write(tmp_path / "p", "a")
    write(tmp_path / "p", "b", keys="pattern")
    (tmp_path / "p" / "b.md").write_text((tmp_path / "p" / "b.md").read_text().replace("id: b", "id: a"))
    with pytest.raises(PromptError, match=r"has the id 'a', which '.*a\.md' has too"):
        load_questions(tmp_path / "p")


@pytest.mark.parametrize(
    ("line", "instead", "words"),
    [
        ("applies-to: {}", "applies-to: {master_category: Apparel}", "applies-to.master_category is 'Apparel'"),
        ("applies-to: {}", "applies-to: {weight: [1]}", "weight"),
        ("max-new-tokens: 20", "max-new-tokens: many", "max-new-tokens is 'many'"),
        ("max-new-tokens: 20", "max-new-tokens: 0", "max-new-tokens is 0"),
        ("max-new-tokens: 20", "max-new-tokens: 20\nmin-allowed-mass: 2", "min-allowed-mass is 2"),
        ("keys: [material]", "keys: []", "keys is"),
        ("keys: [material]", "keys: material", "keys is 'material'"),
    ],
)
def test_front_matter_that_cannot_be_meant_is_refused(tmp_path, line, instead, words):
    write(tmp_path / "p")
    file = tmp_path / "p" / "a.md"
    file.write_text(file.read_text().replace(line, instead))
    with pytest.raises(PromptError, match=re.escape(words)):
        load_questions(tmp_path / "p")


def test_numbers_may_be_what_a_prompt_applies_to(tmp_path):
    write(tmp_path / "p")
    file = tmp_path / "p" / "a.md"
    file.write_text(file.read_text().replace("applies-to: {}", "applies-to: {year: [2012]}"))
    (question,) = load_questions(tmp_path / "p")
    rows = pl.DataFrame({"year": [2012, 2013, None]})
    assert rows.select(question.applies()).to_series().to_list() == [True, False, False]


def test_prompts_without_an_essential_field_are_refused(questions, tmp_path):
    require_essential(questions)
    write(tmp_path / "p")
    with pytest.raises(PromptError, match="No prompt asks for pattern, formality"):
        PromptsResource(folder=str(tmp_path / "p")).questions()


def test_missing_front_matter_is_refused(tmp_path):
    (tmp_path / "a.md").write_text("Say something.")
    with pytest.raises(PromptError, match="lacks id"):
        load_questions(tmp_path)


def test_a_longer_answer_is_another_version(questions):
    longer = [replace(question, max_new_tokens=question.max_new_tokens + 1) for question in questions]
    assert prompts_version(longer) != prompts_version(questions)
