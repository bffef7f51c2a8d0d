"""What a batch cost: figures worked out by hand, and nothing shown that is not known."""

import pytest

from fashion_assets.automation.resources import build_resources
from fashion_assets.extraction.cost import cost_figures, cost_in_words, peak_tflops, summed_cost
from fashion_assets.extraction.extract import Usage
from fashion_assets.settings import load_settings

GPU = {"device": "cuda", "device_name": "NVIDIA A100-SXM4-80GB", "dtype": "bfloat16"}
CPU = {"device": "cpu", "device_name": "CPU", "dtype": "float32"}
MEMORY = {"memory": 3 * 2**30}


def usage(**values) -> Usage:
    """500 products asked about in half a minute, 20 s of it in the model."""
    usual = {
        "products_asked": 500,
        "questions_asked": 1300,
        "journal_hits": 1200,
        "seconds": 30.0,
        "model_seconds": 20.0,
        "embedding_seconds": 4.0,
        "prompt_tokens": 260_000,
        "answer_tokens": 13_000,
        "arithmetic": 624e12,
        "micro_batch": 32,
    }
    return Usage(**{**usual, **values})


def test_the_figures_of_a_batch():
    assert cost_figures(usage(out_of_memory_at=[64]), 1000, GPU, {**MEMORY, "gpu_memory": 2**29}, 3.6) == {
        "products": 1000,
        "products_asked": 500,
        "questions_asked": 1300,
        "journal_hits": 1200,
        "seconds": 30.0,
        "model_seconds": 20.0,
        "embedding_seconds": 4.0,
        "other_seconds": 6.0,
        "tokens_in": 260_000,
        "tokens_out": 13_000,
        "micro_batch": 32,
        "out_of_memory_at_micro_batch": "64",
        "device_name": "NVIDIA A100-SXM4-80GB",
        "products_per_minute": 1000.0,
        "peak_memory": "3.0 GiB",
        "peak_memory_bytes": 3 * 2**30,
        "peak_gpu_memory": "0.5 GiB",
        "peak_gpu_memory_bytes": 2**29,
        "percent_of_peak_arithmetic": 10.0,
        "peak_arithmetic": "312 TFLOP/s (dense bfloat16, data sheet); share = 2 FLOP per parameter and token / model "
        "seconds / peak",
        "cost": 0.03,
        "cost_per_1000_products": 0.06,
    }


def test_a_run_that_finds_all_in_the_journal_has_no_speed_and_no_price_per_product():
    figures = cost_figures(usage(products_asked=0, questions_asked=0), 1000, GPU, MEMORY, 3.6)
    assert not {"products_per_minute", "cost_per_1000_products"} & set(figures)
    assert figures["cost"] == 0.03
    assert cost_in_words(figures) == "1,000 products, 0 questions asked, 1,200 from the journal, cost 0.0300"


def test_a_cost_is_shown_in_cents_or_finer():
    figures = cost_figures(usage(), 1000, GPU, MEMORY, 360_000)
    assert cost_in_words(figures).endswith("cost 3,000.00")


def test_an_empty_batch_has_figures_too():
    figures = cost_figures(Usage(), 0, GPU, {}, 3.6)
    assert (figures["products"], figures["seconds"], figures["cost"]) == (0, 0, 0)


def test_without_a_price_there_is_no_cost():
    figures = cost_figures(usage(), 1000, GPU, MEMORY)
    assert not any("cost" in name for name in figures)
    line = "1,000 products, 1,300 questions asked, 1,200 from the journal, 1,000 products/min"
    assert cost_in_words(figures) == line


def test_a_price_of_nothing_is_a_price():
    assert cost_figures(usage(), 1000, GPU, MEMORY, 0)["cost"] == 0


@pytest.mark.parametrize(
    ("device", "values"),
    [
        (CPU, {}),
        ({"device_name": "endpoint https://host/v1"}, {}),
        (GPU | {"device_name": "NVIDIA Something New"}, {}),
        (GPU, {"arithmetic": 0.0}),
        (GPU, {"model_seconds": 0.0}),
    ],
)
def test_no_share_is_better_than_a_guessed_one(device, values):
    assert not any("arithmetic" in name for name in cost_figures(usage(**values), 1000, device, MEMORY))


@pytest.mark.parametrize(
    ("name", "dtype", "tflops"),
    [
        ("NVIDIA A100 80GB PCIe", "bfloat16", 312),
        ("NVIDIA A100-PCIE-40GB", "float16", 312),
        ("NVIDIA H100 80GB HBM3", "bfloat16", 989),
        ("NVIDIA H100 PCIe", "bfloat16", 756),
        ("NVIDIA H200", "bfloat16", 989),
        ("NVIDIA L4", "float16", 121),
        ("NVIDIA L40S", "float16", 362),
        ("NVIDIA A10", "float16", 125),
        ("NVIDIA A10G", "float16", 70),
        ("Tesla T4", "float16", 65),
        ("Tesla V100-SXM2-16GB", "float16", 125),
        ("NVIDIA GeForce RTX 4090", "bfloat16", 165),
        ("NVIDIA GeForce RTX 3090", "bfloat16", 71),
        ("Tesla T4", "bfloat16", None),
        ("NVIDIA L4", "float32", None),
        ("NVIDIA GH200 480GB", "bfloat16", None),
        ("NVIDIA H200 MIG 1g.18gb", "bfloat16", None),
        ("NVIDIA A100-SXM4-40GB MIG 1g.5gb", "bfloat16", None),
        ("NVIDIA GeForce RTX 4090 Laptop GPU", "float16", None),
        ("NVIDIA H20", "bfloat16", None),
        ("NVIDIA T400", "float16", None),
        ("CPU", "float16", None),
    ],
)
def test_the_peak_is_that_of_just_this_card(name, dtype, tflops):
    assert peak_tflops(name, dtype) == tflops


@pytest.mark.parametrize("settings", [{}, {"vlm": "clip"}, {"endpoint": "http://localhost:1/v1"}])
def test_the_price_reaches_every_back_end(settings):
    assert build_resources(load_settings(price_per_hour=1.5, **settings)).vlm.price_per_hour == 1.5


def test_batches_add_up_what_can_be_added_and_what_each_has():
    first = {"seconds": 2.0, "tokens_in": 10, "products_per_minute": 60.0, "cost": 0.5, "device_name": "cpu"}
    second = {"seconds": 3.0, "tokens_in": 5, "products_per_minute": 20.0}
    assert summed_cost([first, second]) == {"seconds": 5.0, "tokens_in": 15}
    assert summed_cost([first]) == first
    assert summed_cost([]) == {}
