"""The steps of a batch among catalogs of several sizes, side by side in one process: CPU seconds, as a line of JSON.

    python -m benchmarks.scaling.side_by_side FOLDER PRODUCTS PRODUCTS ...

FOLDER has a folder for each number of products. A step takes some hundredths of a second, and a machine's speed varies
by half as much over time: so the sizes take turns, step by step and batch by batch, under the same conditions.
"""

import json
import sys
import tempfile
import time
from collections import defaultdict
from pathlib import Path
from statistics import fmean

from benchmarks.scaling.batches import STEPS
from benchmarks.scaling.catalog import PHOTO_FOLDER, measured_batches
from benchmarks.scaling.filling import run_alone
from benchmarks.scaling.stages import store_of


def compare_steps(homes: dict[int, Path]) -> dict[int, dict[str, dict[str, float]]]:
    """By products and step: the mean `seconds` and `cpu_seconds` of the measured batches but the first."""
    stores = {products: store_of(home) for products, home in homes.items()}
    batches = {products: measured_batches(products)[1:] for products in homes}
    for products, home in homes.items():  # imports and compilation are not part of a batch
        with tempfile.TemporaryDirectory() as folder:
            run_alone(Path(folder), home / PHOTO_FOLDER, stores[products], batches[products][0])
    taken = {products: defaultdict(list) for products in homes}
    for number in range(min(map(len, batches.values()))):
        for step, run in STEPS.items():
            for products, home in homes.items() if number % 2 else reversed(homes.items()):
                wall, cpu = time.perf_counter(), time.process_time()
                run(stores[products], batches[products][number], home / PHOTO_FOLDER)
                taken[products][step].append((time.perf_counter() - wall, time.process_time() - cpu))
    return {
        products: {
            step: dict(zip(("seconds", "cpu_seconds"), map(fmean, zip(*times, strict=True)), strict=True))
            for step, times in of.items()
        }
        for products, of in taken.items()
    }


if __name__ == "__main__":
    root, *sizes = sys.argv[1:]
    print(json.dumps(compare_steps({int(products): Path(root) / products for products in sizes})), flush=True)
