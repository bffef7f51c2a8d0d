"""Metrics of a ranking per query: nDCG, precision, recall, reciprocal rank, and the spread of scores."""

import polars as pl

from fashion_assets.search.offline.ranking import DEPTH
from fashion_assets.search.offline.relevance import RELEVANT

NDCG, PRECISION, RECALL, MRR, SPREAD = "ndcg@10", "precision@10", "recall@10", "mrr@10", "score_spread_points"
RECALL_AT_1 = "recall@1"
K = 10


def query_metrics(ranking: pl.DataFrame, relevance: pl.DataFrame) -> pl.DataFrame:
    """A row for each query with a relevant product, sorted by `query`, and a column for each metric.

    `ranking` are RANKING rows, `relevance` has `query`, `product_id` and a `grade` of 1 to 3.

    - NDCG: the grade is the gain, discounted by log2(rank + 1) (Järvelin and Kekäläinen 2002), over that of the best
      possible order.
    - PRECISION, RECALL, RECALL_AT_1, MRR: a product with a grade of RELEVANT or more is relevant. Recall is the share
      of all relevant products; MRR is 1 / rank of the first one, 0 if it is not among the first 10.
    - SPREAD: the best score minus the 20th, in points (hundredths); null if fewer were found. It is the score that
      decides the order: the cosine if the vectors alone decide.
    """
    ideal = (
        relevance.with_columns(rank=pl.col("grade").rank("ordinal", descending=True).over("query"))
        .group_by("query")
        .agg(ideal=_dcg(), relevant=(pl.col("grade") >= RELEVANT).sum())
        .filter(pl.col("relevant") > 0)
    )
    of_ranking = (
        ranking.join(relevance, on=["query", "product_id"], how="left")
        .with_columns(pl.col("grade").fill_null(0))
        .group_by("query")
        .agg(
            dcg=_dcg(),
            at_k=_relevant_until(K),
            at_1=_relevant_until(1),
            first=pl.col("rank").filter(pl.col("grade") >= RELEVANT, pl.col("rank") <= K).min(),
            spread=_score_at(1) - _score_at(DEPTH),
        )
    )
    counts = ("dcg", "at_k", "at_1")
    return (
        ideal.join(of_ranking, on="query", how="left")
        .with_columns(pl.col(counts).fill_null(0))
        .select(
            "query",
            (pl.col("dcg") / pl.col("ideal")).alias(NDCG),
            (pl.col("at_k") / K).alias(PRECISION),
            (pl.col("at_k") / pl.col("relevant")).alias(RECALL),
            (pl.col("at_1") / pl.col("relevant")).alias(RECALL_AT_1),
            (1 / pl.col("first")).fill_null(0.0).alias(MRR),
            (100 * pl.col("spread")).alias(SPREAD),
        )
        .sort("query")
    )


def _dcg() -> pl.Expr:
    return (pl.col("grade") / (pl.col("rank") + 1).log(2)).filter(pl.col("rank") <= K).sum()


def _relevant_until(k: int) -> pl.Expr:
    return ((pl.col("grade") >= RELEVANT) & (pl.col("rank") <= k)).sum()


def _score_at(rank: int) -> pl.Expr:
    return pl.col("score").filter(pl.col("rank") == rank).first()
