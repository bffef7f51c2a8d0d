"""Resources that go together reach an asset as one, whatever a run replaces."""

from dataclasses import dataclass

import dagster as dg
import pytest

from fashion_assets.orchestration.resource_bundles import bundle


class Needle(dg.ConfigurableResource):
    size: int = 1


class Thread(dg.ConfigurableResource):
    color: str = "red"


@dataclass(frozen=True)
class SewingKit:
    needle: Needle
    thread: Thread


@dg.asset
def seam(kit: dg.ResourceParam[SewingKit]) -> dg.MaterializeResult:
    return dg.MaterializeResult(metadata={"size": kit.needle.size, "color": kit.thread.color})


@pytest.mark.parametrize(
    ("run_config", "expected"),
    [({}, (2, "red")), ({"resources": {"needle": {"config": {"size": 7}}}}, (7, "red"))],
)
def test_a_part_that_the_runs_config_replaces_is_the_part_that_the_asset_gets(run_config, expected):
    resources = {"kit": bundle(SewingKit), "needle": Needle(size=2), "thread": Thread()}
    result = dg.materialize([seam], resources=resources, run_config=run_config)
    (materialization,) = result.asset_materializations_for_node("seam")
    assert tuple(materialization.metadata[name].value for name in ("size", "color")) == expected


def test_a_part_that_is_missing_is_an_error():
    with pytest.raises(dg.DagsterInvalidDefinitionError, match="thread"):
        dg.materialize([seam], resources={"kit": bundle(SewingKit), "needle": Needle()})
