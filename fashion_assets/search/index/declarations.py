"""The five search indexes, declared: each is a vector column of the one LanceDB table, and an asset of its name."""

from dataclasses import dataclass

BASELINE_TEXT = "baseline_description"
"""The column that holds nothing but the catalog's own words."""


@dataclass(frozen=True)
class SearchIndex:
    """Searches by `vector_column`; full-text queries search `text_column`, if there is one."""

    name: str
    description: str
    vector_column: str
    text_column: str | None = None


IMAGE_SEARCH = SearchIndex(
    "vs_image_search",
    "Search by what photos look like; shared by baseline and enriched searches.",
    "image_embedding",
)
TEXT_SEARCH = SearchIndex(
    "vs_text_search",
    "Search in the catalog's own words.",
    "text_embedding",
    BASELINE_TEXT,
)
HYBRID_SEARCH = SearchIndex(
    "vs_hybrid_search",
    "Search in photos and the catalog's own words together.",
    "hybrid_embedding",
    BASELINE_TEXT,
)
TEXT_SEARCH_ENRICHED = SearchIndex(
    "vs_text_search_enriched",
    "Search in the enriched descriptions.",
    "text_embedding_enriched",
    "embedded_text",
)
HYBRID_SEARCH_ENRICHED = SearchIndex(
    "vs_hybrid_search_enriched",
    "Search in photos and enriched descriptions together: the default.",
    "hybrid_embedding_enriched",
    "embedded_text",
)

SEARCH_INDEXES = (IMAGE_SEARCH, TEXT_SEARCH, HYBRID_SEARCH, TEXT_SEARCH_ENRICHED, HYBRID_SEARCH_ENRICHED)
"""Baseline searches never use extracted values, neither in their vectors nor in their text."""
