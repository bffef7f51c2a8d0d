"""The questions that rivals read from a file."""

import pytest

from benchmarks.peers.questions import read_questions, write_questions
from fashion_assets.extraction.questions import default_prompts_folder, load_questions


@pytest.fixture
def questions(tmp_path):
    write_questions(tmp_path)
    return read_questions(tmp_path)


def test_they_are_those_of_the_project(questions):
    projects = load_questions(default_prompts_folder())
    assert [(of.id, of.text, of.max_new_tokens) for of in questions] == [
        (of.id, of.text, of.max_new_tokens) for of in projects
    ]


@pytest.mark.parametrize(
    ("master", "sub", "asked"), [("Apparel", "Topwear", 3), ("Apparel", "Socks", 2), ("Footwear", "Topwear", 2)]
)
def test_a_question_is_asked_where_all_columns_have_its_values(questions, master, sub, asked):
    product = {"master_category": master, "sub_category": sub}
    assert sum(question.applies(product) for question in questions) == asked
