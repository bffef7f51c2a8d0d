"""Look at every product photo, turn what is seen into attributes with proven quality, and search by them.

The flow, one folder a stage, in the order of the data:

    catalog      The source table and the photos become clean products. Rows that cannot be used are quarantined with
                 the reason; every product is placed in a batch of 1,000 and never moves.
    extraction   A vision-language model answers three questions about each photo. Every raw answer is journalled by
                 its content, so that no question is asked twice; one parser turns answers into attributes.
    quality      Rules as data become asset checks, a table of broken rules, and a verdict on each batch. A batch whose
                 verdict is bad goes no further, in whatever run, unless a person lets it. Figures are measured against
                 the last accepted run, and answers against hand labels. A pilot of 100 products says beforehand
                 whether prompts and model may describe the whole catalog, and what that would take. A report in
                 HTML shows all of that; failures become alerts.
    enrichment   Attributes, with hand corrections in place of wrong ones, become occasions, a refined season and a
                 description that says what the product looks like.
    embeddings   CLIP turns photos and descriptions into vectors; only what changed is embedded again.
    search       Vectors become five indexes in one LanceDB table; a new version is judged before it is promoted. With
                 the profile `databricks` the same table feeds five indexes of Databricks Vector Search.

What the stages stand on, from the bottom up: `settings` reads the environment, `storage` declares and writes the Delta
tables, `shop` holds what a shop decides (the taxonomy), `models` opens photos and embeds them, `orchestration` holds
what the slices need of Dagster, `compute` has a batch computed here or on a Databricks cluster, `gates` judges, and
`alerts` tells people.

What uses the stages: `demo` renders a catalog whose truth is known and ships two small models trained on it,
`automation` says what is started together, by whom and why, `definitions` is the only place where all is put together,
`app` is what the product does, for every skin, and `cli` is the command line. A module imports what stands below it,
never what stands above.

Importing this package loads nothing; `from fashion_assets import Shop` opens all of it to notebooks and scripts:
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
