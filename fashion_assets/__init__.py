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

Beside the flow, `demo` renders a catalog whose truth is known and ships two small models trained on it. `storage`
declares and writes the Delta tables, `photos` opens photos, `clip` embeds them, `gates` judges, `settings` reads the
environment, `workspace` opens the Databricks workspace, and `definitions` is the only place where all is put together.
`compute` has a batch computed here or on a Databricks cluster, where `remote` does the same by the same functions.
`jobs` and `sensors` say what is started together and by whom, `planning` which batches must run and why; `cli` is the
command line.

Importing this package loads nothing.
"""
