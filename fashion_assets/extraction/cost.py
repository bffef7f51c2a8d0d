"""What the extraction of a batch cost: speed, tokens, memory, GPU utilization and money, as plain values for metadata.

Measuring belongs to `extract.py` (`Usage`) and `models/device.py` (memory); here are only arithmetic and formatting.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from fashion_assets.extraction.extract import Usage

PEAK_TFLOPS = (
    # GPU name as its driver gives it, without the maker's; number formats; dense TFLOP/s of the tensor cores
    (r"A100-(SXM4|PCIE)-\d+GB|A100 80GB PCIe", ("float16", "bfloat16"), 312.0),
    (r"H100 80GB HBM3", ("float16", "bfloat16"), 989.0),  # SXM
    (r"H100 PCIe", ("float16", "bfloat16"), 756.0),
    (r"H100 NVL", ("float16", "bfloat16"), 835.0),
    (r"H200", ("float16", "bfloat16"), 989.0),  # SXM
    (r"L4", ("float16", "bfloat16"), 121.0),
    (r"L40S", ("float16", "bfloat16"), 362.0),
    (r"L40", ("float16", "bfloat16"), 181.0),
    (r"A10", ("float16", "bfloat16"), 125.0),
    (r"A10G", ("float16", "bfloat16"), 70.0),
    (r"A30", ("float16", "bfloat16"), 165.0),
    (r"T4", ("float16",), 65.0),
    (r"V100-SXM2-\d+GB", ("float16",), 125.0),
    (r"V100-PCIE-\d+GB", ("float16",), 112.0),
    (r"RTX 4090", ("float16", "bfloat16"), 165.0),
    (r"RTX 3090", ("float16", "bfloat16"), 71.0),
)
"""From NVIDIA's data sheets of these cards, and for RTX from the whitepapers of GA102 and AD102 (sums in float32, as
PyTorch does them). Where a sheet only gives the figure for sparse weights, half of it. A card that is not listed, a
part of one (MIG) and float32 have no peak: a share of a wrong peak would be worse than none."""

_GIB = 2**30  # humanize would vary the unit between figures, which makes them hard to compare


COST_FIGURES = (
    "products",
    "products_asked",
    "questions_asked",
    "journal_hits",
    "seconds",
    "model_seconds",
    "embedding_seconds",
    "other_seconds",
    "tokens_in",
    "tokens_out",
    "micro_batch",
    "products_per_minute",
    "cost",
    "cost_per_1000_products",
)
"""The figures that are comparable between batches; the others of `cost_figures` describe the machine."""


def cost_figures(
    usage: Usage,
    products: int,
    device: Mapping[str, str | int | float],
    peak_bytes: Mapping[str, int],
    price_per_hour: float | None = None,
) -> dict[str, int | float | str]:
    """The figures of one batch, by name, without those that are unknown.

    `products` is the number of products in the batch; `device` is a VlmResource's description, `peak_bytes` the peak
    use by kind of memory, `price_per_hour` that of the machine in any currency. Seconds are counted from the first
    journal lookup to the last row, without loading the model. Speed and cost per 1,000 products only count products
    that were inferred now, so that a run that finds everything in the journal has neither.
    """
    figures: dict[str, int | float | str] = {
        "products": products,
        "products_asked": usage.products_asked,
        "questions_asked": usage.questions_asked,
        "journal_hits": usage.journal_hits,
        "seconds": round(usage.seconds, 2),
        "model_seconds": round(usage.model_seconds, 2),
        "embedding_seconds": round(usage.embedding_seconds, 2),
        "other_seconds": round(usage.seconds - usage.model_seconds - usage.embedding_seconds, 2),
        "tokens_in": usage.prompt_tokens,
        "tokens_out": usage.answer_tokens,
        "micro_batch": usage.micro_batch,
        "device_name": str(device["device_name"]),
    }
    if usage.out_of_memory_at:
        figures["out_of_memory_at_micro_batch"] = ", ".join(map(str, usage.out_of_memory_at))
    if usage.products_asked and usage.seconds:
        figures["products_per_minute"] = round(usage.products_asked / usage.seconds * 60, 1)
    for memory, size in peak_bytes.items():
        figures |= {f"peak_{memory}": f"{size / _GIB:.1f} GiB", f"peak_{memory}_bytes": size}
    return figures | _share_of_peak(usage, device) | _money(usage, price_per_hour)


_SUMMABLE = tuple(
    name for name in COST_FIGURES if name not in ("micro_batch", "products_per_minute", "cost_per_1000_products")
)


def summed_cost(batches: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """The totals of several batches, for figures that add up and that all batches have; for one batch, all figures."""
    if len(batches) == 1:
        return dict(batches[0])
    common = set.intersection(*map(set, batches)) if batches else set()
    return {name: sum(figures[name] for figures in batches) for name in _SUMMABLE if name in common}


def peak_tflops(device_name: str, dtype: str) -> float | None:
    """Dense tensor TFLOP/s of a GPU by its name, for a number format; None if PEAK_TFLOPS does not list it."""
    name = re.sub(r"^(NVIDIA|Tesla|GeForce|\s)+", "", device_name)
    for pattern, dtypes, tflops in PEAK_TFLOPS:
        if dtype in dtypes and re.fullmatch(pattern, name):
            return tflops
    return None


def cost_in_words(figures: Mapping[str, Any]) -> str:
    """The most important figures of a batch, in one line."""
    parts = [
        f"{figures['products']:,} products",
        f"{figures['questions_asked']:,} questions asked",
        f"{figures['journal_hits']:,} from the journal",
    ]
    if "products_per_minute" in figures:
        parts.append(f"{figures['products_per_minute']:,.0f} products/min")
    if "cost" in figures:
        cost = figures["cost"]
        parts.append(f"cost {cost:,.2f}" if cost >= 1 else f"cost {cost:.4f}")
    return ", ".join(parts)


def _share_of_peak(usage: Usage, device: Mapping[str, str | int | float]) -> dict[str, float | str]:
    """share = FLOP of all answers (2 per parameter and token, an estimate) / model seconds / peak FLOP per second."""
    dtype = str(device.get("dtype"))
    tflops = peak_tflops(str(device["device_name"]), dtype) if device.get("device") == "cuda" else None
    if tflops is None or not usage.arithmetic or not usage.model_seconds:
        return {}
    share = usage.arithmetic / usage.model_seconds / (tflops * 1e12)
    how = "2 FLOP per parameter and token / model seconds / peak"
    return {
        "percent_of_peak_arithmetic": round(100 * share, 2),
        "peak_arithmetic": f"{tflops:g} TFLOP/s (dense {dtype}, data sheet); share = {how}",
    }


def _money(usage: Usage, price_per_hour: float | None) -> dict[str, float]:
    """cost = seconds / 3600 * price per hour."""
    if price_per_hour is None:
        return {}
    cost = usage.seconds / 3600 * price_per_hour
    if not usage.products_asked:
        return {"cost": round(cost, 6)}
    return {"cost": round(cost, 6), "cost_per_1000_products": round(cost / usage.products_asked * 1000, 6)}
