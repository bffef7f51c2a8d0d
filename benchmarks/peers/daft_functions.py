"""The functions of the Daft pipeline.

The batch functions call models as the project does, in the process of the pipeline so that they share the loaded
models; the classes call them as Daft's manual shows.
"""

import io
import json
from collections.abc import Mapping

import daft
import numpy as np
from daft import DataType, Series
from PIL import Image

from . import models
from .answers import enriched_text
from .plain_models import BATCH, PlainClip, PlainVlm, dimension
from .questions import AskedQuestion

_VECTOR = DataType.fixed_size_list(DataType.float32(), dimension())


@daft.func.batch(return_dtype=DataType.string(), batch_size=models.MICRO_BATCH, use_process=False)
def answers_of(files: Series, master_categories: Series, sub_categories: Series) -> list[str]:
    """All answers about each photo as JSON, in one call, so that a photo is encoded once for all questions."""
    return [json.dumps(of) for of in models.ask(_photos(files), _categories(master_categories, sub_categories))]


@daft.func.batch(return_dtype=_VECTOR, batch_size=models.MICRO_BATCH, use_process=False)
def vectors_of_photos(files: Series) -> list[np.ndarray]:
    return list(models.embed_photos(_photos(files)))


@daft.func.batch(return_dtype=_VECTOR, batch_size=models.MICRO_BATCH, use_process=False)
def vectors_of_texts(texts: Series) -> list[np.ndarray]:
    return list(models.embed_texts(texts.to_pylist()))


@daft.func(use_process=False)
def enriched_texts(text: str, answers: str) -> str:
    return enriched_text(text, json.loads(answers))


@daft.cls
class Vlm:
    """Asks one question a call; the model is loaded when Daft makes an instance."""

    def __init__(self) -> None:
        self.model = PlainVlm()

    @daft.method.batch(return_dtype=DataType.string(), batch_size=BATCH)
    def answers_to(
        self, files: Series, master_categories: Series, sub_categories: Series, question: AskedQuestion
    ) -> list[str | None]:
        return self.model.answer(_photos(files), _categories(master_categories, sub_categories), question)


@daft.cls
class Clip:
    """Embeds photos and texts; the model is loaded when Daft makes an instance."""

    def __init__(self) -> None:
        self.model = PlainClip()

    @daft.method.batch(return_dtype=_VECTOR, batch_size=BATCH)
    def vectors_of_photos(self, files: Series) -> list[np.ndarray]:
        return list(self.model.embed_photos(_photos(files)))

    @daft.method.batch(return_dtype=_VECTOR, batch_size=BATCH)
    def vectors_of_texts(self, texts: Series) -> list[np.ndarray]:
        return list(self.model.embed_texts(texts.to_pylist()))


@daft.func
def as_json(answers: Mapping[str, str | None]) -> str:
    """The answers that were asked for, by question id."""
    return json.dumps({question: answer for question, answer in answers.items() if answer is not None})


def _photos(files: Series) -> list[Image.Image]:
    return [Image.open(io.BytesIO(file)).convert("RGB") for file in files.to_pylist()]


def _categories(master: Series, sub: Series) -> list[dict[str, str]]:
    columns = zip(master.to_pylist(), sub.to_pylist(), strict=True)
    return [{"master_category": of, "sub_category": below} for of, below in columns]
