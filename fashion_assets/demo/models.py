"""The folders of the demo models, whose weights ship with the package; nothing is loaded here."""

from pathlib import Path

from fashion_assets.settings import DEMO

SIDE = 120
"""Side in pixels of the square input of both demo models."""

SHIPPED_WEIGHTS = Path(__file__).resolve().parent / "weights"
"""The folder of both models; `make demo-models` writes another one like it."""


def vlm_folder(weights: Path = SHIPPED_WEIGHTS) -> Path:
    """The demo vision-language model, in Hugging Face folder format (SmolVLM's architecture)."""
    return weights / "demo-vlm"


def clip_folder(weights: Path = SHIPPED_WEIGHTS) -> Path:
    """The demo CLIP model, in open_clip's `local-dir:` format."""
    return weights / "demo-clip"


def clip_model(setting: str | None) -> str:
    """The model that FASHION_CLIP names: the shipped one for the word `demo`, otherwise the value itself."""
    return str(clip_folder()) if setting == DEMO else setting or ""
