"""Means over queries with their intervals, and the judgements based on them: is one index better than another?"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

from fashion_assets.gates.gate import FEWEST_ROWS_FOR_AN_ERROR, Judgement, judge_condition
from fashion_assets.search.index.versions import index_facts, indexed_ids, without
from fashion_assets.search.offline.metrics import NDCG, query_metrics
from fashion_assets.search.offline.ranked_alike import rank_alike
from fashion_assets.search.offline.ranking import embed_queries, rank_by_vectors, rank_texts
from fashion_assets.search.offline.tables import ENRICHMENT_PAYS, NOT_WORSE
from fashion_assets.search.query.ranking import served_rankings
from fashion_assets.search.query.search import DEFAULT_INDEX
from fashion_assets.shop.profile import SHIPPED, ShopProfile

if TYPE_CHECKING:
    from lancedb.table import Table

    from fashion_assets.models.clip.text_vectors import TextEncoder

RESAMPLES = 2000


@dataclass(frozen=True)
class Interval:
    """A mean over `queries` queries, and its 95 % interval; NaN without a query."""

    value: float
    low: float
    high: float
    queries: int


def mean_interval(values: pl.Series, seed: int = 0) -> Interval:
    """The mean of a figure over the queries and its 95 % interval, from a percentile bootstrap; nulls do not count.

    For differences between two indexes, query by query, this is the paired bootstrap.
    """
    import numpy as np
    from scipy.stats import bootstrap

    figures = values.drop_nulls().to_numpy()
    count = len(figures)
    if count < 2:  # without figures there is no mean, and a single one has no spread
        value = float(figures[0]) if count else np.nan
        return Interval(value, value, value, count)
    resampled = bootstrap(
        (figures,), np.mean, n_resamples=RESAMPLES, method="percentile", rng=np.random.default_rng(seed)
    )
    low, high = resampled.confidence_interval
    return Interval(float(figures.mean()), float(low), float(high), count)


def paired_difference(new: pl.DataFrame, old: pl.DataFrame, metric: str) -> Interval:
    """How much higher `metric` is in `new` than in `old`, over the queries in both (`query_metrics` rows)."""
    both = new.select("query", metric).join(old.select("query", metric), on="query", suffix="_old").sort("query")
    return mean_interval(both[metric] - both[f"{metric}_old"])


def judge_offline_quality(
    table: Table,
    live: Table | None,
    encoder: TextEncoder,
    queries: pl.DataFrame,
    relevance: pl.DataFrame,
    shop: ShopProfile = SHIPPED,
) -> list[Judgement]:
    """Whether the version `table` may replace `live` (None: nothing is live yet), by the default index.

    It may not if its nDCG@10 is lower, as served or by its vectors alone, on which photo searches depend, by more than
    chance and by more than the shop's `least_effect`: if the upper end of the 95 % interval of the paired difference is
    below 0, and its mean below minus that effect. Both answer the same queries about the products that both hold, so
    that products added or withdrawn in between do not count. Nothing is asked of versions that rank alike. Fewer than
    FEWEST_ROWS_FOR_AN_ERROR queries can only warn, and so does a live version of another model, for which the queries
    cannot be embedded. `queries` and `relevance` are a QuerySet's.
    """
    if live is None:
        return [judge_condition(NOT_WORSE, True, "No version is live yet, so there is nothing to be worse than.")]
    live_model = index_facts(live).embedding_model
    if live_model != encoder.model_id:
        reason = (
            f"The live version holds vectors of '{live_model}', the new one of '{encoder.model_id}', so the same "
            "queries cannot be put to both; compare their figures in the table search_quality."
        )
        return [judge_condition(NOT_WORSE, False, reason, is_blocking=False)]
    if rank_alike(table, live, shop.taxonomy):
        return [judge_condition(NOT_WORSE, True, "Nothing has changed by which results are ordered, so none is worse.")]
    ids, live_ids = indexed_ids(table), indexed_ids(live)
    in_both = pl.col("product_id").is_in(ids.implode()) & pl.col("product_id").is_in(live_ids.implode())
    held = relevance.filter(in_both)
    texts = queries["text"].to_list()
    new = _measured_both_ways(table, encoder, texts, held, set(without(ids, live_ids)), shop)
    old = _measured_both_ways(live, encoder, texts, held, set(without(live_ids, ids)), shop)
    differences = {way: paired_difference(new[way], old[way], NDCG) for way in new}
    effect = shop.limits.index.least_effect
    worst = min(differences, key=lambda way: (not is_worse(differences[way], effect), differences[way].high))
    difference = differences[worst]
    if not difference.queries:
        return [judge_condition(NOT_WORSE, True, "No query has an answer in both versions, so nothing was compared.")]
    compared = (
        f"{worst}, its nDCG@10 is {new[worst][NDCG].mean():.3f}, that of the live version {old[worst][NDCG].mean():.3f}"
    )
    return [judge_difference(difference, effect, compared)]


def is_worse(difference: Interval, least_effect: float) -> bool:
    """Whether a difference is below 0 by more than chance and by more than `least_effect`."""
    return difference.high < 0 and -difference.value > least_effect


def judge_difference(difference: Interval, least_effect: float, compared: str) -> Judgement:
    """The judgement on the paired difference between a new version and the live one, which `compared` puts in words."""
    refuses = is_worse(difference, least_effect)
    if refuses:
        meaning = f", worse by more than chance and by more than {least_effect:g}"
    elif difference.high < 0:
        meaning = f", worse by more than chance, but not by more than {least_effect:g}, which a version may lose"
    else:
        meaning = ""
    return judge_condition(
        NOT_WORSE,
        not refuses,
        f"{compared}: {_words(difference)}{meaning}.",
        is_blocking=difference.queries >= FEWEST_ROWS_FOR_AN_ERROR,
        value=difference.value,
        threshold=-least_effect,
        applicable=difference.queries,
    )


def judge_enrichment(difference: Interval, why_none: str | None = None) -> Judgement:
    """Whether the enriched search is worse than the baseline by more than chance; `difference` is the paired one of
    nDCG@10, as served. Never more than a warning: searches in the catalog's own words can be the default meanwhile.
    Without a query there is nothing to be worse at; `why_none` is then what the catalog lacks.
    """
    if not difference.queries:
        return judge_condition(ENRICHMENT_PAYS, True, f"Not measured: {why_none or 'no query has an answer'}.")
    return judge_condition(
        ENRICHMENT_PAYS,
        not difference.high < 0,
        f"The enriched search's nDCG@10 minus the baseline's is {_words(difference)}.",
        is_blocking=False,
        value=difference.value,
        threshold=0.0,
        applicable=difference.queries,
    )


def _measured_both_ways(
    table: Table,
    encoder: TextEncoder,
    texts: list[str],
    relevance: pl.DataFrame,
    excluded_ids: Collection[int],
    shop: ShopProfile,
) -> dict[str, pl.DataFrame]:
    vectors = embed_queries(table, encoder, texts)
    served = {"As served": served_rankings(shop.taxonomy)[DEFAULT_INDEX]}
    rankings = rank_texts(table, encoder, texts, DEFAULT_INDEX, served, excluded_ids, shop.taxonomy, shop.language)
    rankings["By vectors alone"] = rank_by_vectors(table, vectors, DEFAULT_INDEX, excluded_ids)
    return {way: query_metrics(ranking, relevance) for way, ranking in rankings.items()}


def _words(difference: Interval) -> str:
    return (
        f"{difference.value:+.3f} (95 % interval {difference.low:+.3f} to {difference.high:+.3f}, "
        f"{difference.queries} queries)"
    )
