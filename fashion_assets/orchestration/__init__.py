"""What the slices need of Dagster: batches as partitions, the IO manager, previews, progress, the local instance."""
