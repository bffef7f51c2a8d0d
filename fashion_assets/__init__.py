"""Describe every product photo with attributes of proven quality, and search by them.

The stages, a folder each, in the order of the data:

    catalog      Turns any shop's table and photos into clean products, by the shop's own file `shop.toml`, of which
                 `fashion init` guesses the first version. Variants that look alike are one product, photos by web
                 address are fetched into a cache. Rows that cannot be used are quarantined with the reason; every
                 product is assigned to a batch of 1,000 and never moves.
    extraction   A vision-language model answers three questions about each photo. The journal keeps every raw answer
                 under the hash of its inputs, so that none is inferred twice; one parser turns answers into attributes.
    quality      Rules as data become asset checks, a table of broken rules, and a verdict on each batch. A batch whose
                 verdict did not pass stops in every run, unless a person overrides it. Figures are compared with the
                 last accepted run, and answers with hand labels. A pilot of 100 products decides whether prompts and
                 model may describe the whole catalog, and forecasts what that would take. An HTML report shows all of
                 that; failures become alerts.
    enrichment   Attributes, with what the shop states and hand corrections applied, become occasions, a refined season
                 and a description of what the product looks like, in the shop's language.
    embeddings   CLIP turns photos and descriptions into vectors; only what changed is embedded again.
    search       Vectors become five indexes in one LanceDB table; a new version is checked before it is promoted. With
                 the profile `databricks` the same table feeds five indexes of Databricks Vector Search.

Below the stages, from the bottom up: `settings` reads the environment, `storage` declares and writes the Delta tables,
`shop` holds what a shop decides (its file, kinds, languages, taxonomy and limits), `models` opens photos and embeds
them, `orchestration` holds what the slices need of Dagster, `compute` computes a batch here or on a Databricks cluster,
`gates` judges, and `alerts` notifies people.

Above the stages: `demo` renders a catalog whose truth is known and ships two small models trained on it, `automation`
declares jobs, sensors and schedules, `definitions` puts everything together for Dagster, `app` is what the product does
for every front end, and `cli` is the command line. A module imports only what is below it.

Importing this package loads nothing; `from fashion_assets import Shop` gives notebooks and scripts access to all of it:
`Shop.open().search("red dress")`.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from fashion_assets.app.shop import Shop as Shop

__all__ = ["Shop"]


def __getattr__(name: str) -> object:
    if name == "Shop":
        from fashion_assets.app.shop import Shop

        return Shop
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
