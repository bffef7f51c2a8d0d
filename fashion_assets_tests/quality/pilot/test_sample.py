"""A pilot's sample: every frequent type, enough watches and t-shirts, one product a photo."""

import polars as pl

from fashion_assets.quality.pilot.sample import pilot_sample
from fashion_assets_tests.factories import product, products


def catalog(**counts: int) -> pl.DataFrame:
    """So many products of each article type, each with a photo of its own."""
    types = [name for name, count in counts.items() for _ in range(count)]
    return products(
        *(
            product(
                number, article_type=name, photo_status="ok", photo_sha256=f"sha{number}", image_path=f"{number}.jpg"
            )
            for number, name in enumerate(types)
        )
    )


def count_by_type(rows: pl.DataFrame) -> dict[str, int]:
    return dict(rows["article_type"].value_counts().iter_rows())


def test_each_type_gets_its_share_and_each_frequent_one_a_product():
    stratified, _ = pilot_sample(catalog(Shirts=600, Jeans=389, Belts=10, Ties=1))
    assert count_by_type(stratified) == {"Shirts": 60, "Jeans": 39, "Belts": 1}


def test_a_type_of_exactly_one_percent_is_frequent():
    rare = {f"Type{number}": 10 for number in range(100)}
    stratified, _ = pilot_sample(catalog(**rare))
    assert count_by_type(stratified) == dict.fromkeys(rare, 1)


def test_watches_and_tshirts_are_topped_up():
    stratified, added = pilot_sample(catalog(Shirts=900, Watches=60, Tshirts=40))
    everything, fewest = count_by_type(pl.concat([stratified, added])), {"Watches": 20, "Tshirts": 20}
    assert {name: everything[name] for name in fewest} == fewest
    assert everything["Shirts"] == 90
    assert not set(stratified["product_id"]) & set(added["product_id"])


def test_where_there_are_fewer_all_are_taken():
    stratified, added = pilot_sample(catalog(Shirts=3, Watches=4))
    assert len(stratified) == 7
    assert added.is_empty()


def test_the_sample_depends_on_the_catalog_and_the_seed_alone():
    rows = catalog(Shirts=500, Jeans=500)
    first, again = pilot_sample(rows)[0], pilot_sample(rows.sample(fraction=1, shuffle=True, seed=3))[0]
    assert first["product_id"].to_list() == again["product_id"].to_list()
    assert first["product_id"].to_list() != pilot_sample(rows, seed=1)[0]["product_id"].to_list()


def test_a_photo_is_asked_about_once_and_only_if_it_can_be_used():
    twins = catalog(Shirts=10).with_columns(photo_sha256=pl.lit("same"))
    assert len(pilot_sample(twins)[0]) == 1
    assert pilot_sample(catalog(Shirts=10).with_columns(photo_status=pl.lit("missing")))[0].is_empty()


def test_a_product_without_a_type_may_be_drawn():
    assert len(pilot_sample(catalog(Shirts=5).with_columns(article_type=pl.lit(None, pl.String)))[0]) == 5
