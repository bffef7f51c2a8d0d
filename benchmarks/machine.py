"""What a benchmark ran on, as its table describes it."""

import os

import psutil
import torch
import transformers

from fashion_assets.models.device import DevicePlan


def describe_machine(plan: DevicePlan) -> str:
    """Device, cores, memory and the versions that matter."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    memory = psutil.virtual_memory().total / 2**30
    return (
        f"{plan.device_name}, {plan.dtype}, {cores} cores, {memory:.0f} GiB, torch {torch.__version__}, "
        f"transformers {transformers.__version__}"
    )
