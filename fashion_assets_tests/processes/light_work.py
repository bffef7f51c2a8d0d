"""Submitted in place of the project's own file: work so light that every fault can be tried in a second.

Each batch has four items, and no item is ever done twice: that would raise FileExistsError here. Files on the `desk`
that the settings name tell it what to do: `hold` at the second item, `break`, `refuse` one batch, or `die`.
"""

import os
import signal
import time
from pathlib import Path
from types import SimpleNamespace

import dagster_pipes
import polars as pl
from dagster_pipes import (
    PipesUnityCatalogVolumesContextLoader,
    PipesUnityCatalogVolumesMessageWriter,
    open_dagster_pipes,
)

from fashion_assets.compute.tasks import find_computed, record_computed
from fashion_assets.errors import ModelError
from fashion_assets.storage.store import TableStore
from fashion_assets.storage.table import BATCH, Column, table_of_asset

# Pipes pauses for six seconds in total while its last messages and output arrive; here they are a few lines.
dagster_pipes.time = SimpleNamespace(time=time.time, sleep=lambda seconds: time.sleep(seconds / 20))
dagster_pipes.PipesStdioLogWriterChannel.WAIT_FOR_TEE_SECONDS = 0.1

LIGHT = table_of_asset("light", columns=(Column("product_id", pl.Int64), Column(BATCH, pl.String)))


def main() -> None:
    with open_dagster_pipes(
        context_loader=PipesUnityCatalogVolumesContextLoader(),
        message_writer=PipesUnityCatalogVolumesMessageWriter(interval=0),
    ) as pipes:
        order = pipes.extras
        store, desk = TableStore(order["settings"]["tables"]), Path(order["settings"]["desk"])
        for ordered in order["batches"]:
            batch, target = ordered["batch"], ordered["target"]
            request = order["request"] if order["only_failed"] else None
            if find_computed(store, LIGHT, batch, target, request) is None:
                do(batch, desk, pipes)
                store.merge(LIGHT, pl.DataFrame({"product_id": [int(batch[-1])]}), batch)
                record_computed(store, LIGHT, batch, target, order["request"], {"items": 4})


def do(batch: str, desk: Path, pipes) -> None:
    for item in range(4):
        done = desk / f"{batch}-{item}"
        if not done.exists():
            done.open("x").close()
            pipes.log.info(f"item {item} of {batch} is done")
        while item == 1 and (desk / "hold").exists():
            time.sleep(0.02)
    if (desk / "break").exists():
        raise ZeroDivisionError("a colour was divided by zero")
    if (desk / "refuse").exists() and (desk / "refuse").read_text() == batch:
        value, remedy = f"The model has no weights for {batch}", "set FASHION_VLM to a whole folder"
        error = ModelError(value=value, rule="it needs some", remedy=remedy)
        pipes.report_custom_message({"error": error.as_dict()})
        raise SystemExit(1)
    if (desk / "die").exists():
        os.kill(os.getpid(), signal.SIGKILL)


if __name__ == "__main__":
    main()
