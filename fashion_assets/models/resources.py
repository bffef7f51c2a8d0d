"""The device that models run on, as a Dagster resource."""

from dataclasses import asdict

from dagster import ConfigurableResource
from pydantic import Field

from fashion_assets.models.device import DevicePlan, plan_device


class GpuResource(ConfigurableResource):
    """The device that the models of this code location run on."""

    device: str = Field(
        default="auto",
        description="`cuda`, `mps` or `cpu`; `auto` takes the first of these that this machine has.",
    )
    dtype: str = Field(
        default="auto",
        description="Number format of the models' weights: `float32`, `float16`, `bfloat16`; `auto` is bfloat16 on "
        "GPUs that have it, float16 on others (T4, Apple), float32 on a CPU.",
    )
    memory_share: float = Field(
        default=0.9, gt=0, le=1, description="Largest share of the GPU's memory that this process may use (cuda only)."
    )
    micro_batch: int | None = Field(
        default=None,
        ge=1,
        description="Photos or texts per forward pass. Default: what memory and model allow.",
    )

    def plan(self) -> DevicePlan:
        """Settle device and number format; raises ModelError as `plan_device` does."""
        return plan_device(self.device, self.dtype, self.memory_share, self.micro_batch)

    def describe(self) -> dict[str, str | int | float]:
        """The plan as plain values, for metadata."""
        plan = asdict(self.plan())
        return plan | {"micro_batch": plan["micro_batch"] or "auto"}
