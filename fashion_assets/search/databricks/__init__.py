"""The same five searches as delta-sync indexes of Databricks Vector Search, fed by the embeddings' Delta table.

Vector Search has no versions: synced rows are served at once, so the sync follows the checks of the LanceDB version of
the same rows. Prices and withdrawals arrive with their batch, whereas LanceDB takes them from the ingest.
"""
