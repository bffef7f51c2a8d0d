"""A report on a few rows of one batch."""

import polars as pl

from fashion_assets.quality.report.gather import Part, gather
from fashion_assets.quality.report.records import BatchRecord
from fashion_assets.quality.rules.consistency import broken_rules
from fashion_assets.quality.verdicts.verdict import Verdict
from fashion_assets_tests.factories.clock import NOW
from fashion_assets_tests.factories.products import BATCH_0

WATCH = {"article_type": "Watches", "material": "metal"}
PASSED = Verdict(BATCH_0, "f", True, ())
STOPPED = Verdict(BATCH_0, "f", False, ("watches_are_metal: 0 of 20 rows are 0.0%, at least 70% was wanted.",))


def report_on(rows: pl.DataFrame, *records: BatchRecord, **more):
    part = Part(records or [BatchRecord(BATCH_0, PASSED)], rows, broken_rules(rows))
    return gather(BATCH_0, [part], NOW, **more)
