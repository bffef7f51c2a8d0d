"""Prompt files of strangers: nothing in one runs code, takes long or becomes large; each refusal is one sentence."""

import os
import resource
import time

import pytest

from fashion_assets.errors import PromptError
from fashion_assets.extraction.prompt_files import LARGEST_FILE
from fashion_assets.extraction.prompt_templates import LONGEST_TEXT
from fashion_assets.extraction.questions import MOST_NEW_TOKENS, load_questions

FRONT = "id: a\nversion: 1\napplies-to: {}\nmax-new-tokens: 20\nkeys: [material]\n"
ESCAPE = "cycler.__init__.__globals__.os.popen('touch %s').read()"


def prompt(folder, text, front=FRONT):
    (folder / "a.md").write_text(f"---\n{front}---\n{text}\n")
    return folder


@pytest.fixture(autouse=True)
def memory_stays_small():
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    yield
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 200_000  # KB


TEMPLATES = {
    "globals of a function": "{{ " + ESCAPE + " }}",
    "globals of a placeholder": "{{ material.__class__.__mro__ }}",
    "the same by a filter": "{{ material|attr('__class__') }}",
    "the same by an item": "{{ material['__cl' + 'ass__'] }}",
    "a format of an object": "{{ '{0.__class__}'.format(material) }}",
    "another file": "{% include '/etc/passwd' %}",
    "a macro that calls itself": "{% macro f() %}{{ f() }}{{ f() }}{% endmacro %}{{ f() }}",
    "a long loop": "{% for i in range(10**9) %}x{% endfor %}",
    "a long loop without powers": "{% for i in range(1000000000) %}x{% endfor %}",
    "a loop that says nothing": "{% for i in range(20000) %}{% endfor %}",
    "loops in loops": "{% for a in range(99) %}" * 3 + "{% endfor %}" * 3,
    "a loop with much in it": "{% for i in range(900) %}"
    + "{% if material in material %}{% endif %}" * 500
    + "{% endfor %}",
    "a long text": "{{ 'x' * 10**9 }}",
    "a long text by a filter": "{{ 'x'|center(1000000000) }}",
    "a long text by a method": "{{ 'x'.ljust(1000000000) }}",
    "a long text by a format": "{{ '%1000000000d' % 1 }}",
    "a long text by sums": "{% set a = 'xxxxxxxxxx' %}" + "{% set a = a + a %}" * 30 + "{{ a }}",
    "a long text by concatenation": "{% set a = 'xxxxxxxxxx' %}" + "{% set a = a ~ a %}" * 30 + "{{ a }}",
    "a long text by replacement": "{{ 'xx'" + "|replace('x', 'xxxxxxxxxxxxxxxx')" * 20 + " }}",
    "a long text by joining": "{{ 'xx'" + "|list|join('xxxxxxxxxxxxxxxx')" * 20 + " }}",
    "a long list": "{{ range(1000000000)|list|length }}",
    "a large number": "{{ 9**9**9 }}",
    "a number of many digits": "{{ " + "9" * 6000 + " }}",
    "a division by zero": "{{ 1 / 0 }}",
    "a wrong type": "{{ material - 1 }}",
    "no such item": "{{ [][0] }}",
    "the first of nothing": "{{ []|first }}",
    "an unknown placeholder": "{{ matereal }}",
    "an unknown filter": "{{ material|shout }}",
    "an unknown test": "{% if material is loud %}x{% endif %}",
    "no end": "{% if material %}",
    "many brackets": "{{ " + "(" * 9000 + " }}",
    "many signs": "{{ " + "not " * 7000 + "material }}",
    "many loops": "{% for a in material %}" * 150 + "{% endfor %}" * 150,
    "many terms": "{{ " + "material + " * 2500 + "material }}",
    "an attribute of a loop": "{% for a in material %}{{ loop._iterator }}{% endfor %}",
    "a method without a call": "{{ material.upper }}",
    "arguments from a list": "{{ material.split(*['x']) }}",
}


@pytest.mark.parametrize("what", TEMPLATES)
def test_a_text_that_is_not_harmless_is_refused_at_once(tmp_path, what):
    started = time.process_time()
    with pytest.raises(PromptError, match=r"but .*; correct it") as refused:
        load_questions(prompt(tmp_path, TEMPLATES[what] % tmp_path if "%s" in TEMPLATES[what] else TEMPLATES[what]))
    assert "a.md" in refused.value.value
    assert len(str(refused.value)) < 1000
    assert time.process_time() - started < 5
    assert [file.name for file in tmp_path.iterdir()] == ["a.md"]


@pytest.mark.parametrize(
    ("text", "rendered"),
    [
        ("{# for people #}One of {{ color|upper }}.", "One of RED, BLUE."),
        (
            "{% for v in color.split(', ') %}- {{ v|title }}{% if not loop.last %}\n{% endif %}{% endfor %}",
            "- Red\n- Blue",
        ),
        ("{% raw %}{{ color }}{% endraw %}", "{{ color }}"),
        ("{{ color.split(', ')|sort|join(' or ') }}", "blue or red"),
        ("{{ color|replace(', ', '/') }}", "red/blue"),
        ("{% for n in range(1, 3) %}{{ n }}{{ loop.cycle('a', 'b') }}{% endfor %}", "1a2b"),
        ("{{ 'yes' if 'red' in color else 'no' }} {{ color[:3] }}", "yes red"),
        ('{"a": [1, 2]} 100 % {x}', '{"a": [1, 2]} 100 % {x}'),
    ],
)
def test_what_prompts_need_works(text, rendered):
    from fashion_assets.extraction.prompt_templates import render

    assert render(text, {"color": "red, blue"}) == rendered


def test_a_text_may_be_as_long_as_the_limit(tmp_path):
    (question,) = load_questions(prompt(tmp_path, "x" * LONGEST_TEXT))
    assert len(question.text) == LONGEST_TEXT
    with pytest.raises(PromptError, match=f"longer than {LONGEST_TEXT}"):
        load_questions(prompt(tmp_path, "x" * (LONGEST_TEXT + 1)))


FRONTS = {
    "aliases of aliases": "a: &a [x, x, x, x, x, x, x, x, x]\nkeys: [" + "*a, " * 9 + "*a]\n",
    "an object of Python": "id: !!python/object/apply:os.system ['true']\n",
    "deep lists": "id: " + "[" * 5000 + "]" * 5000 + "\n",
    "no such date": "id: 2001-99-99\n",
    "a large number": FRONT.replace("20", "9" * 6000),
    "too many tokens": FRONT.replace("20", str(MOST_NEW_TOKENS + 1)),
    "no tokens": FRONT.replace("20", ".nan"),
    "a list": "- 1\n",
    "a key of the library": FRONT + "content: 1\nhandler: 2\nid: [1]\n",
    "a control character": FRONT + "x: \x01\n",
    "a long value": FRONT.replace("id: a", f"id: [{'x' * 9000}]"),
}


@pytest.mark.parametrize("what", FRONTS)
def test_a_front_matter_that_is_not_harmless_is_refused_at_once(tmp_path, what):
    with pytest.raises(PromptError, match=r"but .*; correct it") as refused:
        load_questions(prompt(tmp_path, "{{ material }}", FRONTS[what]))
    assert len(str(refused.value)) < 1000


def test_what_is_not_a_text_file_is_refused(tmp_path):
    file = tmp_path / "a.md"
    file.mkdir()
    with pytest.raises(PromptError, match="is not a file"):
        load_questions(tmp_path)
    file.rmdir()
    os.mkfifo(file)
    with pytest.raises(PromptError, match="is not a file"):
        load_questions(tmp_path)
    file.unlink()
    file.symlink_to("/dev/zero")
    with pytest.raises(PromptError, match="is not a file"):
        load_questions(tmp_path)
    file.unlink()
    file.symlink_to(tmp_path / "nowhere")
    with pytest.raises(PromptError, match="cannot be read"):
        load_questions(tmp_path)
    file.unlink()
    file.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(PromptError, match="is not UTF-8"):
        load_questions(tmp_path)
    file.write_bytes(b" " * (LARGEST_FILE + 1))
    with pytest.raises(PromptError, match=f"more than {LARGEST_FILE} bytes"):
        load_questions(tmp_path)
