"""The cluster that is asked for, cloud by cloud."""

import pytest

from fashion_assets.compute.job import Cloud, Cluster, cluster_spec, token_of


@pytest.mark.parametrize(
    ("cloud", "is_spot", "availability"),
    [
        (Cloud.AWS, True, "SPOT_WITH_FALLBACK"),
        (Cloud.AWS, False, "ON_DEMAND"),
        (Cloud.AZURE, True, "SPOT_WITH_FALLBACK_AZURE"),
        (Cloud.AZURE, False, "ON_DEMAND_AZURE"),
        (Cloud.GCP, True, "PREEMPTIBLE_WITH_FALLBACK_GCP"),
        (Cloud.GCP, False, "ON_DEMAND_GCP"),
    ],
)
def test_spot_capacity_has_a_fallback_on_every_cloud(cloud, is_spot, availability):
    spec = cluster_spec(Cluster("15.4.x-gpu-ml-scala2.12", "big", is_spot), cloud, {}).as_dict()
    assert spec[f"{cloud}_attributes"]["availability"] == availability
    assert [name for name in spec if name.endswith("_attributes")] == [f"{cloud}_attributes"]


def test_access_to_the_tables_is_the_clusters():
    cluster = Cluster("15.4.x-gpu-ml-scala2.12", "g5.xlarge", True, "arn:profile", {"AWS_REGION": "eu-west-1"})
    spec = cluster_spec(cluster, Cloud.AWS, {"DAGSTER_PIPES_CONTEXT": "x"}).as_dict()
    assert spec["aws_attributes"]["instance_profile_arn"] == "arn:profile"
    assert spec["spark_env_vars"] == {"AWS_REGION": "eu-west-1", "DAGSTER_PIPES_CONTEXT": "x"}
    assert "autotermination_minutes" not in spec  # Databricks refuses it for job clusters


def test_tokens_differ_by_attempt_and_are_short_enough():
    tokens = {token_of("a" * 100, attempt) for attempt in range(3)}
    assert len(tokens) == 3 and all(len(token) <= 64 for token in tokens)
