"""The embeddings' checks: which of them stops a batch."""

import pytest

from fashion_assets.embeddings.checks import COVERED, WELL_FORMED, judge_clip_embeddings, judge_vectors
from fashion_assets.embeddings.vectors import VectorProblems


def problems(not_finite=0, wrong_norm=0, dimensions=(4,), coverage=1.0):
    return VectorProblems(10, not_finite, wrong_norm, dimensions, coverage, (), ())


def outcomes(vectors):
    return {judgement.name: judgement.outcome for judgement in judge_vectors(vectors, 1000)}


def test_sound_vectors_pass():
    assert outcomes(problems()) == {WELL_FORMED: "passed", COVERED: "passed"}


@pytest.mark.parametrize("damage", [{"not_finite": 1}, {"wrong_norm": 1}, {"dimensions": (4, 8)}])
def test_malformed_vectors_stop_the_batch(damage):
    assert outcomes(problems(**damage))[WELL_FORMED] == "failed"


@pytest.mark.parametrize(("coverage", "outcome"), [(0.998, "warned"), (0.999, "passed"), (0.0, "warned")])
def test_photos_without_vectors_only_warn(coverage, outcome):
    assert outcomes(problems(coverage=coverage))[COVERED] == outcome


def test_only_well_formedness_blocks():
    blocking = {spec.name: spec.blocking for spec in judge_clip_embeddings.check_specs}
    assert blocking == {WELL_FORMED: True, COVERED: False}
