"""A model that knows nothing is not made to look as if it did: its forced answers fail the gate of 85 percent."""

import shutil
from dataclasses import replace

import pytest
import torch
from transformers import AutoConfig, AutoModelForImageTextToText

from fashion_assets.demo.attributes import sample_product
from fashion_assets.demo.models import vlm_folder
from fashion_assets.demo.render import render
from fashion_assets.extraction.backends.transformers.model import TransformersModel
from fashion_assets.extraction.extract import extract_batch
from fashion_assets.extraction.journal import Journal
from fashion_assets.extraction.model import FakeVisionLanguageModel
from fashion_assets.gates.gate import judge_all
from fashion_assets.models.resources import GpuResource
from fashion_assets.quality.rules.declarations import share_gates
from fashion_assets.shop.profile import SHIPPED
from fashion_assets_tests.factories import RED, photographed, photographed_as, products

PRODUCTS = 24  # from 20 on, a gate may fail and not only warn


@pytest.fixture(scope="module")
def ignorant_model(tmp_path_factory):
    """The demo model's architecture and tokenizer with random weights."""
    folder = tmp_path_factory.mktemp("ignorant") / "vlm"
    shutil.copytree(vlm_folder(), folder, ignore=shutil.ignore_patterns("*.safetensors"))
    torch.manual_seed(0)
    AutoModelForImageTextToText.from_config(AutoConfig.from_pretrained(folder)).save_pretrained(folder)
    return folder


@pytest.fixture
def judged(tmp_path, store, questions):
    """Extracts demo photos with the model in a folder; gives the rows and the gate of success."""

    def judged(folder):
        frame = products(*(photographed_as(i, tmp_path, render(sample_product(2, i))) for i in range(PRODUCTS)))
        model = TransformersModel(str(folder), GpuResource(device="cpu").plan())
        rows = extract_batch(frame, tmp_path, questions, model, Journal(store)).rows
        gates = {judgement.name: judgement for judgement in judge_all(share_gates(SHIPPED), rows)}
        return rows, gates["extraction_success_is_at_least_85_percent"]

    return judged


def test_a_model_with_random_weights_is_forced_and_fails_the_gate(judged, ignorant_model):
    rows, gate = judged(ignorant_model)
    assert (gate.outcome, gate.value) == ("failed", 0.0)
    assert set(rows["material"]) == {"unknown"}
    assert set(rows["formality"]) == {None}
    codes = {error.split("=")[0] for errors in rows["extraction_errors"] for error in errors}
    assert {"answer_forced:material", "answer_forced:pattern", "answer_forced:formality"} <= codes
    assert {code.split(":")[0] for code in codes} == {"answer_forced"}
    assert rows["material_allowed_mass"].max() < 0.5


def test_the_demo_model_answers_of_its_own_accord_and_passes(judged):
    rows, gate = judged(vlm_folder())
    assert gate.outcome == "passed"
    assert rows["material_allowed_mass"].median() > 0.95


class Unsure(FakeVisionLanguageModel):
    """Puts only `mass` on the allowed values of one field."""

    def __init__(self, key, mass):
        super().__init__()
        self.key, self.mass = key, mass

    def answer(self, photos, question):
        answers = super().answer(photos, question)
        if self.key not in question.keys:
            return answers
        return [replace(answer, allowed_mass={**answer.allowed_mass, self.key: self.mass}) for answer in answers]


@pytest.mark.parametrize(
    ("mass", "success", "material", "errors"),
    [
        (0.49, False, "unknown", ["answer_forced:material=0.49"]),
        (0.5, True, "leather", []),
        (0.51, True, "leather", []),
    ],
)
def test_a_forced_material_is_no_answer(extract, photos, mass, success, material, errors):
    row = extract(products(photographed(1, photos, RED)), Unsure("material", mass))[0].rows.row(0, named=True)
    assert (row["extraction_success"], row["material"], row["extraction_errors"]) == (success, material, errors)
    assert row["material_allowed_mass"] == mass


def test_a_forced_collar_is_coded_and_fails_no_product(extract, photos):
    row = extract(products(photographed(1, photos, RED)), Unsure("collar", 0.1))[0].rows.row(0, named=True)
    assert (row["extraction_success"], row["collar_type"]) == (True, None)
    assert row["extraction_errors"] == ["answer_forced:collar=0.10"]
