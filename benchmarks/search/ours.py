"""The project as a contender: an index version with all its indexes, queried through `search_vector`."""

from __future__ import annotations

import numpy as np
import polars as pl

from fashion_assets.search.index.build import build_index
from fashion_assets.search.index.rows import IndexRows
from fashion_assets.search.index.versions import open_live, promote
from fashion_assets.search.query.filters import Filters
from fashion_assets.search.query.search import PHOTO_INDEX, search_vector

from .contender import WANTED, Contender, play
from .data import MODEL, ROWS


class Ours(Contender):
    """Answers with whole products; `rows.parquet` decides how many vector columns there are."""

    def build(self) -> None:
        uri = str(self.home)
        promote(uri, build_index(uri, IndexRows.of_frame(pl.read_parquet(self.data / ROWS), MODEL)).version)

    def open(self) -> None:
        self.table = open_live(str(self.home))

    def search(self, query: np.ndarray, conditions: dict[str, str]) -> list[int]:
        filters = Filters(**{name: (value,) for name, value in conditions.items()})
        hits = search_vector(self.table, query, index=PHOTO_INDEX, filters=filters, limit=WANTED)
        return [hit.product_id for hit in hits]


if __name__ == "__main__":
    play({"fashion_assets": Ours})
