"""Delta tables: declarations, the store that merges into them, and the IO manager that Dagster uses."""
