"""Where models run: device, number format and memory, settled once as a plan.

What a model does with the plan is the model's business; the extraction and embeddings slices take a `DevicePlan` and
never ask torch themselves. The Dagster resource over this is in `resources.py`.
"""

import os
import sys
from dataclasses import dataclass

import psutil

from fashion_assets.errors import ModelError

# Torch reads this when it is first imported. Its idle threads would otherwise spin, and starve what shares the cores.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

DEVICES = ("auto", "cuda", "mps", "cpu")
DTYPES = ("auto", "float32", "float16", "bfloat16")


@dataclass(frozen=True)
class DevicePlan:
    """A settled decision; `memory_bytes` is all that the device has, of which models may use `memory_share`.

    `micro_batch` is the photos or texts per forward pass that were asked for; None leaves it to the model.
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
        """Memory of the device that this process may still take, now."""
        import torch

        if self.device == "cuda":
            taken_here, in_use_here = torch.cuda.memory_reserved(), torch.cuda.memory_allocated()
            free = torch.cuda.mem_get_info()[0] + taken_here - in_use_here  # torch keeps what was freed, for later
            return min(free, int(self.memory_bytes * self.memory_share) - in_use_here)
        if self.device == "mps":
            return int(self.memory_bytes * self.memory_share) - torch.mps.driver_allocated_memory()
        return psutil.virtual_memory().available


def plan_device(
    device: str = "auto", dtype: str = "auto", memory_share: float = 0.9, micro_batch: int | None = None
) -> DevicePlan:
    """Settle device and number format, and cap the memory of a cuda device.

    `device` is one of DEVICES (`auto`: the first of cuda, mps, cpu that this machine has), `dtype` one of DTYPES
    (`auto`: bfloat16 on GPUs that have it, float16 on others, float32 on a CPU). Raises ModelError when either is
    unknown or this machine does not have it.
    """
    import torch

    device = _settled_device(device, _available_devices())
    if device == "cuda":
        torch.cuda.set_per_process_memory_fraction(memory_share)
    return DevicePlan(
        device=device,
        device_name=_device_name(device),
        dtype=_settled_dtype(dtype, device),
        memory_bytes=_memory_bytes(device),
        memory_share=memory_share,
        micro_batch=micro_batch,
    )


def peak_memory_bytes() -> dict[str, int]:
    """The most that this process has held so far, of its machine's memory and, where it uses CUDA, of the GPU's."""
    peaks = {"memory": _peak_resident_bytes()}
    torch = sys.modules.get("torch")  # not loaded: no GPU is in use
    if torch is not None and torch.cuda.is_initialized():
        peaks["gpu_memory"] = torch.cuda.max_memory_allocated()
    return peaks


def is_out_of_memory(error: RuntimeError) -> bool:
    """Whether torch failed for want of memory, on whichever device."""
    import torch

    return isinstance(error, torch.OutOfMemoryError) or any(
        words in str(error) for words in ("out of memory", "can't allocate memory", "not enough memory")
    )


def _settled_device(wanted: str, available: list[str]) -> str:
    if wanted not in DEVICES:
        raise ModelError(
            value=f"The device '{wanted}' is unknown",
            rule=f"it must be one of {', '.join(DEVICES)}",
            remedy=f"set FASHION_DEVICE to {_one_of(DEVICES)}",
        )
    if wanted == "auto":
        return available[0]
    if wanted not in available:
        raise ModelError(
            value=f"The device '{wanted}' was asked for",
            rule=f"this machine has only {', '.join(available)}",
            remedy="set FASHION_DEVICE=auto or run where that device is",
        )
    return wanted


def _settled_dtype(wanted: str, device: str) -> str:
    if wanted not in DTYPES:
        raise ModelError(
            value=f"The dtype '{wanted}' is unknown",
            rule=f"it must be one of {', '.join(DTYPES)}",
            remedy=f"set FASHION_DTYPE to {_one_of(DTYPES)}",
        )
    if wanted == "bfloat16" and device == "cuda" and not _cuda_has_bfloat16():
        raise ModelError(
            value="The dtype 'bfloat16' was asked for",
            rule=f"the GPU '{_device_name(device)}' only emulates it",
            remedy="set FASHION_DTYPE=auto or float16",
        )
    if wanted != "auto":
        return wanted
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

    return torch.cuda.is_bf16_supported(including_emulation=False)  # T4-class GPUs "support" it by emulation, slowly


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
