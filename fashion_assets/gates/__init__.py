"""Quality gates for every slice: a gate as data, how it is judged, its history, and its Dagster asset check."""
