"""The command line of a contender's module."""

import sys

import numpy as np
import pytest

from benchmarks.peers.contender import ENRICHED, PHOTO, TEXT, Contender, Results, play, read_results


class Written(Contender):
    answer = "first way"

    def run(self) -> None:
        (self.home / "ran").write_text(self.answer)

    def results(self) -> Results:
        vectors = {kind: {7: np.array([1, 0], dtype=np.float32)} for kind in (PHOTO, TEXT, ENRICHED)}
        return Results({7: {"a": self.answer}}, vectors)


class OtherWay(Written):
    answer = "other way"


@pytest.mark.parametrize(("way", "answer"), [([], "first way"), (["other"], "other way")])
def test_a_way_is_chosen_by_its_name(tmp_path, monkeypatch, way, answer):
    for role in ("run", "show"):
        monkeypatch.setattr(sys, "argv", ["module", role, str(tmp_path), str(tmp_path / "home"), *way])
        play(Written, other=OtherWay)
    assert (tmp_path / "home" / "ran").read_text() == answer
    assert read_results(tmp_path / "home").answers == {7: {"a": answer}}
