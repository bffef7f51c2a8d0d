"""The in-process back end with the shipped demo model, loaded by the code that loads SmolVLM."""

import json
import shutil
from dataclasses import replace

import pytest
from safetensors.torch import load_file, save_file

from fashion_assets.demo.attributes import sample_product
from fashion_assets.demo.models import vlm_folder
from fashion_assets.demo.render import render
from fashion_assets.errors import ModelError
from fashion_assets.extraction.answers import parse_answer
from fashion_assets.extraction.backends.transformers.model import (
    PROMPT_ORDERS,
    AskingStyle,
    TransformersModel,
    vlm_identity,
)
from fashion_assets.models.photos import letterbox
from fashion_assets.models.resources import GpuResource


@pytest.fixture(scope="module")
def photos():
    return [render(sample_product(1, index, "balanced")) for index in range(6)]


@pytest.fixture(scope="module", params=["photo-first", "question-first"])
def model(request):
    plan = GpuResource(device="cpu", micro_batch=8).plan()
    return TransformersModel(str(vlm_folder()), plan, AskingStyle(prompt_order=request.param))


@pytest.fixture(scope="module")
def demo_photos(model, photos):
    return [model.prepare(photo) for photo in photos]


def plain_answers(model, photos, question):
    """What `generate` makes of the same prompts, without any of the engine's economies."""
    content = [{"type": "image"}, {"type": "text", "text": question.text}]
    if not model.prompt(question).is_photo_first:
        content.reverse()
    processor = model._processor
    prompt = processor.apply_chat_template([{"role": "user", "content": content}], add_generation_prompt=True)
    inputs = processor(
        text=[prompt] * len(photos),
        images=[[letterbox(photo)] for photo in photos],
        do_image_splitting=False,
        return_tensors="pt",
    )
    output = model._model.generate(**inputs, do_sample=False, max_new_tokens=question.max_new_tokens)
    return [
        text.strip()
        for text in processor.batch_decode(output[:, inputs["input_ids"].shape[1] :], skip_special_tokens=True)
    ]


def test_answers_carry_text_probabilities_and_tokens(model, questions, demo_photos):
    for question in questions:
        (answer,) = model.answer(demo_photos[:1], question)
        assert set(answer.probabilities) == set(question.keys)
        assert all(0 < probability <= 1 for probability in answer.probabilities.values())
        assert answer.prompt_tokens > answer.answer_tokens > 0
        assert parse_answer(answer.text, question).errors == []


def test_answers_are_those_of_plain_generation(model, questions, photos, demo_photos):
    for question in questions:
        answers = [answer.text for answer in model.answer(demo_photos, question)]
        assert answers == plain_answers(model, photos, question)


def test_a_part_of_the_last_photos_is_answered_as_all_of_them(model, questions, demo_photos):
    first, second, _ = questions
    model.answer(demo_photos, first)
    subset = [demo_photos[4], demo_photos[1]]
    of_all = [answer.text for answer in model.answer(demo_photos, second)]
    assert [answer.text for answer in model.answer(subset, second)] == [of_all[4], of_all[1]]


def test_the_model_is_sure_that_it_may_say_what_it_says(model, questions, demo_photos):
    for question in questions:
        for answer in model.answer(demo_photos, question):
            assert set(answer.allowed_mass) == set(question.keys)
            assert min(answer.allowed_mass.values()) > 0.5


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


def test_a_photo_is_resized_once(model, photos):
    images = model._processor.image_processor
    side = images.max_image_size["longest_edge"]
    expected = model.prepare(photos[0])
    enlarging, images.size = images.size, {"longest_edge": 4 * side}  # as SmolVLM's, of which tiles are cut
    try:
        prepared = model.prepare(photos[0])
    finally:
        images.size = enlarging
    assert prepared.shape == (1, 3, side, side)
    assert (prepared == expected).all()


def test_the_identity_follows_the_weights(tmp_path):
    copy = shutil.copytree(vlm_folder(), tmp_path / vlm_folder().name)
    assert vlm_identity(str(copy)).model_id == vlm_identity(str(vlm_folder())).model_id
    with (copy / "model.safetensors").open("r+b") as file:
        file.seek(-1, 2)
        file.write(b"\x7f")
    assert vlm_identity(str(copy)).model_id != vlm_identity(str(vlm_folder())).model_id


def test_how_the_model_is_asked_is_part_of_its_identity():
    folder = str(vlm_folder())
    identities = {
        vlm_identity(folder, AskingStyle(splitting, order)) for splitting in (False, True) for order in PROMPT_ORDERS
    }
    assert len(identities) == 6


def test_the_longer_of_photo_and_question_comes_first(questions):
    model = TransformersModel(str(vlm_folder()), GpuResource(device="cpu").plan())
    shipped = questions[0]
    assert model.prompt(shipped).is_photo_first
    assert not model.prompt(replace(shipped, text="Say it in other words, please. " * 20)).is_photo_first


def test_a_folder_without_weights_is_refused(tmp_path):
    with pytest.raises(ModelError, match=r"FASHION_VLM is '.*', a folder without \.safetensors weights"):
        TransformersModel(str(tmp_path), GpuResource(device="cpu").plan())


def test_a_folder_that_is_no_such_model_is_refused(tmp_path):
    folder = shutil.copytree(vlm_folder(), tmp_path / "broken")
    (folder / "config.json").write_text('{"model_type": "bert"}')
    with pytest.raises(ModelError, match="does not load as a vision-language model"):
        TransformersModel(str(folder), GpuResource(device="cpu").plan())


def damaged_copy(folder, damage):
    """The demo model with other weights on disk."""
    shutil.copytree(vlm_folder(), folder)
    tensors = load_file(folder / "model.safetensors")
    save_file(damage(tensors), folder / "model.safetensors", metadata={"format": "pt"})
    return str(folder)


def test_weights_that_are_not_whole_are_refused(tmp_path):
    half = damaged_copy(tmp_path / "half", lambda tensors: dict(list(tensors.items())[::2]))
    with pytest.raises(ModelError, match=r"weights lack \d+ tensors .* it would answer at random"):
        TransformersModel(half, GpuResource(device="cpu").plan())


def test_a_damaged_weights_file_is_one_sentence(tmp_path):
    folder = shutil.copytree(vlm_folder(), tmp_path / "cut")
    with (folder / "model.safetensors").open("r+b") as file:
        file.truncate(1_000)
    with pytest.raises(ModelError, match="does not load as a vision-language model on CPU"):
        TransformersModel(str(folder), GpuResource(device="cpu").plan())


@pytest.mark.parametrize("order", ["photo-first", "question-first"])
def test_tiles_are_seen_whole_and_alike_in_any_company(order, questions, photos, tmp_path):
    folder = shutil.copytree(vlm_folder(), tmp_path / "tiles")
    settings = json.loads((folder / "processor_config.json").read_text())
    settings["image_processor"]["size"]["longest_edge"] = 240
    (folder / "processor_config.json").write_text(json.dumps(settings))
    plan = GpuResource(device="cpu", micro_batch=8).plan()
    model = TransformersModel(str(folder), plan, AskingStyle(image_splitting=True, prompt_order=order))
    ready = [model.prepare(photo) for photo in photos]
    assert {len(photo) for photo in ready} == {5}  # two by two, and the whole
    together = [answer.text for answer in model.answer(ready, questions[1])]
    assert together == [model.answer([photo], questions[1])[0].text for photo in ready]


def test_a_hub_that_cannot_be_reached_is_one_sentence_at_once():
    with pytest.raises(ModelError) as refusal:
        TransformersModel("HuggingFaceTB/SmolVLM-Instruct", GpuResource(device="cpu").plan())
    text = str(refusal.value)
    assert "'HuggingFaceTB/SmolVLM-Instruct' is neither a folder nor in the local Hugging Face cache" in text
    assert "FASHION_VLM" in text
    assert "\n" not in text
