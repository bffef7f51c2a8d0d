"""The demo models on a real GPU; skipped on machines without one."""

import numpy as np
import pytest
import torch

from fashion_assets.demo.attributes import sample_product
from fashion_assets.demo.models import clip_folder, vlm_folder
from fashion_assets.demo.render import render
from fashion_assets.errors import OutOfDeviceMemory
from fashion_assets.extraction.backends.transformers.model import AskingStyle, TransformersModel
from fashion_assets.extraction.extract import _Session
from fashion_assets.extraction.journal import Journal
from fashion_assets.models.clip.open_clip_encoder import OpenClipEncoder, load_encoder
from fashion_assets.models.device import peak_memory_bytes
from fashion_assets.models.resources import GpuResource

pytestmark = pytest.mark.skipif(not torch.cuda.is_available(), reason="this machine has no CUDA GPU")

SMALL = 96 * 2**20
"""Bytes; less than a thousand prepared photos take."""


@pytest.fixture(scope="module")
def photos():
    return [render(sample_product(1, index, "balanced")) for index in range(32)]


@pytest.fixture
def little_memory():
    """Call it to limit the memory to SMALL bytes more than is in use; undone at the end."""

    def leave() -> None:
        torch.cuda.empty_cache()
        total = torch.cuda.get_device_properties().total_memory
        torch.cuda.set_per_process_memory_fraction((torch.cuda.memory_reserved() + SMALL) / total)

    yield leave
    torch.cuda.set_per_process_memory_fraction(1.0)


def answered(photos, questions, order, **where):
    plan = GpuResource(**where, micro_batch=32).plan()
    model = TransformersModel(str(vlm_folder()), plan, AskingStyle(prompt_order=order))
    prepared = [model.prepare(photo) for photo in photos]
    return [answer for question in questions for answer in model.answer(prepared, question)]


@pytest.mark.parametrize("order", ["photo-first", "question-first"])
def test_cuda_answers_as_the_cpu_does(photos, questions, order):
    here = answered(photos, questions, order, device="cpu")
    there = answered(photos, questions, order, device="cuda", dtype="float32")
    half = answered(photos, questions, order, device="cuda")
    assert [answer.text for answer in there] == [answer.text for answer in here]
    for first, other in zip(here, there, strict=True):
        assert other.probabilities == pytest.approx(first.probabilities, abs=2e-3)
        assert other.allowed_mass == pytest.approx(first.allowed_mass, abs=2e-3)
    same = np.mean([first.text == other.text for first, other in zip(here, half, strict=True)])
    assert same > 0.9  # bfloat16 settles near ties otherwise


def test_auto_takes_the_gpu_and_knows_its_memory():
    plan = GpuResource(memory_share=0.5).plan()
    assert plan.device == "cuda"
    assert 0 < plan.free_bytes() <= plan.memory_bytes / 2
    assert peak_memory_bytes()["gpu_memory"] >= 0
    torch.cuda.set_per_process_memory_fraction(1.0)


def test_photos_that_do_not_fit_are_inferred_in_halves(photos, questions, store, little_memory):
    model = TransformersModel(str(vlm_folder()), GpuResource(device="cuda", micro_batch=1024).plan())
    few = [model.prepare(photo) for photo in photos]
    many = [few[row % len(few)].clone() for row in range(1024)]
    expected = [answer.text for answer in model.answer(few, questions[0])]
    little_memory()
    with pytest.raises(OutOfDeviceMemory):
        model.answer(many, questions[0])
    session = _Session(questions, model, journal=Journal(store), missing={})
    answers = session._answers(questions[0], many)
    assert session.usage.out_of_memory_at[0] == 1024 and model.micro_batch < 1024
    same = np.mean([answer.text == expected[row % len(few)] for row, answer in enumerate(answers)])
    assert same > 0.9


def test_clip_sees_the_same_on_cuda_and_halves_what_does_not_fit(photos, little_memory):
    here = load_encoder(str(clip_folder()), GpuResource(device="cpu").plan()).embed_photos(photos)
    there = load_encoder(str(clip_folder()), GpuResource(device="cuda", dtype="float32").plan()).embed_photos(photos)
    encoder = load_encoder(str(clip_folder()), GpuResource(device="cuda", micro_batch=1024).plan())
    assert (here * there).sum(axis=1).min() > 0.9999
    assert (here * encoder.embed_photos(photos)).sum(axis=1).min() > 0.999
    little_memory()
    many = encoder.embed_photos([photos[row % len(photos)] for row in range(1024)])
    assert isinstance(encoder, OpenClipEncoder) and encoder._micro_batch < 1024
    assert (many * np.tile(here, (32, 1))).sum(axis=1).min() > 0.999
