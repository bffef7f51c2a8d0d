"""What Dagster gets from the embeddings."""

from dagster import Definitions

from fashion_assets.embeddings.assets import EMBEDDING, clip_embeddings
from fashion_assets.embeddings.checks import judge_clip_embeddings


def definitions() -> Definitions:
    return Definitions(assets=[clip_embeddings], asset_checks=[judge_clip_embeddings], resources=EMBEDDING)
