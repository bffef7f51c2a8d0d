"""Measured comparisons, each runnable alone and writing its table below `results/`. No test depends on them."""

from fashion_assets.models import device  # noqa: F401  before torch: it settles how torch's idle threads wait
