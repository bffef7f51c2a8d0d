"""What the Dagster instance remembers of an asset: the metadata of its last materializations, as plain values."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from dagster import AssetKey, AssetRecordsFilter, DagsterInstance


@dataclass(frozen=True)
class Materialization:
    """What a run noted about an asset: its metadata as plain values."""

    run_id: str
    metadata: Mapping[str, object]


def last_materialization(instance: DagsterInstance, asset: str, partition: str) -> Materialization | None:
    """The last one of an asset's partition; None where the instance knows of none."""
    records = instance.fetch_materializations(
        AssetRecordsFilter(AssetKey(asset), asset_partitions=[partition]), limit=1
    ).records
    materialization = records[0].asset_materialization if records else None
    if materialization is None:
        return None
    return Materialization(records[0].run_id, {name: entry.value for name, entry in materialization.metadata.items()})


def last_materializations(instance: DagsterInstance, asset: str, partitions: Iterable[str]) -> list[Materialization]:
    """The last one of each of these partitions, as far as the instance knows of one."""
    last = (last_materialization(instance, asset, partition) for partition in partitions)
    return [materialization for materialization in last if materialization is not None]
