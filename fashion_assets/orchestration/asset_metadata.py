"""The type of what is shown of a materialization or a check: what Dagster takes as metadata, by label."""

from typing import Any

from dagster import MetadataValue, TableSchema

AssetMetadata = dict[str, MetadataValue[Any] | TableSchema | str | int | float | None]
