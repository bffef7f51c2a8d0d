"""The request to Databricks: one run of the submitted file on its own GPU cluster. Independent of Dagster.

A job cluster ends with its run and needs no auto-termination (which Databricks does not allow there); the run's time
limit ends a run that hangs.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from fashion_assets.compute.package import Uploaded
from fashion_assets.storage.hashing import hash_text

if TYPE_CHECKING:
    from databricks.sdk.service.compute import ClusterSpec

TASK = "batches"
_LONGEST_TOKEN = 64


class Cloud(StrEnum):
    """The cloud provider of the workspace."""

    AWS = "aws"
    AZURE = "azure"
    GCP = "gcp"


@dataclass(frozen=True)
class Cluster:
    """The single machine that computes. `environment` are variables for what the settings do not cover, such as access
    to the object store."""

    runtime: str
    node_type: str
    is_spot: bool
    instance_profile: str | None = None
    environment: Mapping[str, str] = field(default_factory=dict)


def cluster_spec(cluster: Cluster, cloud: Cloud, environment: Mapping[str, str]) -> ClusterSpec:
    """One machine, on spot capacity with a fallback if `is_spot`; `environment` is added to the cluster's own."""
    from databricks.sdk.service.compute import ClusterSpec, DataSecurityMode

    return ClusterSpec(
        spark_version=cluster.runtime,
        node_type_id=cluster.node_type,
        num_workers=0,
        spark_conf={"spark.databricks.cluster.profile": "singleNode", "spark.master": "local[*]"},
        custom_tags={"ResourceClass": "SingleNode"},
        data_security_mode=DataSecurityMode.SINGLE_USER,
        spark_env_vars={**cluster.environment, **environment},
        **_capacity(cluster, cloud),
    )


def submit_arguments(
    cluster: ClusterSpec, uploaded: Uploaded, run_name: str, token: str, timeout_seconds: int
) -> dict[str, Any]:
    """Arguments of the SDK's `jobs.submit`; requests with the same `token` start only one run."""
    from databricks.sdk.service.compute import Library
    from databricks.sdk.service.jobs import QueueSettings, SparkPythonTask, SubmitTask

    task = SubmitTask(
        TASK,
        new_cluster=cluster,
        libraries=[Library(whl=uploaded.wheel)],
        spark_python_task=SparkPythonTask(uploaded.entry_file),
    )
    return {
        "run_name": run_name,
        "idempotency_token": token,
        "tasks": [task],
        "timeout_seconds": timeout_seconds,
        "queue": QueueSettings(True),
    }


def token_of(request: str, attempt: int) -> str:
    """The idempotency token of the step's `attempt`: at most 64 characters."""
    return hash_text(f"{request}:{attempt}")[:_LONGEST_TOKEN]


def _capacity(cluster: Cluster, cloud: Cloud) -> dict[str, Any]:
    """The capacity of the only machine, the driver: `first_on_demand` above 0 would exclude it from spot capacity."""
    from databricks.sdk.service import compute

    if cloud is Cloud.AZURE:
        kind = compute.AzureAvailability
        availability = kind.SPOT_WITH_FALLBACK_AZURE if cluster.is_spot else kind.ON_DEMAND_AZURE
        return {"azure_attributes": compute.AzureAttributes(availability=availability, first_on_demand=0)}
    if cloud is Cloud.GCP:
        kind = compute.GcpAvailability
        availability = kind.PREEMPTIBLE_WITH_FALLBACK_GCP if cluster.is_spot else kind.ON_DEMAND_GCP
        return {"gcp_attributes": compute.GcpAttributes(availability=availability)}
    kind = compute.AwsAvailability
    availability = kind.SPOT_WITH_FALLBACK if cluster.is_spot else kind.ON_DEMAND
    return {
        "aws_attributes": compute.AwsAttributes(
            availability=availability,
            first_on_demand=0,
            zone_id="auto",
            instance_profile_arn=cluster.instance_profile,
        )
    }
