"""The functions of Pixeltable's computed columns and embedding indexes; it finds them again by module and name.

`answers` and `embed_*` call models as the project does, `plain_*` as Pixeltable's manual shows.
"""

from functools import lru_cache

import pixeltable as pxt
from pixeltable.func import Batch

from . import models
from .answers import enriched_text
from .plain_models import BATCH, PlainClip, PlainVlm, dimension
from .questions import AskedQuestion

_Vector = pxt.Array[(dimension(),), pxt.Float]


@pxt.udf(batch_size=models.MICRO_BATCH)
def answers(
    photo: Batch[pxt.Image], master_category: Batch[pxt.String], sub_category: Batch[pxt.String]
) -> Batch[pxt.Json]:
    """All questions in one call, so that a photo is encoded once for all of them."""
    return models.ask(photo, _categories(master_category, sub_category))


@pxt.udf
def enriched(text: pxt.String, answers: pxt.Json) -> pxt.String:
    return enriched_text(text, answers)


@pxt.udf(batch_size=models.MICRO_BATCH)
def embed_photo(photo: Batch[pxt.Image]) -> Batch[_Vector]:
    return list(models.embed_photos(photo))


@pxt.udf(batch_size=models.MICRO_BATCH)
def embed_text(text: Batch[pxt.String]) -> Batch[_Vector]:
    return list(models.embed_texts(text))


@pxt.udf(batch_size=BATCH)
def plain_answer(
    photo: Batch[pxt.Image], master_category: Batch[pxt.String], sub_category: Batch[pxt.String], *, question: pxt.Json
) -> Batch[pxt.String | None]:
    """The answers to one question, of a column of its own."""
    return _plain_vlm().answer(photo, _categories(master_category, sub_category), AskedQuestion(**question))


@pxt.udf
def by_question(questions: pxt.Json, answers: pxt.Json) -> pxt.Json:
    """The answers to one product's questions, without those that were not asked."""
    return {question: answer for question, answer in zip(questions, answers, strict=True) if answer is not None}


@pxt.udf(batch_size=BATCH)
def plain_embed_photo(photo: Batch[pxt.Image]) -> Batch[_Vector]:
    return list(_plain_clip().embed_photos(photo))


@pxt.udf(batch_size=BATCH)
def plain_embed_text(text: Batch[pxt.String]) -> Batch[_Vector]:
    return list(_plain_clip().embed_texts(text))


def _categories(master: list[str], sub: list[str]) -> list[dict[str, str]]:
    return [{"master_category": of, "sub_category": below} for of, below in zip(master, sub, strict=True)]


_plain_vlm, _plain_clip = lru_cache(PlainVlm), lru_cache(PlainClip)
"""Loaded on first use, once a process, as the manual advises."""
