"""The page needs nothing else, says the verdict in words, and shows foreign text as text."""

from dataclasses import replace
from html.parser import HTMLParser

import polars as pl
import pytest

from fashion_assets.gates.regressions import Acceptance
from fashion_assets.quality.report.page import render
from fashion_assets.quality.report.records import BatchRecord
from fashion_assets.quality.rules.declarations import extraction_gates
from fashion_assets.quality.rules.distributions import distributions
from fashion_assets.quality.verdicts.overrides import Override
from fashion_assets.shop.profile import SHIPPED
from fashion_assets_tests.factories import BATCH_0, attributes
from fashion_assets_tests.factories.clock import NOW
from fashion_assets_tests.factories.reports import PASSED, STOPPED, WATCH, report_on

HOSTILE = '"><script>alert(1)</script><img src=http://evil.example/x onerror=alert(2)>&amp;{{ 7 * 7 }}'
ROWS = attributes(
    {"product_display_name": HOSTILE, "material_probability": 0.9},
    {**WATCH, "material": "canvas", "product_display_name": HOSTILE},
    {"extraction_success": False, "extraction_errors": ["answer_unparseable:x"], "product_display_name": HOSTILE},
)
LABELS = pl.DataFrame({"product_id": [0, 1], "material": ["woven fabric", "metal"]})


class Page(HTMLParser):
    """Tags, attributes and visible words of a page."""

    def __init__(self, text: str):
        super().__init__()
        self.tags, self.attributes, self._words, self._within = [], [], [], []
        self.feed(text)
        self.close()
        self.text = " ".join(" ".join(self._words).split())

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += attrs
        self._within = [tag]

    def handle_data(self, data):
        if self._within != ["style"]:
            self._words.append(data)

    def handle_endtag(self, tag):
        self._within = []


def page_of(rows=ROWS, *records: BatchRecord, photos: dict | None = None, **more) -> Page:
    report = report_on(rows, *records, **more)
    usual = {product.product_id: "photo_missing" for product in report.shown_products}
    return Page(render(report, {**usual, **(photos or {})}))


def test_the_page_needs_no_other_file_and_no_script():
    page = page_of(labels=LABELS, photos={0: "data:image/jpeg;base64,AAAA"})
    addresses = [value for name, value in page.attributes if name in ("src", "href", "srcset", "data", "action")]
    assert all(value.startswith(("data:", "#")) for value in addresses), addresses
    assert "data:image/jpeg;base64,AAAA" in addresses
    assert not {"script", "link", "iframe", "object", "image", "use"} & set(page.tags)
    assert not [name for name, _ in page.attributes if name.startswith("on")]


def test_products_are_called_as_the_shop_calls_them():
    report = report_on(ROWS)
    photos = {product.product_id: "photo_missing" for product in report.shown_products}
    text = render(report, photos, {key: f"SKU-{key}<" for key in report.named_products})
    assert all(f"SKU-{product.product_id}&lt;" in text for product in report.shown_products)
    assert "SKU-" not in render(report, photos)


def test_styles_load_nothing():
    report = report_on(ROWS)
    text = render(report, dict.fromkeys(range(3), "photo_missing"))
    style = text[text.index("<style>") : text.index("</style>")]
    assert "url(" not in style and "@import" not in style and "prefers-color-scheme: dark" in style


def test_names_of_products_are_text():
    page = page_of()
    assert page.text.count(HOSTILE) == 5  # three samples, a failure and a disagreement


def test_every_gate_is_named_with_its_reason():
    page, report = page_of(), report_on(ROWS)
    for gate in extraction_gates(SHIPPED):
        assert gate.why in page.text
    for one in report.gates:
        assert one.judgement.reason in page.text
    assert "First offending products: 1 " in page.text


@pytest.mark.parametrize(
    ("verdict", "words"),
    [
        (PASSED, "Passed No gate stops this batch; 3 of 26 warn."),
        (STOPPED, "Stopped This batch is held back"),
        (replace(STOPPED, override=Override("A. Person", "<known>", NOW)), "Overridden A. Person overrode this at"),
        (None, "Not judged There is no verdict on these rows"),
    ],
)
def test_the_verdict_comes_first_in_words(verdict, words: str):
    page = page_of(ROWS, BatchRecord(BATCH_0, verdict))
    assert words in page.text
    assert page.text.index(words) < page.text.index("Extraction success is at least 85%")
    if verdict is not None and not verdict.passed:
        assert "Watches are metal : 0 of 20 rows are 0.0%" in page.text
    if verdict is not None and verdict.override:
        assert "<known>" in page.text


def test_what_dropped_and_who_accepted_it_is_told():
    rows = attributes(*[WATCH] * 18, *[{**WATCH, "material": "unknown"}] * 2)
    record = BatchRecord(
        BATCH_0, PASSED, {"watches_are_metal": 1.0}, distributions(rows), Acceptance("A. Person", "plastic", NOW)
    )
    page = page_of(rows, record)
    assert "1 figure is worse by more than 5 points" in page.text
    assert "Watches are metal 100.0% 90.0% 10.0 points worse" in page.text
    assert "A. Person accepted this at 2026-01-01 00:00 UTC: plastic." in page.text
    assert "last accepted run" in page.text and "nothing to compare" not in page.text


def test_charts_have_text_and_a_name():
    page = page_of(labels=LABELS)
    named = [value for name, value in page.attributes if name == "aria-label" and value.startswith("Shares of")]
    assert "Shares of material: woven fabric 50%, canvas 50%." in named
    assert any(value == "Calibration of material: 100% right at 0.90." for _, value in page.attributes)
    assert "three-quarter sleeve" in page.text
    assert "currentColor" in dict.fromkeys(value for _, value in page.attributes)


def test_accuracy_is_told_with_its_interval():
    page = page_of(labels=LABELS)
    assert "Material 50.0% 9.5% to 90.5%" in page.text and "missed" in page.text
    of_others = page_of(labels=LABELS.with_columns(pl.col("product_id") + 100))
    assert "None of the labelled products is among these." in of_others.text


def test_cost_is_told_where_it_is_known():
    page = page_of(cost={"products": 1200, "cost": 0.00042, "seconds": 12.345, "preview": "| x |"})
    assert "Cost of the run products 1,200 seconds 12.35 cost 0.000420" in page.text
    assert "Cost of the run" not in page_of().text


def test_an_empty_batch_has_a_page():
    page = page_of(ROWS.clear())
    assert "No product failed." in page.text and "No product has answers." in page.text


def test_the_whole_catalog_has_a_table_of_verdicts():
    rows = attributes({}, {"batch": "batch_00001"})
    page = page_of(rows, BatchRecord(BATCH_0, PASSED), BatchRecord("batch_00001", replace(STOPPED, batch="x")))
    assert "1 of 2 batches stopped" in page.text
    assert "batch_00000 passed 1 0" in page.text and "batch_00001 stopped 1 0 Watches are metal: 0 of 20" in page.text
