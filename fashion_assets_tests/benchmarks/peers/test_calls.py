"""What the models were asked, noted where a kill cannot lose it."""

import pytest

from benchmarks.peers import calls


class Model:
    def answer(self, photos, question):
        if question == "broken":
            raise RuntimeError("no answer")
        return [question for _ in photos]


@pytest.fixture
def file(tmp_path, monkeypatch):
    monkeypatch.setenv(calls.FILE, str(tmp_path / "calls"))
    return tmp_path / "calls"


def test_inputs_are_counted_by_kind(file):
    model, other = Model(), Model()
    calls.note_calls(model, "answer", calls.QUESTIONS)
    calls.note_calls(other, "answer", calls.TEXTS)
    assert model.answer([1, 2, 3], "which?") == ["which?"] * 3
    model.answer([4], "which?")
    other.answer([5, 6], "which?")
    assert calls.read_calls(file) == {calls.QUESTIONS: 4, calls.TEXTS: 2}


def test_a_call_that_failed_is_not_counted(file):
    model = Model()
    calls.note_calls(model, "answer", calls.QUESTIONS)
    with pytest.raises(RuntimeError, match="no answer"):
        model.answer([1], "broken")
    assert calls.read_calls(file) == {}


def test_a_model_that_is_loaded_twice_is_counted_once(file):
    model = Model()
    for _ in range(2):
        calls.note_calls(model, "answer", calls.QUESTIONS)
    model.answer([1], "which?")
    assert calls.read_calls(file) == {calls.QUESTIONS: 1}


def test_without_a_file_nothing_is_noted(tmp_path, monkeypatch):
    monkeypatch.delenv(calls.FILE, raising=False)
    model = Model()
    calls.note_calls(model, "answer", calls.QUESTIONS)
    assert model.answer([1], "which?") == ["which?"]
    assert calls.read_calls(tmp_path / "calls") == {}
