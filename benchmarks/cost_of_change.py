"""What runs cost in CPU seconds: the first one, one with nothing to do, and one after a small change.

A home of demo products is made, piloted and run; then three photos change, spread over the batches, and two products
are renamed. Every step is a process of its own, as a person or a scheduler starts it, and is reported when it ends, as
one line of JSON: the step, the products, `cpu_seconds` (user and system, of all threads and children), `seconds` on the
clock and `peak_mb`. CPU seconds grow when other processes share the caches, so let nothing else run.

A home that exists is used as it is: then only the steps after the first run are measured, each time with other photos
and names. With `--stages`, a step is also sampled, and its line says what its CPU seconds were spent on.

    python -m benchmarks.cost_of_change --home /tmp/cost
    python -m benchmarks.cost_of_change --home /tmp/cost --products 300 --stages
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from PIL import Image, ImageEnhance

FASHION = [str(Path(sys.executable).with_name("fashion"))]
SAMPLED = ["-m", "benchmarks.cpu_by_stage"]
RENDER = [
    "-c",
    "from fashion_assets.app.catalog import ensure_catalog; from fashion_assets.settings import load_settings; "
    "ensure_catalog(load_settings())",
]
CHANGES = "changes"
"""The file in a home that counts the small changes so far."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--home", type=Path, required=True, help="folder of the home; made if it does not exist")
    parser.add_argument("--products", type=int, default=3_000)
    parser.add_argument("--rounds", type=int, default=1, help="how often to change something and run")
    parser.add_argument("--stages", action="store_true", help="say what the CPU seconds were spent on")
    arguments = parser.parse_args()
    home = arguments.home.absolute()

    def measure(step: str, *command: str) -> None:
        print(json.dumps(_measured(step, home, arguments.products, command, arguments.stages)), flush=True)

    if not (home / "tables").exists():
        subprocess.run([sys.executable, *RENDER], check=True, env=_environment(home, arguments.products))
        measure("pilot", "pilot")
        measure("first run", "run")
    measure("unchanged", "run")
    for _ in range(arguments.rounds):
        change(home)
        measure("small change", "run")
        measure("unchanged after it", "run")


def change(home: Path, photos: int = 3, names: int = 2) -> None:
    """Change the light of `photos` photos a little and rename `names` products, evenly spread over the catalog.

    Each call takes others than the one before.
    """
    counter = home / CHANGES
    number = int(counter.read_text()) if counter.exists() else 0
    table = home / "demo" / "catalog.csv"
    head, *lines = table.read_text(encoding="utf-8").splitlines()
    images = home / "demo" / "images"
    ids = [line.partition(",")[0] for line in lines]
    with_photo = [place for place, of in enumerate(ids) if (images / f"{of}.jpg").is_file() and ids.count(of) == 1]
    step = len(with_photo) // (photos + names)
    chosen = [with_photo[(place * step + 7 * number + 40) % len(with_photo)] for place in range(photos + names)]
    for place in chosen[::2][:photos]:
        file = images / f"{ids[place]}.jpg"
        with Image.open(file) as photo:
            ImageEnhance.Brightness(photo.convert("RGB")).enhance(0.97).save(file, "JPEG", quality=91)
    for place in chosen[1::2][:names]:
        lines[place] += " Renamed"
    table.write_text("\n".join([head, *lines]) + "\n", encoding="utf-8")
    counter.write_text(str(number + 1))


def _measured(step: str, home: Path, products: int, command: tuple[str, ...], is_sampled: bool) -> dict[str, object]:
    with tempfile.NamedTemporaryFile("r", suffix=".json") as stages:
        program = [*SAMPLED, stages.name] if is_sampled else FASHION
        started = time.monotonic()
        process = subprocess.Popen(
            [sys.executable, *program, *command],
            env=_environment(home, products),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.monotonic() - started
        if (code := os.waitstatus_to_exitcode(status)) != 0:
            sys.exit(f"`fashion {' '.join(command)}` in {home} ended with exit code {code}; run it to see why")
        line: dict[str, object] = {
            "step": step,
            "products": products,
            "cpu_seconds": round(usage.ru_utime + usage.ru_stime, 2),
            "seconds": round(seconds, 2),
            "peak_mb": round(usage.ru_maxrss / 1024),
        }
        return line | ({"stages": json.load(stages)} if is_sampled else {})


def _environment(home: Path, products: int) -> dict[str, str]:
    own = {name: value for name, value in os.environ.items() if not name.startswith("FASHION_")}
    return own | {"FASHION_HOME": str(home), "FASHION_DEMO_PRODUCTS": str(products), "FASHION_DEVICE": "cpu"}


if __name__ == "__main__":
    main()
