"""However a catalog is parted, what is counted in the parts and told of them is the same."""

import weakref
from collections.abc import Iterator
from functools import reduce
from operator import add

import polars as pl
import pytest

from fashion_assets.extraction.tables import EXTRACTED_ATTRIBUTES
from fashion_assets.gates.gate import Gate
from fashion_assets.quality.report.contents import QualityReport
from fashion_assets.quality.report.gather import Part, gather
from fashion_assets.quality.report.records import BatchRecord
from fashion_assets.quality.report.write import write_report
from fashion_assets.quality.rules.consistency import broken_rules
from fashion_assets.quality.rules.declarations import extraction_gates
from fashion_assets.quality.rules.distributions import distributions, pooled
from fashion_assets.quality.tables import CONSISTENCY_CHECKS
from fashion_assets.quality.verdicts.verdict import Verdict
from fashion_assets.shop.profile import SHIPPED
from fashion_assets.storage.table import BATCH
from fashion_assets_tests.factories import attributes
from fashion_assets_tests.factories.clock import NOW

BATCHES = [f"batch_{number:05}" for number in range(7)]
TYPES = ("Watches", "Tshirts", "Shirts", "Casual Shoes", "Handbags", None)
MATERIALS = ("metal", "knit fabric", "leather", "unknown", "canvas")
CODES = ("photo_missing", "answer_unparseable:style", "not_answered:material")


def varied(number: int) -> dict:
    """A product unlike its neighbours; those of a batch are spread over the catalog."""
    return {
        BATCH: BATCHES[number * 3 % 7],
        "article_type": TYPES[number % 11 % 6],
        "material": MATERIALS[number * number % 13 % 5],
        "material_probability": None if number % 17 == 0 else number * 37 % 100 / 100,
        "clip_material": MATERIALS[number % 5],
        "usage": "Sports" if number % 4 == 0 else "Casual",
        "formality": "athletic" if number % 3 == 0 else "casual",
        "visual_details": ["has logo", "has hood"][: number % 3],
        "extraction_success": number % 9 != 0,
        "extraction_errors": [CODES[number // 9 % 3]] if number % 9 == 0 else [],
        "model_id": f"fake {number % 2}",
    }


CATALOG = attributes(*map(varied, range(420)))
LABELS = CATALOG.filter(pl.col("product_id") % 5 == 0).select("product_id", "pattern", material="clip_material")


def in_parts(batches_in_each: int) -> list[pl.DataFrame]:
    parts = [BATCHES[start : start + batches_in_each] for start in range(0, len(BATCHES), batches_in_each)]
    return [CATALOG.filter(pl.col(BATCH).is_in(batches)) for batches in parts]


def part_of(rows: pl.DataFrame) -> Part:
    records = [
        BatchRecord(
            batch,
            Verdict(batch, "f", True, ()),
            {gate.name: float(gate.direction == "at_least") for gate in extraction_gates(SHIPPED)},
            distributions(CATALOG.filter(pl.col(BATCH) == batch).reverse().head(40)),
        )
        for batch in rows[BATCH].unique().sort()
    ]
    return Part(records, rows, broken_rules(rows))


def told(batches_in_each: int) -> QualityReport:
    return gather("catalog", map(part_of, in_parts(batches_in_each)), NOW, labels=LABELS)


@pytest.mark.parametrize("batches_in_each", [1, 2, 5, 7])
@pytest.mark.parametrize("gate", extraction_gates(SHIPPED), ids=lambda gate: gate.name)
def test_a_gate_judges_parts_as_it_judges_all_rows(gate: Gate, batches_in_each: int):
    tally = reduce(add, map(gate.count, in_parts(batches_in_each)))
    assert gate.decide(tally) == gate.judge(CATALOG)


def test_the_gates_have_something_to_judge():
    judgements = [gate.judge(CATALOG) for gate in extraction_gates(SHIPPED)]
    assert {one.outcome for one in judgements} == {"passed", "warned", "failed"}
    assert sum(len(one.sample_ids) == 10 for one in judgements) > 5


@pytest.mark.parametrize("batches_in_each", [1, 2, 5])
def test_shares_of_parts_are_those_of_all_rows(batches_in_each: int):
    shares = pooled([distributions(rows) for rows in in_parts(batches_in_each)])
    assert shares.sort("attribute", "value").equals(distributions(CATALOG).sort("attribute", "value"))


@pytest.mark.parametrize("batches_in_each", [1, 2, 5])
def test_a_report_tells_the_same(batches_in_each: int):
    whole = told(len(BATCHES))
    assert told(batches_in_each) == whole
    assert whole.samples and whole.changes and whole.disagreements[0].more_ids and whole.calibrations
    assert len(whole.failures) == len(CODES) and all(one.before is not None for one in whole.distributions[0].shares)


def test_no_part_is_held_while_the_next_is_read():
    gone = []

    def parts() -> Iterator[Part]:
        for rows in in_parts(1):
            gone.append(None)
            yield watched(part_of(rows))
            assert len(gone) == 2
            gone.clear()

    def watched(part: Part) -> Part:
        weakref.finalize(part, gone.append, None)
        return part

    assert gather("catalog", parts(), NOW).products == len(CATALOG)


def test_a_catalog_of_no_batch_has_nothing_to_tell():
    found = gather("catalog", [], NOW, labels=LABELS)
    assert (found.products, found.success_rate, found.verdicts, found.samples) == (0, None, (), ())
    assert {one.judgement.outcome for one in found.gates} == {"passed"}


def test_tables_are_reported_the_same_however_many_batches_are_read_at_once(store, tmp_path, monkeypatch):
    store.merge(EXTRACTED_ATTRIBUTES, CATALOG, BATCHES)
    store.merge(CONSISTENCY_CHECKS, broken_rules(CATALOG), BATCHES)
    whole = write_report(store, None, tmp_path, tmp_path / "report.html", NOW)
    monkeypatch.setattr("fashion_assets.storage.reader.BATCHES_AT_ONCE", 3)
    assert write_report(store, None, tmp_path, tmp_path / "report.html", NOW) == whole
