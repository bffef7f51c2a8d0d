"""The batch functions of the Daft pipeline, in the process of the pipeline so that they share the loaded models."""

import io
import json

import daft
import numpy as np
from daft import DataType, Series
from PIL import Image

from . import models

_VECTOR = DataType.fixed_size_list(DataType.float32(), models.dimension())


@daft.func.batch(return_dtype=DataType.string(), batch_size=models.MICRO_BATCH, use_process=False)
def answers_of(files: Series, master_categories: Series, sub_categories: Series) -> list[str]:
    """All answers about each photo as JSON, in one call, so that a photo is encoded once for all questions."""
    columns = zip(master_categories.to_pylist(), sub_categories.to_pylist(), strict=True)
    categories = [{"master_category": master, "sub_category": sub} for master, sub in columns]
    return [json.dumps(of) for of in models.ask(_photos(files), categories)]


@daft.func.batch(return_dtype=_VECTOR, batch_size=models.MICRO_BATCH, use_process=False)
def vectors_of_photos(files: Series) -> list[np.ndarray]:
    return list(models.embed_photos(_photos(files)))


@daft.func.batch(return_dtype=_VECTOR, batch_size=models.MICRO_BATCH, use_process=False)
def vectors_of_texts(texts: Series) -> list[np.ndarray]:
    return list(models.embed_texts(texts.to_pylist()))


@daft.func(use_process=False)
def enriched_texts(text: str, answers: str) -> str:
    return models.enriched_text(text, json.loads(answers))


def _photos(files: Series) -> list[Image.Image]:
    return [Image.open(io.BytesIO(file)).convert("RGB") for file in files.to_pylist()]
