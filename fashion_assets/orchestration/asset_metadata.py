"""The type of a materialization's or a check's metadata: values that Dagster accepts, by label."""

from typing import Any

from dagster import MetadataValue, TableSchema

AssetMetadata = dict[str, MetadataValue[Any] | TableSchema | str | int | float | None]
