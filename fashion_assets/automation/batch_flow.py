"""What happens to one batch, in order: derived from what the slices declare, so that no list of assets is kept here."""

from dataclasses import dataclass
from graphlib import TopologicalSorter

from dagster import AssetsDefinition, Definitions

from fashion_assets.orchestration.batches import BATCHES


@dataclass(frozen=True)
class BatchFlow:
    """The `assets` that are partitioned by batch, from products to vectors; each after those it is made from."""

    assets: tuple[str, ...]

    def until(self, asset: str) -> tuple[str, ...]:
        """The assets from the first one to `asset`; raises ValueError when it is none of them."""
        return self.assets[: self.assets.index(asset) + 1]

    def since(self, asset: str) -> tuple[str, ...]:
        """`asset` and those after it; raises ValueError when it is none of them."""
        return self.assets[self.assets.index(asset) :]


def batch_flow(definitions: Definitions) -> BatchFlow:
    """The flow of the assets in `definitions`, by their partitions and dependencies."""
    specs = [
        spec for assets in definitions.assets or [] if isinstance(assets, AssetsDefinition) for spec in assets.specs
    ]
    made_from = {
        spec.key: [dependency.asset_key for dependency in spec.deps] for spec in specs if spec.partitions_def == BATCHES
    }
    in_order = TopologicalSorter(made_from).static_order()
    return BatchFlow(tuple(key.to_user_string() for key in in_order if key in made_from))
