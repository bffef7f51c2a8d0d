"""Synthetic products whose vectors cluster like those of a catalog, and queries with filters that select a known share.

A cluster is an article type in a colour: its centre is the mean of a direction drawn for the type and one drawn for the
colour, scaled to length 1. A product is its centre plus Gaussian noise of length NOISE in all dimensions, scaled to
length 1. Queries are drawn in the same way.

    python -m benchmarks.search.data FOLDER --rows 44424 --columns 5
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import numpy as np
import polars as pl

from fashion_assets.embeddings.tables import EMBEDDINGS, VECTOR_COLUMNS
from fashion_assets.embeddings.vectors import hybrid
from fashion_assets.models.clip.vectors import normalise
from fashion_assets.storage.conforming import conform

MODEL = "synthetic"
COLUMN = VECTOR_COLUMNS[0]
TYPES, COLORS = 100, 20
GENDERS = {"Men": 0.35, "Women": 0.35, "Unisex": 0.2, "Girls": 0.05, "Boys": 0.05}

OWN_GENDER = 0.5
"""Share of a type's products that are for the type's own gender; the others' is drawn at random."""

NOISE = 0.7
"""Length of the noise beside a centre of length 1: two products of one cluster have a cosine of about 0.67."""

FILTERS = {"none": {}, "20 %": {"gender": "Unisex"}, "1 %": {"article_type": "Type 20"}}
"""By the share of products that pass, about: the second is partly, the third wholly a matter of the clusters."""

ROWS, VECTORS, QUERIES, FILTERS_FILE = "rows.parquet", "vectors.npy", "queries.npy", "filters.json"
FACTS = "facts.npz"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--rows", type=int, required=True)
    parser.add_argument("--dimension", type=int, default=512)
    parser.add_argument("--columns", type=int, default=len(VECTOR_COLUMNS), choices=(1, len(VECTOR_COLUMNS)))
    parser.add_argument("--queries", type=int, default=100)
    arguments = parser.parse_args()
    write(arguments.folder, arguments.rows, arguments.dimension, arguments.columns, arguments.queries)


def write(folder: Path, count: int, dimension: int, columns: int, query_count: int) -> None:
    """Write into `folder` what every contender reads: rows for the project, arrays of COLUMN for the others."""
    folder.mkdir(parents=True, exist_ok=True)
    rows = products(count, dimension, columns)
    rows.write_parquet(folder / ROWS, compression="uncompressed")  # vectors are noise
    np.save(folder / VECTORS, rows[COLUMN].list.to_array(dimension).to_numpy())
    np.save(folder / QUERIES, queries(query_count, dimension))
    facts = {name: rows[name].to_numpy().astype(str) for of in FILTERS.values() for name in of}
    np.savez(folder / FACTS, **facts)
    (folder / FILTERS_FILE).write_text(json.dumps(FILTERS))


def products(count: int, dimension: int, columns: int = len(VECTOR_COLUMNS), seed: int = 0) -> pl.DataFrame:
    """EMBEDDINGS rows of products 0, 1, ... with unit vectors in every vector column, or in COLUMN alone."""
    rng = np.random.default_rng(seed)
    types, colors, centres = _clusters(count, dimension, seed, rng)
    usual, drawn = (rng.choice(list(GENDERS), p=list(GENDERS.values()), size=size) for size in (TYPES, count))
    gender = np.where(rng.random(count) < OWN_GENDER, usual[types], drawn)
    rows = pl.DataFrame({"type": types, "color": colors, "gender": gender}).with_row_index("product_id")
    rows = rows.with_columns(
        article_type=pl.format("Type {}", "type"),
        base_color=pl.format("Color {}", "color"),
        master_category=pl.format("Category {}", pl.col("type") % 7),
        price=pl.Series(rng.lognormal(3, 1, count).round(2)),
        image_path=pl.format("photos/{}.jpg", "product_id"),
        embedding_model=pl.lit(MODEL),
        embedding_dimension=pl.lit(dimension),
    )
    name = pl.format("{} {} {}", "base_color", "article_type", "gender")
    rows = rows.with_columns(product_display_name=name, baseline_description=name, embedded_text=name)
    vectors = {COLUMN: _noisy(centres, rng)} if columns == 1 else _vector_columns(centres, rng)
    return conform(rows.with_columns(pl.Series(name, of) for name, of in vectors.items()), EMBEDDINGS)


def queries(count: int, dimension: int, seed: int = 0) -> np.ndarray:
    """Unit vectors (count, dimension) around the same clusters as the products of `seed`; none of them is a product."""
    rng = np.random.default_rng(seed + 1)
    return _noisy(_clusters(count, dimension, seed, rng)[2], rng)


def _clusters(count: int, dimension: int, seed: int, rng: np.random.Generator):
    """The type (count,) and colour (count,) of each product, drawn by `rng`, and its cluster's centre (count, d).

    The clusters themselves depend on `seed` alone.
    """
    of_seed = np.random.default_rng([seed, 1])
    of_type, of_color = (normalise(of_seed.normal(size=(number, dimension))) for number in (TYPES, COLORS))
    types, colors = (_skewed(number, count, rng) for number in (TYPES, COLORS))
    return types, colors, normalise(of_type[types] + of_color[colors])


def _skewed(kinds: int, count: int, rng: np.random.Generator) -> np.ndarray:
    """The n-th kind is drawn in proportion to 1 / sqrt(n): few are common, many are rare."""
    weights = 1 / np.sqrt(np.arange(1, kinds + 1))
    return rng.choice(kinds, p=weights / weights.sum(), size=count)


def _noisy(centres: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    noise = rng.standard_normal(centres.shape, dtype=np.float32)
    return normalise(centres + noise * np.float32(NOISE / np.sqrt(centres.shape[1])))


def _vector_columns(centres: np.ndarray, rng: np.random.Generator) -> dict[str, np.ndarray]:
    image, text, enriched = (_noisy(centres, rng) for _ in range(3))
    return {
        "image_embedding": image,
        "text_embedding": text,
        "text_embedding_enriched": enriched,
        "hybrid_embedding": hybrid(image, text, 0.5),
        "hybrid_embedding_enriched": hybrid(image, enriched, 0.5),
    }


if __name__ == "__main__":
    main()
