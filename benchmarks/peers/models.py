"""The project's demo models and questions, as the peers call them: they cost every contender the same.

A photo is encoded once for all its questions, as in the project. Models are loaded on first use, once a process, and
answer one call at a time, whichever threads a peer calls them from.
"""

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from threading import RLock

import numpy as np
from PIL import Image

from .calls import PHOTOS, QUESTIONS, TEXTS, note_calls

MICRO_BATCH = 64
"""Photos or texts a call: the project's largest."""

PREPARING_THREADS = 4
"""As in the project."""

_ONE_AT_A_TIME = RLock()


def ask(photos: Sequence[Image.Image], categories: Sequence[Mapping[str, str]]) -> list[dict[str, str]]:
    """The raw answers of each photo by question id; questions that do not apply to a product's categories are left out.

    At most MICRO_BATCH photos.
    """
    with _ONE_AT_A_TIME:
        return _asked(photos, categories)


def embed_photos(photos: Sequence[Image.Image]) -> np.ndarray:
    """Unit vectors (photos, dimension), float32."""
    with _ONE_AT_A_TIME:
        return _clip().embed_photos(photos)


def embed_texts(texts: Sequence[str]) -> np.ndarray:
    """Unit vectors (texts, dimension), float32."""
    with _ONE_AT_A_TIME:
        return _clip().embed_texts(texts)


def _asked(photos: Sequence[Image.Image], categories: Sequence[Mapping[str, str]]) -> list[dict[str, str]]:
    model, answers = _vlm(), [{} for _ in photos]
    with ThreadPoolExecutor(PREPARING_THREADS) as threads:
        prepared = list(threads.map(model.prepare, photos))
    for question in _questions():
        applying = [
            row
            for row, of in enumerate(categories)
            if all(of[column] in values for column, values in question.applies_to.items())
        ]
        if applying:
            for row, answer in zip(applying, model.answer([prepared[row] for row in applying], question), strict=True):
                answers[row][question.id] = answer.text
    return answers


@lru_cache
def _plan():
    from fashion_assets.models.device import plan_device

    return plan_device()


@lru_cache
def _vlm():
    plan = _plan()  # first: it settles how torch's idle threads wait
    from fashion_assets.demo.models import vlm_folder
    from fashion_assets.extraction.backends.transformers.model import TransformersModel

    model = TransformersModel(str(vlm_folder()), plan)
    note_calls(model, "answer", QUESTIONS)
    return model


@lru_cache
def _clip():
    plan = _plan()
    from fashion_assets.demo.models import clip_folder
    from fashion_assets.models.clip.open_clip_encoder import load_encoder

    encoder = load_encoder(str(clip_folder()), plan)
    note_calls(encoder, "embed_photos", PHOTOS)
    note_calls(encoder, "embed_texts", TEXTS)
    return encoder


@lru_cache
def _questions():
    from fashion_assets.extraction.questions import default_prompts_folder, load_questions

    return load_questions(default_prompts_folder())
