"""Delta tables: how they are declared, read and written. Knows nothing of Dagster."""
