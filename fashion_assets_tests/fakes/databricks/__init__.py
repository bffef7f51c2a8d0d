"""A Databricks workspace on loopback: sign-in, jobs, volumes, vector search."""
