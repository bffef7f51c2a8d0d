"""What the shop's table states stands beside the model's answers, as it is at present."""

import polars as pl

from fashion_assets.extraction.stated import with_stated_values
from fashion_assets.extraction.tables import EXTRACTED_ATTRIBUTES
from fashion_assets.shop.profile import SHIPPED
from fashion_assets_tests.factories import attributes, product, products

STATED = ("given", "stated_material", "stated_pattern")


def test_the_models_answers_stay_and_earlier_statements_go():
    rows = attributes({"stated_material": "metal", "given": '{"material":"Steel"}'}, {"stated_pattern": "striped"})
    text = '{"material":"Suede","pattern":"moonstone"}'
    stated = with_stated_values(rows, products(product(1), product(0, given=text)), SHIPPED)
    assert stated.columns == rows.columns
    assert stated.select(STATED).rows() == [(text, "leather", None), (None, None, None)]
    assert stated["material"].to_list() == ["woven fabric", "woven fabric"]


def test_products_of_a_shop_that_states_nothing_have_no_such_column():
    stated = with_stated_values(attributes({}), products(product(0)).drop("given"), SHIPPED)
    assert stated.equals(attributes({}))


def test_an_empty_batch_stays_empty():
    empty = attributes({}).clear()
    assert with_stated_values(empty, products(product(0)).clear(), SHIPPED).schema == EXTRACTED_ATTRIBUTES.row_schema


def test_rows_without_a_statement_hash_as_before_there_were_any():
    later = {"given", *(name for name in EXTRACTED_ATTRIBUTES.schema if name.startswith("stated_"))}
    assert set(EXTRACTED_ATTRIBUTES.later_columns) == later and not later & set(EXTRACTED_ATTRIBUTES.hashed_columns)
    assert pl.DataFrame(schema=EXTRACTED_ATTRIBUTES.row_schema).select(later).width == 7
