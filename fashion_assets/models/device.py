"""Where models run: device, number format and memory, decided once as a plan.

How a model uses the plan is up to the model; the extraction and embeddings slices take a `DevicePlan` and never query
torch themselves. The Dagster resource for this is in `resources.py`.
"""

import os
import sys
from dataclasses import dataclass

import psutil

from fashion_assets.errors import ModelError

# Torch reads this when it is first imported. Otherwise its idle threads spin and starve other processes of the cores.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

DEVICES = ("auto", "cuda", "mps", "cpu")
DTYPES = ("auto", "float32", "float16", "bfloat16")


@dataclass(frozen=True)
class DevicePlan:
    """The decision; `memory_bytes` is the device's whole memory, of which models may use `memory_share`.

    `micro_batch` is the configured number of photos or texts per forward pass; None leaves it to the model.
    """

    device: str
    device_name: str
    dtype: str
    memory_bytes: int
    memory_share: float
    micro_batch: int | None

    @property
    def torch_dtype(self):
        """The `torch.dtype` that `dtype` names."""
        import torch

        return getattr(torch, self.dtype)

    def free_bytes(self) -> int:
        """The memory of the device, in bytes, that this process may still allocate now."""
        import torch

        if self.device == "cuda":
            reserved, allocated = torch.cuda.memory_reserved(), torch.cuda.memory_allocated()
            free = torch.cuda.mem_get_info()[0] + reserved - allocated  # torch keeps freed memory for later use
            return min(free, int(self.memory_bytes * self.memory_share) - allocated)
        if self.device == "mps":
            return int(self.memory_bytes * self.memory_share) - torch.mps.driver_allocated_memory()
        return psutil.virtual_memory().available


def plan_device(
    device: str = "auto", dtype: str = "auto", memory_share: float = 0.9, micro_batch: int | None = None
) -> DevicePlan:
    """Decide on device and number format, and cap the memory of a cuda device.

    `device` is one of DEVICES (`auto`: the first of cuda, mps, cpu that this machine has), `dtype` one of DTYPES
    (`auto`: bfloat16 on GPUs that have it, float16 on others, float32 on a CPU). Raises ModelError when either is
    unknown or this machine does not have it.
    """
    import torch

    device = _resolved_device(device, _available_devices())
    if device == "cuda":
        torch.cuda.set_per_process_memory_fraction(memory_share)
    return DevicePlan(
        device=device,
        device_name=_device_name(device),
        dtype=_resolved_dtype(dtype, device),
        memory_bytes=_memory_bytes(device),
        memory_share=memory_share,
        micro_batch=micro_batch,
    )


def peak_memory_bytes() -> dict[str, int]:
    """The peak of this process's memory so far, in bytes, and of its GPU memory if it uses CUDA."""
    peaks = {"memory": _peak_resident_bytes()}
    torch = sys.modules.get("torch")  # not loaded: no GPU is in use
    if torch is not None and torch.cuda.is_initialized():
        peaks["gpu_memory"] = torch.cuda.max_memory_allocated()
    return peaks


def is_out_of_memory(error: RuntimeError) -> bool:
    """Whether torch ran out of memory, on any device."""
    import torch

    return isinstance(error, torch.OutOfMemoryError) or any(
        text in str(error) for text in ("out of memory", "can't allocate memory", "not enough memory")
    )


def _resolved_device(name: str, available: list[str]) -> str:
    if name not in DEVICES:
        raise ModelError(
            value=f"The device '{name}' is unknown",
            rule=f"it must be one of {', '.join(DEVICES)}",
            remedy=f"set FASHION_DEVICE to {_one_of(DEVICES)}",
        )
    if name == "auto":
        return available[0]
    if name not in available:
        raise ModelError(
            value=f"The device '{name}' was requested",
            rule=f"this machine has only {', '.join(available)}",
            remedy="set FASHION_DEVICE=auto, or run on a machine with that device",
        )
    return name


def _resolved_dtype(name: str, device: str) -> str:
    if name not in DTYPES:
        raise ModelError(
            value=f"The dtype '{name}' is unknown",
            rule=f"it must be one of {', '.join(DTYPES)}",
            remedy=f"set FASHION_DTYPE to {_one_of(DTYPES)}",
        )
    if name == "bfloat16" and device == "cuda" and not _cuda_has_bfloat16():
        raise ModelError(
            value="The dtype 'bfloat16' was requested",
            rule=f"the GPU '{_device_name(device)}' only emulates it",
            remedy="set FASHION_DTYPE=auto or float16",
        )
    if name != "auto":
        return name
    if device == "cpu":
        return "float32"
    return "bfloat16" if device == "cuda" and _cuda_has_bfloat16() else "float16"


def _peak_resident_bytes() -> int:
    if sys.platform == "win32":
        return psutil.Process().memory_info().peak_wset
    import resource

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024  # Linux counts KiB


def _one_of(words: tuple[str, ...]) -> str:
    return f"one of {', '.join(words)}"


def _available_devices() -> list[str]:
    import torch

    has = {"cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available(), "cpu": True}
    return [device for device, is_there in has.items() if is_there]


def _cuda_has_bfloat16() -> bool:
    import torch

    return torch.cuda.is_bf16_supported(including_emulation=False)  # T4-class GPUs emulate it, slowly


def _device_name(device: str) -> str:
    import torch

    return torch.cuda.get_device_name() if device == "cuda" else {"mps": "Apple GPU", "cpu": "CPU"}[device]


def _memory_bytes(device: str) -> int:
    import torch

    if device == "cuda":
        return torch.cuda.get_device_properties(0).total_memory
    if device == "mps":
        return torch.mps.recommended_max_memory()
    return psutil.virtual_memory().total
