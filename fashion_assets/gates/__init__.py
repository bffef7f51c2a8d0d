"""Quality gates for every slice: a gate as data, its judgement, its history, and its Dagster asset check."""
