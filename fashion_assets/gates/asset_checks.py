"""Gates as Dagster asset checks: their declarations and their results, the same for every slice."""

from collections.abc import Callable, Iterable, Mapping, Sequence

from dagster import AssetCheckResult, AssetCheckSeverity, AssetCheckSpec, AssetKey, PartitionsDefinition

from fashion_assets.gates.gate import Gate, Judgement
from fashion_assets.orchestration.asset_metadata import AssetMetadata
from fashion_assets.orchestration.markdown import inert

NameProducts = Callable[[Sequence[int]], Mapping[int, str]]
"""Gives what people call products, by key; may lack some."""


def check_specs(
    asset: str, gates: Sequence[Gate], partitions_def: PartitionsDefinition | None, is_blocking: bool = True
) -> list[AssetCheckSpec]:
    """One check per gate; those with an error threshold block downstream assets in the run, if `is_blocking`."""
    return [check_spec(asset, gate.name, gate.why, gate.is_blocking and is_blocking, partitions_def) for gate in gates]


def check_spec(
    asset: str, name: str, why: str, is_blocking: bool, partitions_def: PartitionsDefinition | None
) -> AssetCheckSpec:
    """One check of `asset`."""
    return AssetCheckSpec(name, asset=asset, description=why, blocking=is_blocking, partitions_def=partitions_def)


def check_results(
    asset: str,
    judgements: Iterable[Judgement],
    override: str | None = None,
    metadata: AssetMetadata | None = None,
    name_products: NameProducts = lambda products: {},
) -> Iterable[AssetCheckResult]:
    """The judgements as check results, with figure, threshold, counts and sample ids as metadata.

    `override` describes a person's override, under which failed gates only warn. `metadata` is added to each result.
    `name_products` gives the names of the sample ids that people know.
    """
    judgements = list(judgements)
    samples = dict.fromkeys(key for judgement in judgements for key in judgement.sample_ids)
    names = name_products(list(samples)) if samples else {}
    for judgement in judgements:
        is_overridden = override is not None and judgement.outcome == "failed"
        yield AssetCheckResult(
            asset_key=AssetKey(asset),
            check_name=judgement.name,
            passed=judgement.passed,
            severity=AssetCheckSeverity.WARN if is_overridden else AssetCheckSeverity[judgement.severity],
            description=inert(judgement.reason),
            metadata={
                **_metadata(judgement, names),
                **({"override": override} if is_overridden else {}),
                **(metadata or {}),
            },
        )


def _metadata(judgement: Judgement, names: Mapping[int, str]) -> AssetMetadata:
    figures: AssetMetadata = {
        "value": judgement.value,
        "threshold": judgement.threshold,
        "counted": judgement.counted,
        "applicable": judgement.applicable,
    }
    if judgement.sample_ids:
        figures["first_offending_products"] = ", ".join(names.get(key, str(key)) for key in judgement.sample_ids)
    return {name: value for name, value in figures.items() if value is not None}
