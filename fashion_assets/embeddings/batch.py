"""The work of the asset on one batch, wherever it runs: load the model, embed photos and texts.

Free of Dagster.
"""

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import polars as pl

from fashion_assets.compute.batch_context import BatchContext
from fashion_assets.compute.tasks import Computed
from fashion_assets.embeddings.tables import embeddings_table
from fashion_assets.orchestration.progress import reporting
from fashion_assets.shop.profile import SHIPPED, ShopProfile

if TYPE_CHECKING:
    from fashion_assets.models.clip.resources import ClipResource


def compute_embeddings(
    batch: BatchContext, descriptions: pl.DataFrame, clip: "ClipResource", shop: ShopProfile = SHIPPED
) -> Computed:
    """The rows of `embeddings_table` for `descriptions`, rows of `enriched_descriptions`, and what was embedded.

    Raises ModelError if the model cannot be used at all.
    """
    from fashion_assets.embeddings.embed import embed_batch
    from fashion_assets.models.clip.photo_vectors import (  # NumPy: not at import of the definitions
        photo_paths,
        photo_vectors,
    )

    with reporting(f"embedding photos of {batch.key}", batch.log) as progress:
        encoder = clip.load()
        # Blank pictures decode, but there is nothing to embed.
        shown = descriptions.filter(pl.col("photo_status").ne_missing("blank"))
        photos = photo_vectors(photo_paths(shown, batch.photos_root), encoder, batch.store, progress)
    with reporting(f"embedding texts of {batch.key}", batch.log) as progress:
        embedded = embed_batch(
            descriptions,
            photos,
            encoder,
            batch.store.read(embeddings_table(shop.taxonomy), batch.key),
            clip.hybrid_image_weight,
            datetime.now(UTC),
            progress,
            shop.taxonomy,
        )
    figures = {
        "photos_embedded": embedded.photos_embedded,
        "texts_embedded": embedded.texts_embedded,
        "vectors_reused": embedded.reused,
        "products_without_photo": embedded.skipped_without_photo,
        "device": clip.gpu.describe(),
    }
    return Computed(embedded.rows, figures)
