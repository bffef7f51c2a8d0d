"""Shares of values, worked out by hand, and which of them were accepted."""

from datetime import UTC, datetime, timedelta

import polars as pl
import pytest

from fashion_assets.quality.rules.distributions import (
    NO_SHARES,
    accept_distributions,
    accepted_distributions,
    distributions,
    pooled,
)
from fashion_assets.quality.tables import ACCEPTED_DISTRIBUTIONS
from fashion_assets_tests.factories import BATCH_0, attributes

NOW = datetime(2026, 1, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)


def shares_of(shares: pl.DataFrame, attribute: str) -> dict[str, float]:
    return dict(shares.filter(attribute=attribute).select("value", "share").iter_rows())


def counts_of(shares: pl.DataFrame, attribute: str) -> list[int]:
    return shares.filter(attribute=attribute)["applicable"].unique().to_list()


def test_shares_are_of_successful_products_whose_question_was_asked():
    not_asked = {"collar_type": None, "sleeve_length": None, "fit_type": "cannot determine"}
    found = distributions(
        attributes(
            {"material": "denim", "fit_type": "cannot determine"},
            {"material": "denim", **not_asked},
            {"material": "metal", **not_asked},
            {"material": "leather", "fit_type": "loose"},
            {"material": "canvas", "extraction_success": False},
        )
    )
    assert shares_of(found, "material") == {"denim": 0.5, "leather": 0.25, "metal": 0.25}
    assert counts_of(found, "material") == [4]
    assert shares_of(found, "fit_type") == {"cannot determine": 0.5, "loose": 0.5}
    assert counts_of(found, "fit_type") == [2]


def test_a_product_counts_for_each_item_and_for_none_without_any():
    found = distributions(
        attributes(
            {"visual_details": ["has logo", "has hood"]},
            {"visual_details": ["has logo", "has logo"]},
            {"visual_details": []},
            {"visual_details": []},
        )
    )
    assert shares_of(found, "visual_details") == {"has hood": 0.25, "has logo": 0.5, "none": 0.5}


def test_no_products_have_no_shares():
    assert distributions(attributes({}).clear()).equals(NO_SHARES)
    assert pooled([]).equals(NO_SHARES)


def test_batches_count_by_their_products_when_pooled():
    one = attributes({"material": "denim"}, {"material": "denim"}, {"material": "metal"})
    found = pooled([distributions(one), distributions(attributes({"material": "canvas"}))])
    expected = {"denim": 0.5, "metal": 0.25, "canvas": 0.25}
    assert shares_of(found, "material") == pytest.approx(expected)
    assert counts_of(found, "material") == [4]


def test_the_last_acceptance_counts_whole_and_is_recorded_once(store):
    denim = distributions(attributes({"material": "denim"}))
    metal = distributions(attributes({"material": "metal"}))
    accept_distributions(store, BATCH_0, denim, NOW)
    accept_distributions(store, BATCH_0, denim, NOW + HOUR)
    assert len(store.read(ACCEPTED_DISTRIBUTIONS)) == len(denim)
    accept_distributions(store, BATCH_0, metal, NOW + 2 * HOUR)
    assert shares_of(accepted_distributions(store, BATCH_0), "material") == {"metal": 1.0}
    assert shares_of(accepted_distributions(store, BATCH_0, NOW + 2 * HOUR), "material") == {"denim": 1.0}
    assert accepted_distributions(store, BATCH_0, NOW).is_empty()
    assert accepted_distributions(store, "batch_00001").is_empty()
