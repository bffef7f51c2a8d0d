"""The same five searches as delta-sync indexes of Databricks Vector Search, fed by the embeddings' Delta table.

Vector Search has no versions: what is synced is served, so the sync comes after the checks of the LanceDB version that
was made of the same rows. Prices and withdrawals arrive with their batch, where LanceDB has them from the ingest.
"""
