"""The functions of Pixeltable's computed columns and embedding indexes; it finds them again by module and name."""

import pixeltable as pxt
from pixeltable.func import Batch

from . import models

_Vector = pxt.Array[(models.dimension(),), pxt.Float]


@pxt.udf(batch_size=models.MICRO_BATCH)
def answers(
    photo: Batch[pxt.Image], master_category: Batch[pxt.String], sub_category: Batch[pxt.String]
) -> Batch[pxt.Json]:
    """All questions in one call, so that a photo is encoded once for all of them."""
    columns = zip(master_category, sub_category, strict=True)
    return models.ask(photo, [{"master_category": master, "sub_category": sub} for master, sub in columns])


@pxt.udf
def enriched_text(text: pxt.String, answers: pxt.Json) -> pxt.String:
    return models.enriched_text(text, answers)


@pxt.udf(batch_size=models.MICRO_BATCH)
def embed_photo(photo: Batch[pxt.Image]) -> Batch[_Vector]:
    return list(models.embed_photos(photo))


@pxt.udf(batch_size=models.MICRO_BATCH)
def embed_text(text: Batch[pxt.String]) -> Batch[_Vector]:
    return list(models.embed_texts(text))
