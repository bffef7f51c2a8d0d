"""The embeddings' asset: one row of vectors per product of a batch."""

from datetime import UTC, datetime

import polars as pl
from dagster import AssetExecutionContext, MaterializeResult, MetadataValue, asset

from fashion_assets.batches import BATCHES
from fashion_assets.catalog.previews import table_preview
from fashion_assets.catalog.resources import CatalogResource
from fashion_assets.clip.resources import ClipResource
from fashion_assets.embeddings.tables import EMBEDDINGS
from fashion_assets.extraction.tables import EXTRACTED_ATTRIBUTES
from fashion_assets.progress import reporting
from fashion_assets.quality.verdicts import require_passed
from fashion_assets.storage.io_manager import TablesResource, table_metadata


@asset(
    partitions_def=BATCHES,
    group_name="embeddings",
    kinds={"python", "openclip", "deltalake"},
    owners=["team:ml-engineering"],
    pool="gpu",
    metadata=table_metadata(EMBEDDINGS),
)
def clip_embeddings(
    context: AssetExecutionContext,
    catalog: CatalogResource,
    tables: TablesResource,
    clip: ClipResource,
    enriched_descriptions: pl.DataFrame,
) -> MaterializeResult[pl.DataFrame]:
    """Photo, text and hybrid vectors of each product, for the baseline and for the enriched description.

    Only changed photos and descriptions are embedded again. Refuses a batch whose quality gates did not pass.
    """
    from fashion_assets.clip.photo_vectors import photo_paths, photo_vectors  # NumPy: not at import of the definitions
    from fashion_assets.embeddings.embed import embed_batch

    store, batch = tables.store(), context.partition_key
    require_passed(store, batch, store.read(EXTRACTED_ATTRIBUTES, batch))
    with reporting(f"embedding photos of {batch}", context.log.info) as progress:
        encoder = clip.load()
        photos = photo_vectors(photo_paths(enriched_descriptions, catalog.photos_root), encoder, store, progress)
    with reporting(f"embedding texts of {batch}", context.log.info) as progress:
        embedded = embed_batch(
            enriched_descriptions,
            photos,
            encoder,
            store.read(EMBEDDINGS, batch),
            clip.hybrid_image_weight,
            datetime.now(UTC),
            progress,
        )
    return MaterializeResult(
        value=embedded.rows,
        metadata={
            "preview": MetadataValue.md(
                table_preview(embedded.rows, ["product_display_name", "embedded_text"], catalog.photos_root)
            ),
            "photos_embedded": embedded.photos_embedded,
            "texts_embedded": embedded.texts_embedded,
            "vectors_reused": embedded.reused,
            "products_without_photo": embedded.skipped_without_photo,
            "device": MetadataValue.json(clip.gpu.describe()),
        },
    )
