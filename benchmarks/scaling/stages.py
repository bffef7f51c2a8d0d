"""One stage in a process of its own: seconds, CPU seconds and peak memory, as a line of JSON.

    python -m benchmarks.scaling.stages FOLDER PRODUCTS STAGE

A stage is a generator: what it does before it yields is preparation, and only what follows is timed.
"""

import json
import resource
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import polars as pl

from benchmarks.scaling.batches import ENCODER, IMAGE_WEIGHT, QUESTIONS, STEPS
from benchmarks.scaling.catalog import PHOTO_FOLDER, RULES, SOURCE, measured_batches, write_catalog
from benchmarks.scaling.filling import fill, run_alone
from benchmarks.scaling.models import IDENTITY
from fashion_assets.automation.planning import Versions, plan_batches
from fashion_assets.catalog.ingest import ingest
from fashion_assets.catalog.photo_intake import PhotoPlaces
from fashion_assets.catalog.source import open_source
from fashion_assets.catalog.tables import INGESTED_PRODUCTS
from fashion_assets.embeddings.tables import VECTOR_COLUMNS
from fashion_assets.extraction.questions import prompts_version
from fashion_assets.extraction.tables import RESPONSE_JOURNAL
from fashion_assets.quality.report.write import write_report
from fashion_assets.quality.verdicts.summary import batch_outcomes
from fashion_assets.search.index.build import build_index
from fashion_assets.search.index.recall import compare_ids, query_milliseconds, recall_at
from fashion_assets.search.index.refresh import is_stale
from fashion_assets.search.index.rows import IndexRows
from fashion_assets.search.index.servable import servable_rows
from fashion_assets.search.index.update import update_index
from fashion_assets.search.index.versions import INDEXES, open_live, open_newest, promote
from fashion_assets.search.query.search import search_vector
from fashion_assets.storage.store import TableStore

Stage = Iterator[dict[str, float] | None]

PROC_STATUS = Path("/proc/self/status")
INDEX = next(name for name, column in INDEXES.items() if column == VECTOR_COLUMNS[0])
"""The one index that is built: each of the five is built for itself, in the same way."""

_SEARCHES = 200

ONE_BATCH = "a batch, all steps"


def store_of(home: Path) -> TableStore:
    return TableStore(str(home / "tables"))


def _simulate(home: Path, products: int) -> Stage:
    yield
    write_catalog(home, products, store_of(home))


def _fill(home: Path, products: int) -> Stage:
    yield
    fill(home, store_of(home), products)


def _ingest(home: Path, products: int) -> Stage:
    store, now = store_of(home), datetime.now(UTC)
    yield
    photos = home / PHOTO_FOLDER
    result = ingest(open_source(home / SOURCE, RULES), PhotoPlaces(photos, photos), store, now)
    yield {"new": result.new_products, "commits": sum(changes.total > 0 for changes in result.changes.values())}


def _one_batch(home: Path, products: int) -> Stage:
    store, batch = store_of(home), measured_batches(products)[0]
    with tempfile.TemporaryDirectory() as folder:  # warm-up: imports and compilation are not part of a batch
        run_alone(Path(folder), home / PHOTO_FOLDER, store, batch)
    yield
    for run in STEPS.values():
        run(store, batch, home / PHOTO_FOLDER)


def _compact(home: Path, products: int) -> Stage:
    store = store_of(home)
    before = store.files(RESPONSE_JOURNAL).count
    yield
    after = store.compact(RESPONSE_JOURNAL)
    yield {"files_before": before, "files": after.count}


def _plan(home: Path, products: int) -> Stage:
    versions = Versions(prompts_version(QUESTIONS), IDENTITY.model_id, ENCODER.model_id, str(IMAGE_WEIGHT))
    yield
    plans = plan_batches(store_of(home), versions)
    yield {"batches": len(plans), "must_run": sum(plan.must_run for plan in plans)}


def _catalog_quality(home: Path, products: int) -> Stage:
    store, now = store_of(home), datetime.now(UTC)
    yield
    report = write_report(store, None, home / PHOTO_FOLDER, home / "report.html", now)
    yield {"passed": batch_outcomes(report.verdicts).filter(outcome="passed").height}


def _stale(home: Path, products: int) -> Stage:
    yield
    yield {"is_stale": is_stale(store_of(home), ENCODER.model_id)}


def _servable(home: Path, products: int) -> Stage:
    yield
    yield {"rows": len(servable_rows(store_of(home), ENCODER.model_id).rows.keys)}


def _build(home: Path, products: int) -> Stage:
    uri, rows = str(home / "index"), _of_one_index(servable_rows(store_of(home), ENCODER.model_id).rows)
    yield
    promote(uri, build_index(uri, rows).version)


def _update(home: Path, products: int) -> Stage:
    uri, store = str(home / "index"), store_of(home)
    last = measured_batches(products)[-1]
    ingested = store.read(INGESTED_PRODUCTS, last)
    store.merge(INGESTED_PRODUCTS, ingested.with_columns(pl.col("price").fill_null(0) + 1), last)
    rows = _of_one_index(servable_rows(store, ENCODER.model_id).rows)
    version = open_live(uri).version
    yield
    built, changes = update_index(uri, version, rows)
    promote(uri, built.version)
    yield {"written": len(changes.written_ids)}


def _of_one_index(rows: IndexRows) -> IndexRows:
    """`rows` without the vectors of the other indexes."""
    absent = [pl.lit(None, pl.List(pl.Float32)).alias(name) for name in VECTOR_COLUMNS[1:]]
    return replace(
        rows,
        vectors={name: count if name == VECTOR_COLUMNS[0] else 0 for name, count in rows.vectors.items()},
        read=lambda ids: (part.with_columns(absent) for part in rows.read(ids)),
    )


def _judge(home: Path, products: int) -> Stage:
    ids = servable_rows(store_of(home), ENCODER.model_id).rows.keys["product_id"]
    yield
    table, column = open_newest(str(home / "index")), INDEXES[INDEX]
    is_match = compare_ids(table, ids).is_match
    yield {"is_match": is_match, "recall": recall_at(table, column), "p50": query_milliseconds(table, column)}


def _search(home: Path, products: int) -> Stage:
    table = open_live(str(home / "index"))
    queries = table.search().select([INDEXES[INDEX]]).limit(_SEARCHES).to_arrow()[INDEXES[INDEX]].to_pylist()
    times = []
    yield
    for query in queries:
        start = time.perf_counter()
        search_vector(table, np.array(query, dtype=np.float32), index=INDEX, limit=20)
        times.append((time.perf_counter() - start) * 1000)
    yield {"p50": float(np.percentile(times, 50)), "p95": float(np.percentile(times, 95))}


STAGES: Mapping[str, Callable[[Path, int], Stage]] = {
    "(write the source)": _simulate,
    "ingest": _ingest,
    "ingest, nothing new": _ingest,
    "(fill the tables)": _fill,
    ONE_BATCH: _one_batch,
    "journal compaction": _compact,
    "plan": _plan,
    "catalog quality": _catalog_quality,
    "is the index stale": _stale,
    "servable rows": _servable,
    "index build": _build,
    "index update": _update,
    "index judging": _judge,
    "search": _search,
}
"""In order: each works on what those before have left. Those in brackets only prepare."""


def main() -> None:
    home, products, name = sys.argv[1:]
    stage = STAGES[name](Path(home), int(products))
    next(stage)
    wall, cpu = time.perf_counter(), time.process_time()
    figures = next(stage, None)
    taken = {"seconds": time.perf_counter() - wall, "cpu_seconds": time.process_time() - cpu, "peak_mib": _peak_mib()}
    next(stage, None)
    print(json.dumps({**taken, "found": figures or {}}), flush=True)


def _peak_mib() -> float:
    """The most memory this process has held (RSS)."""
    if PROC_STATUS.exists():  # on Linux `ru_maxrss` starts with the memory of the parent
        kib = next(line.split()[1] for line in PROC_STATUS.read_text().splitlines() if line.startswith("VmHWM"))
        return int(kib) / 2**10
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20  # bytes on macOS


if __name__ == "__main__":
    main()
