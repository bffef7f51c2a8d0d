"""The exact weights that a model setting means: the provenance of every answer and every vector.

Identities need neither loading nor the network, so that planning can determine them at any time.
"""

import hashlib
import json
from functools import lru_cache
from pathlib import Path

from fashion_assets.errors import ModelError

_WEIGHT_FILES = ("*.safetensors", "*.bin", "*.pt")
_HASH_CHARACTERS = 12
_HUB_TIMEOUT_SECONDS = 10


def folder_identity(folder: Path) -> str:
    """`name@hash` of the weight files in `folder`; equal weights, equal hash, wherever the folder lies."""
    files = sorted(file for pattern in _WEIGHT_FILES for file in folder.glob(pattern))
    state = tuple((str(file), file.stat().st_size, file.stat().st_mtime_ns) for file in files)
    return f"{folder.resolve().name}@{_hash_files(state)}"


def hub_identity(model: str) -> str:
    """`id@revision` for a Hugging Face id whose snapshot is in the local cache, else the bare id."""
    snapshot = cached_snapshot(model)
    return f"{model}@{snapshot.name[:_HASH_CHARACTERS]}" if snapshot else model


def cached_snapshot(model: str) -> Path | None:
    """The folder of a hub model's snapshot in the local cache, if its download is complete: weights come last."""
    from huggingface_hub import try_to_load_from_cache
    from huggingface_hub.errors import HFValidationError

    try:
        cached = try_to_load_from_cache(model, "config.json")
    except HFValidationError:
        return None
    if not isinstance(cached, str):
        return None
    snapshot = Path(cached).parent
    return snapshot if _has_all_weights(snapshot) else None


def require_hub(model: str, setting: str) -> None:
    """Raise ModelError at once if `model` cannot be downloaded: the libraries would retry for minutes first."""
    from huggingface_hub import HfApi

    try:
        HfApi().model_info(model, timeout=_HUB_TIMEOUT_SECONDS)
    except Exception as error:  # the client's exceptions have no common base: httpx, OSError, ValueError
        raise ModelError(
            value=(
                f"The model '{model}' is neither a folder nor in the local Hugging Face cache, and the hub "
                f"does not provide it ({_first_line(error)})"
            ),
            rule="its weights are needed here",
            remedy=f"connect to the network once, or set {setting} to a model folder or to `demo`",
        ) from error


def _has_all_weights(snapshot: Path) -> bool:
    index = snapshot / "model.safetensors.index.json"
    if index.is_file():
        return all((snapshot / name).is_file() for name in set(json.loads(index.read_text())["weight_map"].values()))
    return any(snapshot.glob("*.safetensors"))


def _first_line(error: Exception) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[0]


@lru_cache(maxsize=16)
def _hash_files(state: tuple[tuple[str, int, int], ...]) -> str:
    digest = hashlib.sha256()
    for path, _, _ in state:
        with Path(path).open("rb") as file:
            digest.update(hashlib.file_digest(file, "sha256").digest())
    return digest.hexdigest()[:_HASH_CHARACTERS]
