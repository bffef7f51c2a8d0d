"""Where the demo models lie: weights that ship with the package. Loading them is their users' business."""

from pathlib import Path

_WEIGHTS = Path(__file__).resolve().parent / "weights"


def vlm_folder() -> Path:
    """The demo vision-language model, in Hugging Face folder format (SmolVLM's architecture)."""
    return _WEIGHTS / "demo-vlm"


def clip_folder() -> Path:
    """The demo CLIP model, in open_clip's `local-dir:` format."""
    return _WEIGHTS / "demo-clip"
