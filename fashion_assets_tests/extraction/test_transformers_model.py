"""The in-process back end with the shipped demo model, loaded by the code that loads SmolVLM."""

import shutil

import pytest

from fashion_assets.demo.attributes import sample_product
from fashion_assets.demo.models import vlm_folder
from fashion_assets.demo.render import render
from fashion_assets.errors import ModelError
from fashion_assets.extraction.answers import parse_answer
from fashion_assets.extraction.transformers_model import TransformersModel, vlm_identity
from fashion_assets.gpu import GpuResource


@pytest.fixture(scope="module")
def demo_photos():
    return [render(sample_product(1, index, "balanced")) for index in range(6)]


@pytest.fixture(scope="module")
def model():
    return TransformersModel(str(vlm_folder()), GpuResource(device="cpu", micro_batch=8).plan())


def test_answers_carry_text_probabilities_and_tokens(model, questions, demo_photos):
    for question in questions:
        (answer,) = model.answer(demo_photos[:1], question)
        assert set(answer.probabilities) == set(question.keys)
        assert all(0 < probability <= 1 for probability in answer.probabilities.values())
        assert answer.prompt_tokens > answer.answer_tokens > 0
        assert parse_answer(answer.text, question).errors == []


def test_a_batch_answers_as_each_photo_alone(model, questions, demo_photos):
    for question in questions:
        together = [answer.text for answer in model.answer(demo_photos, question)]
        alone = [model.answer([photo], question)[0].text for photo in demo_photos]
        assert together == alone


def test_the_answer_follows_the_photo(model, questions, demo_photos):
    question = next(q for q in questions if "pattern" in q.keys)
    forwards = [answer.text for answer in model.answer(demo_photos, question)]
    backwards = [answer.text for answer in model.answer(demo_photos[::-1], question)]
    assert backwards == forwards[::-1]
    assert len(set(forwards)) > 1


def test_the_identity_follows_the_weights(tmp_path):
    copy = shutil.copytree(vlm_folder(), tmp_path / vlm_folder().name)
    assert vlm_identity(str(copy)) == vlm_identity(str(vlm_folder()))
    with (copy / "model.safetensors").open("r+b") as file:
        file.seek(-1, 2)
        file.write(b"\x7f")
    assert vlm_identity(str(copy)) != vlm_identity(str(vlm_folder()))


def test_a_folder_without_weights_is_refused(tmp_path):
    with pytest.raises(ModelError, match=r"FASHION_VLM is '.*', a folder without \.safetensors weights"):
        TransformersModel(str(tmp_path), GpuResource(device="cpu").plan())


def test_a_folder_that_is_no_such_model_is_refused(tmp_path):
    folder = shutil.copytree(vlm_folder(), tmp_path / "broken")
    (folder / "config.json").write_text('{"model_type": "bert"}')
    with pytest.raises(ModelError, match="does not load as a vision-language model"):
        TransformersModel(str(folder), GpuResource(device="cpu").plan())


def test_a_hub_that_cannot_be_reached_is_one_sentence_at_once():
    with pytest.raises(ModelError) as refusal:
        TransformersModel("HuggingFaceTB/SmolVLM-Instruct", GpuResource(device="cpu").plan())
    text = str(refusal.value)
    assert "'HuggingFaceTB/SmolVLM-Instruct' is neither a folder nor in the local Hugging Face cache" in text
    assert "FASHION_VLM" in text
    assert "\n" not in text
