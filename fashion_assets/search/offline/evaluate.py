"""The two suites, and their figures for one index version.

- `catalog_queries`: the query set of `queries.py`, run on every index by vectors alone, on the enriched and the
  baseline search as served, with the paired differences between the two, and on the enriched search with one part of
  its ranking left out at a time. The baseline search is ranked like the enriched one, over its own text.
- `text_to_image`: the task of that name in the public fashion-retrieval benchmark, whose catalog is the reference
  catalog: each product's baseline description must find its own photo among all photos. As there, a limited number of
  different texts is drawn at random, every product with the same text counts, and ranks after the 10th do not count;
  unlike there, the text is the baseline description and not the product's name alone.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

from fashion_assets.catalog.product_names import key_finder
from fashion_assets.catalog.tables import INGESTED_PRODUCTS
from fashion_assets.quality.labels.hand_labels import read_labels
from fashion_assets.quality.labels.random_audit import audit_order, read_audit_labels
from fashion_assets.search.index.versions import INDEXES, indexed_ids
from fashion_assets.search.offline.compare import Interval, mean_interval, paired_difference
from fashion_assets.search.offline.metrics import MRR, NDCG, PRECISION, RECALL, RECALL_AT_1, SPREAD, query_metrics
from fashion_assets.search.offline.queries import ASKED_ABOUT, QUERIES, QuerySet, make_query_set
from fashion_assets.search.offline.ranking import embed_queries, rank_by_vectors, rank_texts
from fashion_assets.search.offline.tables import FIGURES
from fashion_assets.search.query.ranking import Ranking, served_rankings
from fashion_assets.search.query.search import BASELINE_INDEX, DEFAULT_INDEX, PHOTO_INDEX
from fashion_assets.shop.profile import SHIPPED, ShopProfile
from fashion_assets.shop.taxonomy import Taxonomy
from fashion_assets.storage.store import TableStore

if TYPE_CHECKING:
    import numpy as np
    from lancedb.table import Table

    from fashion_assets.models.clip.text_vectors import TextEncoder

CATALOG_QUERIES, TEXT_TO_IMAGE = "catalog_queries", "text_to_image"
VECTORS, AS_SERVED = "vectors", "as served"
DIFFERENCE = f"{DEFAULT_INDEX} - {BASELINE_INDEX}"
CATALOG_METRICS = (NDCG, PRECISION, RECALL, MRR, SPREAD)
TEXT_TO_IMAGE_METRICS = (RECALL_AT_1, RECALL, MRR)
TEXT_TO_IMAGE_QUERIES = 1000


def query_set(
    store: TableStore, labels_file: Path | None, count: int = QUERIES, taxonomy: Taxonomy = SHIPPED.taxonomy
) -> QuerySet:
    """The query set of the products on sale, with the labels of the file or else of the random audit."""
    labels = (
        read_labels(labels_file, taxonomy, key_finder(store)) if labels_file else read_audit_labels(store, taxonomy)
    )
    return make_query_set(store.read(INGESTED_PRODUCTS, columns=list(ASKED_ABOUT)), labels, count, taxonomy)


def measure(table: Table, encoder: TextEncoder, queries: QuerySet, shop: ShopProfile = SHIPPED) -> pl.DataFrame:
    """The figures (FIGURES schema) of both suites for the index version that `table` is pinned at.

    Raises SearchError if `encoder` is not the model that made the index.
    """
    return pl.concat([catalog_queries(table, encoder, queries, shop), text_to_image(table)])


def catalog_queries(table: Table, encoder: TextEncoder, queries: QuerySet, shop: ShopProfile = SHIPPED) -> pl.DataFrame:
    """The suite `catalog_queries`, over the queries with a relevant product in the index."""
    texts = queries.queries["text"].to_list()
    held = queries.relevance.filter(pl.col("product_id").is_in(indexed_ids(table).implode()))
    vectors = embed_queries(table, encoder, texts)
    ranked = {(index, VECTORS): rank_by_vectors(table, vectors, index) for index in INDEXES}
    for index, rankings in _rankings_to_measure(shop.taxonomy).items():
        of_index = rank_texts(table, encoder, texts, index, rankings, taxonomy=shop.taxonomy, language=shop.language)
        ranked |= {(index, name): ranking for name, ranking in of_index.items()}
    measured = {key: query_metrics(ranking, held) for key, ranking in ranked.items()}
    figures = {
        (*key, metric): mean_interval(of_key[metric]) for key, of_key in measured.items() for metric in CATALOG_METRICS
    }
    for ranking in (VECTORS, AS_SERVED):
        enriched, baseline = measured[DEFAULT_INDEX, ranking], measured[BASELINE_INDEX, ranking]
        for metric in CATALOG_METRICS:
            figures[DIFFERENCE, ranking, metric] = paired_difference(enriched, baseline, metric)
    return _figures(CATALOG_QUERIES, figures)


def _rankings_to_measure(taxonomy: Taxonomy) -> dict[str, dict[str, Ranking]]:
    rankings = served_rankings(taxonomy)
    served = rankings[DEFAULT_INDEX]
    enriched = {
        AS_SERVED: served,
        f"{AS_SERVED}, without expansion": replace(served, is_expanding=False),
        f"{AS_SERVED}, without full text": replace(served, text_weight=0.0),
        f"{AS_SERVED}, without boosts": replace(served, boosts=()),
        f"{AS_SERVED}, without diversity": replace(served, diversity_trade_off=1.0),
    }
    return {BASELINE_INDEX: {AS_SERVED: rankings[BASELINE_INDEX]}, DEFAULT_INDEX: enriched}


def text_to_image(table: Table, count: int = TEXT_TO_IMAGE_QUERIES) -> pl.DataFrame:
    """The suite `text_to_image`, for up to `count` different descriptions of products with a photo."""
    import numpy as np

    has_both = "image_embedding IS NOT NULL AND text_embedding IS NOT NULL"
    columns = ["product_id", "baseline_description"]
    rows = pl.DataFrame(table.search().where(has_both).select(columns).limit(table.count_rows()).to_arrow())
    drawn = (
        audit_order(rows["product_id"])
        .to_frame()
        .join(rows, on="product_id", maintain_order="left")
        .unique("baseline_description", keep="first", maintain_order=True)
        .head(count)
        .with_row_index("query")
        .with_columns(pl.col("query").cast(pl.Int64))
    )
    vectors = _text_vectors(table, drawn["product_id"]) if len(drawn) else np.empty((0, 0))
    relevant = drawn.select("query", "baseline_description").join(rows, on="baseline_description")
    measured = query_metrics(
        rank_by_vectors(table, vectors, PHOTO_INDEX), relevant.select("query", "product_id", grade=pl.lit(3))
    )
    figures = {(PHOTO_INDEX, VECTORS, metric): mean_interval(measured[metric]) for metric in TEXT_TO_IMAGE_METRICS}
    return _figures(TEXT_TO_IMAGE, figures)


def _text_vectors(table: Table, product_ids: pl.Series) -> np.ndarray:
    """The `text_embedding` (n, d) of each of the products, in their order."""
    condition = f"product_id IN ({', '.join(map(str, product_ids))})"
    stored = table.search().where(condition).select(["product_id", "text_embedding"]).limit(len(product_ids)).to_arrow()
    in_order = product_ids.to_frame().join(pl.DataFrame(stored), on="product_id", how="left", maintain_order="left")
    return in_order["text_embedding"].to_numpy()


def enrichment_difference(figures: pl.DataFrame) -> Interval:
    """The paired difference of nDCG@10 between the enriched search and the baseline, as served, from `figures`; NaN
    where these have nulls, without a query."""
    wanted = (pl.col("index") == DIFFERENCE) & (pl.col("ranking") == AS_SERVED) & (pl.col("metric") == NDCG)
    row = figures.fill_null(float("nan")).row(by_predicate=wanted, named=True)
    return Interval(row["value"], row["low"], row["high"], row["queries"])


def served_ndcg(figures: pl.DataFrame) -> dict[str, float]:
    """nDCG@10 of the enriched and of the baseline search, as served, by index; without null values."""
    wanted = figures.filter(ranking=AS_SERVED, metric=NDCG).filter(pl.col("index") != DIFFERENCE).drop_nulls("value")
    return dict(wanted.select("index", "value").iter_rows())


def _figures(suite: str, intervals: dict[tuple[str, str, str], Interval]) -> pl.DataFrame:
    rows = [
        {"suite": suite, "index": index, "ranking": ranking, "metric": metric, **vars(interval)}
        for (index, ranking, metric), interval in intervals.items()
    ]
    return pl.DataFrame(rows, schema=FIGURES).with_columns(pl.col("value", "low", "high").fill_nan(None))
