"""The metadata of an asset's last materializations in the Dagster instance, as plain values."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from dagster import AssetKey, AssetRecordsFilter, DagsterInstance


@dataclass(frozen=True)
class Materialization:
    """The metadata that a run recorded for an asset, as plain values."""

    run_id: str
    metadata: Mapping[str, object]


def last_materialization(instance: DagsterInstance, asset: str, partition: str) -> Materialization | None:
    """The last materialization of an asset's partition; None if the instance has none."""
    records = instance.fetch_materializations(
        AssetRecordsFilter(AssetKey(asset), asset_partitions=[partition]), limit=1
    ).records
    materialization = records[0].asset_materialization if records else None
    if materialization is None:
        return None
    return Materialization(records[0].run_id, {name: entry.value for name, entry in materialization.metadata.items()})


def last_materializations(instance: DagsterInstance, asset: str, partitions: Iterable[str]) -> list[Materialization]:
    """The last materialization of each of these partitions, without those that have none."""
    last = (last_materialization(instance, asset, partition) for partition in partitions)
    return [materialization for materialization in last if materialization is not None]
