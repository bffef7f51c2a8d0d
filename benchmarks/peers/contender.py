"""One contender in a process of its own: it brings its home up to date with a catalog, or shows what it holds.

    python -m peers.MODULE run|show CATALOG HOME [WAY]

WAY names another way to use the rival, where a module has one. `show` writes what the home holds into it, for the
comparison; only `run` is measured.
"""

import json
import sys
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np

ANSWERS, VECTORS = "answers.json", "vectors.npz"
PHOTO, TEXT, ENRICHED = "photo", "text", "enriched"


@dataclass(frozen=True)
class Results:
    """What can be searched: raw answers by product and question id, and vectors (dimension,) by kind and product."""

    answers: Mapping[int, Mapping[str, str]]
    vectors: Mapping[str, Mapping[int, "np.ndarray"]]


class Contender(ABC):
    """A way to describe and embed the products of `catalog`, a folder, and to keep the results in `home`."""

    def __init__(self, catalog: Path, home: Path) -> None:
        self.catalog, self.home = catalog, home

    @abstractmethod
    def run(self) -> None:
        """Bring the home up to date with the catalog, with as little work as the contender can."""

    @abstractmethod
    def results(self) -> Results:
        """What the home holds now."""


def play(contender: type[Contender], **ways: type[Contender]) -> None:
    """The command line of a contender's module: `contender`, or one of its other `ways` by name."""
    role, catalog, home, *way = sys.argv[1:]
    folder = Path(home)
    folder.mkdir(parents=True, exist_ok=True)
    player = (ways[way[0]] if way else contender)(Path(catalog), folder)
    if role == "run":
        player.run()
    else:
        _write(player.results(), folder)


def _write(results: Results, folder: Path) -> None:
    import numpy as np

    (folder / ANSWERS).write_text(json.dumps(results.answers))
    arrays = {}
    for kind, of_product in results.vectors.items():
        arrays[f"{kind}_ids"] = np.array(list(of_product), dtype=np.int64)
        arrays[kind] = np.array(list(of_product.values()), dtype=np.float32)
    np.savez(folder / VECTORS, **arrays)


def read_results(folder: Path) -> Results:
    """What `show` wrote into the home `folder`."""
    import numpy as np

    answers = {int(product): of for product, of in json.loads((folder / ANSWERS).read_text()).items()}
    with np.load(folder / VECTORS) as stored:
        vectors = {
            kind: dict(zip(stored[f"{kind}_ids"].tolist(), stored[kind], strict=True))
            for kind in (PHOTO, TEXT, ENRICHED)
        }
    return Results(answers, vectors)
