"""What the slices use of Dagster: batches as partitions, the IO manager, previews, progress, the local instance."""
