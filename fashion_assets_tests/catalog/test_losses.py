"""What was lost is said in counts, reasons and first examples, and only what was lost."""

import polars as pl

from fashion_assets.catalog.losses import EXAMPLES, Loss, losses_of_rows, losses_of_values, read_losses
from fashion_assets.catalog.photo_intake import NOT_FETCHED
from fashion_assets_tests.factories.photo_files import product, save

HEADER = "product_id,price,image_path,year,status,product_display_name\n"


def rows(*kinds_and_reasons: tuple[str | None, str]) -> pl.DataFrame:
    lines = [(number, kind, reason) for number, (kind, reason) in enumerate(kinds_and_reasons, 2)]
    schema = {"line_number": pl.Int64, "kind": pl.String, "reason": pl.String}
    return pl.DataFrame(lines, schema=schema, orient="row")


def test_rows_are_counted_by_kind_the_most_frequent_first():
    lost = rows(("price", "price '-1' is negative"), *[("product_id", "the product id is missing")] * 4)
    quarantined, excluded = losses_of_rows(lost)
    assert quarantined == (
        Loss("rows without an id", 4, tuple(f"line {line}: the product id is missing" for line in (3, 4, 5))),
        Loss("negative prices", 1, ("line 2: price '-1' is negative",)),
    )
    assert excluded == ()


def test_rows_that_the_shop_leaves_out_are_no_losses():
    quarantined, excluded = losses_of_rows(
        rows(("excluded", "Status is 'draft'"), ("heading", "'Shirts' is a heading: the row has nothing else"))
    )
    assert quarantined == ()
    assert [(loss.what, loss.count) for loss in excluded] == [
        ("row, because Status is 'draft'", 1),
        ("headings between products", 1),
    ]


def test_rows_of_tables_from_before_there_were_kinds_are_counted():
    quarantined, excluded = losses_of_rows(rows((None, "product id 'x' is not a whole number")))
    assert quarantined == (Loss("rows", 1, ("line 2: product id 'x' is not a whole number",)),)
    assert excluded == ()


def test_values_are_counted_by_what_they_are():
    part = pl.DataFrame({"shop_id": ["a", "b", "c"], "unreadable": [["unreadable years: 'soon'"], None, None]})
    prices = pl.DataFrame({"shop_id": list("defg"), "unreadable": [["unreadable prices: 'ask: us'"]] * 4})
    assert losses_of_values([part, prices]) == (
        Loss("unreadable prices", 4, ("'ask: us' of d", "'ask: us' of e", "'ask: us' of f")),
        Loss("unreadable years", 1, ("'soon' of a",)),
    )


def test_a_whole_ingest_is_accounted_for(ingested, tmp_path):
    save(product(1), tmp_path / "photos" / "ok.png")
    (tmp_path / "photos" / "broken.png").write_text("no photo")
    lines = (
        "1,9,ok.png,2012,active,Shirt",
        "2,ask us,gone.png,soon,active,Shirt",
        "3,9,broken.png,2012,active,Shirt",
        "4,9,https://cdn.example/4.jpg,2012,active,Shirt",
        "5,9,,2012,active,Shirt",
        ",9,ok.png,2012,active,Shirt",
        "7,9,ok.png,2012,draft,Shirt",
    )
    done = ingested(HEADER + "\n".join(lines), exclude={"status": ["draft"]})
    losses = read_losses(done.store)
    assert (losses.products, losses.quarantined_rows, losses.excluded_rows, losses.without_photo) == (5, 1, 1, 4)
    assert {loss.what: loss.count for loss in losses.values} == {"unreadable prices": 1, "unreadable years": 1}
    by_reason = {loss.what: loss.examples for loss in losses.photos}
    assert by_reason["no such file"] == ("gone.png",)
    assert by_reason[NOT_FETCHED] == ("https://cdn.example/4.jpg",)
    assert sum(loss.count for loss in losses.photos) == 4
    text = "\n".join(losses.sentences())
    for sentence in (
        "Quarantined: 1 row.",
        "  1 row without an id: line 7: the product id is missing",
        "Left out on purpose: 1 row.",
        "  1 row, because status is 'draft': line 8",
        "Without a usable photo: 4 products.",
        "Values that could not be read: 2.",
        "  1 unreadable price: 'ask us' of 2",
    ):
        assert sentence in text


def test_a_photo_is_named_as_the_shop_names_it(ingested):
    lines = ("HS-1,9,https://cdn.example/1.jpg,2012,active,Shirt", "HS-2,9,,2012,active,Shirt", "HS-3,9,,2012,,Shirt")
    losses = read_losses(ingested(HEADER + "\n".join(lines), photos={"fetch": False}).store)
    assert {loss.examples for loss in losses.photos} == {("https://cdn.example/1.jpg",), ("HS-2", "HS-3")}


def test_nothing_lost_is_nothing_said(ingested, tmp_path):
    save(product(1), tmp_path / "photos" / "ok.png")
    losses = read_losses(ingested(HEADER + "1,9,ok.png,2012,active,Shirt\n").store)
    assert not losses
    assert losses.sentences() == []


def test_losses_before_the_first_ingest_are_none(store):
    assert not read_losses(store)


def test_only_the_first_examples_are_kept():
    quarantined, _ = losses_of_rows(rows(*[("price", "price '-1' is negative")] * 100))
    assert [len(loss.examples) for loss in quarantined] == [EXAMPLES]
