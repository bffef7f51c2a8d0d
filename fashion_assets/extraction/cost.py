"""What the extraction of a batch cost: speed, tokens, memory, use of the GPU and money, as plain values for metadata.

Measuring belongs to `extract.py` (`Usage`) and `models/device.py` (memory); here is only arithmetic, and words for
people.
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
PyTorch does them). Where a sheet gives only the figure for sparse weights, half of it. A card that is missing here, a
part of one (MIG), or float32 has no peak: a share of a wrong one would be worse than none."""

_GIB = 2**30  # humanize would switch units from figure to figure, which then cannot be compared at a glance


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
"""The figures that compare from batch to batch; what else `cost_figures` gives is about the machine."""


def cost_figures(
    usage: Usage,
    products: int,
    device: Mapping[str, str | int | float],
    peak_bytes: Mapping[str, int],
    price_per_hour: float | None = None,
) -> dict[str, int | float | str]:
    """The figures of one batch, by name; what cannot be known is left out.

    `products` were looked at; `device` is a VlmResource's description, `peak_bytes` names a kind of memory and its
    largest use, `price_per_hour` is that of the machine in any currency. Seconds are those from the first look into the
    journal to the last row, without the loading of the model. Speed and cost for 1,000 products count only products
    that were asked about now, so that a run that finds everything in the journal shows none.
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
    """The figures of several batches together: those that add up and that each batch has; of one batch all of them."""
    if len(batches) == 1:
        return dict(batches[0])
    known = set.intersection(*map(set, batches)) if batches else set()
    return {name: sum(figures[name] for figures in batches) for name in _SUMMABLE if name in known}


def peak_tflops(device_name: str, dtype: str) -> float | None:
    """Dense tensor TFLOP/s of a GPU by its name, for a number format; None where PEAK_TFLOPS does not tell."""
    name = re.sub(r"^(NVIDIA|Tesla|GeForce|\s)+", "", device_name)
    for pattern, dtypes, tflops in PEAK_TFLOPS:
        if dtype in dtypes and re.fullmatch(pattern, name):
            return tflops
    return None


def cost_in_words(figures: Mapping[str, Any]) -> str:
    """The figures that one wants to read after each batch, in a line."""
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
