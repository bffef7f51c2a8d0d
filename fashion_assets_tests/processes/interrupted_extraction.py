"""A process that extracts a batch through an endpoint, to be interrupted; see `test_batches.py`.

    python -m fashion_assets_tests.processes.interrupted_extraction FOLDER PORT CONCURRENCY

FOLDER has products.parquet, their photos, and gets the tables.
"""

import signal
import sys
from pathlib import Path

import polars as pl

from fashion_assets.extraction.backends.endpoint.connection import Endpoint
from fashion_assets.extraction.backends.endpoint.model import EndpointModel
from fashion_assets.extraction.extract import extract_batch
from fashion_assets.extraction.journal import Journal
from fashion_assets.extraction.questions import default_prompts_folder, load_questions
from fashion_assets.storage.store import TableStore


def main() -> None:
    folder, port, concurrency = Path(sys.argv[1]), *map(int, sys.argv[2:])
    signal.signal(signal.SIGINT, signal.default_int_handler)  # who starts it may have ignored the signal
    extract_batch(
        pl.read_parquet(folder / "products.parquet"),
        folder,
        load_questions(default_prompts_folder()),
        EndpointModel(Endpoint(f"http://127.0.0.1:{port}/v1", "vlm", None, concurrency)),
        Journal(TableStore(str(folder / "tables"))),
    )


if __name__ == "__main__":
    main()
