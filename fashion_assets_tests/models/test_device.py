import dataclasses

import pytest
import torch

from fashion_assets.errors import ModelError
from fashion_assets.models import device as gpu
from fashion_assets.models.resources import GpuResource


@pytest.fixture
def machine(monkeypatch):
    """Pretend that this machine has `devices`; returns what the memory share was set to."""
    shares = []

    def pretend(*devices: str, has_bfloat16: bool = True) -> list[float]:
        monkeypatch.setattr(gpu, "_available_devices", lambda: list(devices))
        monkeypatch.setattr(gpu, "_cuda_has_bfloat16", lambda: has_bfloat16)
        monkeypatch.setattr(gpu, "_device_name", lambda device: f"a {device}")
        monkeypatch.setattr(gpu, "_memory_bytes", lambda device: 1000)
        monkeypatch.setattr(torch.cuda, "set_per_process_memory_fraction", shares.append)
        return shares

    return pretend


@pytest.mark.parametrize(
    ("devices", "has_bfloat16", "expected"),
    [
        (("cuda", "cpu"), True, ("cuda", "bfloat16")),
        (("cuda", "cpu"), False, ("cuda", "float16")),
        (("mps", "cpu"), False, ("mps", "float16")),
        (("cpu",), False, ("cpu", "float32")),
    ],
)
def test_auto_takes_the_best_device_and_the_number_format_that_it_has(machine, devices, has_bfloat16, expected):
    machine(*devices, has_bfloat16=has_bfloat16)
    plan = GpuResource().plan()
    assert (plan.device, plan.dtype) == expected


def test_explicit_settings_are_what_is_planned(machine):
    machine("cuda", "cpu")
    plan = GpuResource(device="cpu", dtype="bfloat16", micro_batch=4).plan()
    assert (plan.device, plan.dtype, plan.micro_batch, plan.torch_dtype) == ("cpu", "bfloat16", 4, torch.bfloat16)


def test_the_peak_of_memory_is_measured(monkeypatch):
    assert 2**24 < gpu.peak_memory_bytes()["memory"] < 2**38
    assert "gpu_memory" not in gpu.peak_memory_bytes()
    monkeypatch.setattr(torch.cuda, "is_initialized", lambda: True)
    monkeypatch.setattr(torch.cuda, "max_memory_allocated", lambda: 7)
    assert gpu.peak_memory_bytes()["gpu_memory"] == 7


def test_the_memory_share_caps_cuda_only(machine):
    shares = machine("cuda", "cpu")
    GpuResource(device="cpu", memory_share=0.5).plan()
    assert shares == []
    GpuResource(memory_share=0.5).plan()
    assert shares == [0.5]


def test_memory_that_torch_keeps_for_later_is_free(machine, monkeypatch):
    machine("cuda", "cpu")
    monkeypatch.setattr(torch.cuda, "memory_reserved", lambda: 600)
    monkeypatch.setattr(torch.cuda, "memory_allocated", lambda: 100)
    monkeypatch.setattr(torch.cuda, "mem_get_info", lambda: (400, 1000))
    assert GpuResource(memory_share=0.8).plan().free_bytes() == 700  # of the share of 800, only 100 are in use
    monkeypatch.setattr(torch.cuda, "mem_get_info", lambda: (50, 1000))
    assert GpuResource(memory_share=0.8).plan().free_bytes() == 550  # another process has the rest


@pytest.mark.parametrize(
    ("resource", "words"),
    [
        (GpuResource(device="cuda"), ["'cuda'", "only cpu", "FASHION_DEVICE=auto"]),
        (GpuResource(device="tpu"), ["'tpu'", "unknown", "FASHION_DEVICE", "auto, cuda, mps, cpu"]),
        (GpuResource(dtype="int8"), ["'int8'", "unknown", "FASHION_DTYPE", "bfloat16"]),
    ],
)
def test_what_this_machine_does_not_have_is_refused_with_a_remedy(machine, resource, words):
    machine("cpu")
    with pytest.raises(ModelError) as caught:
        resource.plan()
    assert all(word in str(caught.value) for word in words)


def test_emulated_bfloat16_is_refused(machine):
    machine("cuda", "cpu", has_bfloat16=False)
    with pytest.raises(ModelError, match=r"'bfloat16'.*'a cuda'.*FASHION_DTYPE=auto"):
        GpuResource(dtype="bfloat16").plan()


def test_this_machine_has_a_plan_that_can_be_shown():
    described = GpuResource(device="cpu").describe()
    assert described["device"] == "cpu" and int(described["memory_bytes"]) > 2**28
    assert set(described) == {field.name for field in dataclasses.fields(gpu.DevicePlan)}
    assert all(isinstance(value, str | int | float) for value in described.values())


def test_every_field_is_explained_to_the_ui():
    assert all(
        GpuResource.model_fields[name].description for name in ("device", "dtype", "memory_share", "micro_batch")
    )
