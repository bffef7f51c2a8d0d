"""Where the demo models lie: weights that ship with the package. Loading them is their users' business."""

from pathlib import Path

from fashion_assets.settings import DEMO

SIDE = 120
"""Side in pixels of the square that both demo models look at."""

SHIPPED_WEIGHTS = Path(__file__).resolve().parent / "weights"
"""The folder of both models; `make demo-models` makes another one like it."""


def vlm_folder(weights: Path = SHIPPED_WEIGHTS) -> Path:
    """The demo vision-language model, in Hugging Face folder format (SmolVLM's architecture)."""
    return weights / "demo-vlm"


def clip_folder(weights: Path = SHIPPED_WEIGHTS) -> Path:
    """The demo CLIP model, in open_clip's `local-dir:` format."""
    return weights / "demo-clip"


def clip_model(setting: str | None) -> str:
    """The model that FASHION_CLIP names: the shipped one for the word `demo`, else what stands there."""
    return str(clip_folder()) if setting == DEMO else setting or ""
