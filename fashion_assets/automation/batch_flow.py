"""The assets of one batch, in order, derived from what the slices declare instead of a list kept here."""

from dataclasses import dataclass
from graphlib import TopologicalSorter

from dagster import AssetsDefinition, Definitions

from fashion_assets.orchestration.batches import BATCHES


@dataclass(frozen=True)
class BatchFlow:
    """The `assets` that are partitioned by batch, from products to vectors; each after its upstream assets."""

    assets: tuple[str, ...]

    def until(self, asset: str) -> tuple[str, ...]:
        """The assets from the first one to `asset`; raises ValueError if it is not in the flow."""
        return self.assets[: self.assets.index(asset) + 1]

    def since(self, asset: str) -> tuple[str, ...]:
        """`asset` and those after it; raises ValueError if it is not in the flow."""
        return self.assets[self.assets.index(asset) :]


def batch_flow(definitions: Definitions) -> BatchFlow:
    """The flow of the assets in `definitions`, by their partitions and dependencies."""
    specs = [
        spec for assets in definitions.assets or [] if isinstance(assets, AssetsDefinition) for spec in assets.specs
    ]
    upstream = {
        spec.key: [dependency.asset_key for dependency in spec.deps] for spec in specs if spec.partitions_def == BATCHES
    }
    in_order = TopologicalSorter(upstream).static_order()
    return BatchFlow(tuple(key.to_user_string() for key in in_order if key in upstream))
