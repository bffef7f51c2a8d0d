"""Any open_clip model as an `ImageTextEncoder`: a folder, a published name, a hub id.

open_clip has silent failures, which this module turns into errors: without a weights file it returns a random model and
logs a warning. It also returns models in training mode.
"""

import json
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from PIL import Image

from fashion_assets.errors import ModelError
from fashion_assets.models.clip.encoder import ImageTextEncoder
from fashion_assets.models.clip.text_tower import encode_tokens, text_lengths
from fashion_assets.models.clip.vectors import normalise
from fashion_assets.models.device import is_out_of_memory
from fashion_assets.models.photos import letterbox
from fashion_assets.models.weights import folder_identity, require_hub

if TYPE_CHECKING:
    import torch

    from fashion_assets.models.device import DevicePlan

HUB_PREFIX = "hf-hub:"
CONFIG_FILE = "open_clip_config.json"
WEIGHTS_FILES = ("open_clip_model.safetensors", "open_clip_pytorch_model.safetensors", "open_clip_pytorch_model.bin")
"""The names that open_clip looks for first."""

HUB_WEIGHTS = ("open_clip_model.safetensors", "open_clip_pytorch_model.bin")
"""The files that open_clip downloads from the hub."""

MICRO_BATCH = 16
"""Photos or texts per forward pass, unless the settings say otherwise."""

PREPARING_THREADS = 4
"""One thread takes longer to enlarge and normalise photos than a GPU to embed them."""

PRECISIONS = {"float32": "fp32", "float16": "fp16", "bfloat16": "bf16"}
KINDS = "`demo`, a folder, an open_clip name with a tag as `ViT-B-32/laion2b_s34b_b79k`, or `hf-hub:owner/name`"


def load_encoder(model: str, plan: "DevicePlan") -> ImageTextEncoder:
    """The encoder that `model` names: a folder, an open_clip name with a tag, or a hub id with `hf-hub:`.

    Names and hub ids are looked up in the local cache and then on the hub; folders never use the network.
    Raises ModelError if the model does not exist, has no weights, or cannot be downloaded.
    """
    name, tag = _open_clip_name(model)
    import open_clip

    if tag is not None and not open_clip.get_pretrained_cfg(name, tag):
        raise ModelError(
            value=f"FASHION_CLIP is '{model}'",
            rule=(
                f"open_clip publishes no weights '{tag}' for a model '{name}' (tags of this model: "
                f"{', '.join(open_clip.list_pretrained_tags_by_model(name)) or 'none'})"
            ),
            remedy=f"set FASHION_CLIP to {KINDS}",
        )
    hub_id, wanted = _on_hub(name, tag)
    if hub_id and not _is_cached(hub_id, wanted):
        require_hub(hub_id, "FASHION_CLIP")  # open_clip would retry for half a minute per file
    try:
        created: Any = open_clip.create_model_from_pretrained(  # its flags decide what it returns
            name, pretrained=tag, precision=PRECISIONS[plan.dtype], device=plan.device
        )
        network, prepare = created
        tokenizer = open_clip.get_tokenizer(name)
        config: Any = open_clip.get_model_config(name)  # None for a name without one, which is refused above
        dimension = config["embed_dim"]
    except Exception as error:  # torch, safetensors, the hub client and its transport raise errors of their own
        raise _why_not_loaded(model, error) from error
    return OpenClipEncoder(encoder_id(model), dimension, network.eval(), prepare, tokenizer, plan)


def encoder_id(model: str) -> str:
    """The `model_id` that `load_encoder(model)` will have, without loading it: the name, with a hash for a folder.

    Raises ModelError if a folder is incomplete.
    """
    folder = _folder(model)
    if folder is None:
        return model
    _check_weights(folder)
    return folder_identity(folder)


class OpenClipEncoder(ImageTextEncoder):
    """A loaded open_clip model. Photos are letterboxed first, so that no model crops or squashes a tall photo."""

    def __init__(
        self,
        model_id: str,
        dimension: int,
        network: Any,
        prepare: Callable[[Image.Image], "torch.Tensor"],
        tokenizer: Any,
        plan: "DevicePlan",
    ):
        self.model_id = model_id
        self.dimension = dimension
        self.context_length = tokenizer.context_length
        self.logit_scale = float(network.logit_scale.detach().float().exp())
        self._network = network
        self._prepare = prepare
        self._tokenizer = tokenizer
        self._plan = plan
        self._micro_batch = plan.micro_batch or MICRO_BATCH

    def embed_photos(self, photos: Sequence[Image.Image]) -> np.ndarray:
        import torch

        def prepare(photo: Image.Image) -> "torch.Tensor":
            return self._prepare(letterbox(photo))

        with ThreadPoolExecutor(PREPARING_THREADS) as threads:

            def encode(chunk: Sequence[Image.Image]) -> "torch.Tensor":
                pixels = torch.stack(list(threads.map(prepare, chunk)))
                return self._network.encode_image(pixels.to(self._plan.device, self._plan.torch_dtype))

            return self._embed(photos, encode)

    def embed_texts(self, texts: Sequence[str]) -> np.ndarray:
        if not texts:
            return np.empty((0, self.dimension), dtype=np.float32)
        tokens = self._tokenizer(list(texts))
        lengths = text_lengths(self._network, tokens).numpy()
        by_length = np.argsort(lengths, kind="stable")  # texts of one micro-batch are padded to its longest

        def encode(chunk: np.ndarray) -> "torch.Tensor":
            return encode_tokens(self._network, tokens[chunk, : lengths[chunk].max()].to(self._plan.device))

        vectors = np.empty((len(texts), self.dimension), dtype=np.float32)
        vectors[by_length] = self._embed(by_length, encode)
        return vectors

    def _embed(self, items: Sequence[Image.Image] | np.ndarray, encode: Callable[[Any], "torch.Tensor"]) -> np.ndarray:
        """`encode` on micro-batches; if one does not fit the GPU's memory, their size is halved from then on."""
        import torch

        vectors = [np.empty((0, self.dimension), dtype=np.float32)]
        start = 0
        while start < len(items):
            try:
                with torch.inference_mode():
                    vectors.append(encode(items[start : start + self._micro_batch]).float().cpu().numpy())
            except RuntimeError as error:
                if not is_out_of_memory(error):
                    raise
                if self._micro_batch == 1:
                    raise ModelError(
                        value=f"The model '{self.model_id}' ran out of GPU memory with a single item",
                        rule="a single item must fit",
                        remedy="raise FASHION_MEMORY_SHARE, or set FASHION_DEVICE=cpu",
                    ) from error
                self._micro_batch //= 2
                if self._plan.device == "cuda":
                    torch.cuda.empty_cache()
                continue
            start += len(vectors[-1])
        return normalise(np.concatenate(vectors))


def _open_clip_name(model: str) -> tuple[str, str | None]:
    """The model's name for open_clip, and the tag of its weights if it has one."""
    folder = _folder(model)
    if folder is not None:
        _check_folder(folder)
        return f"local-dir:{folder}", None
    if model.startswith(HUB_PREFIX):
        return model, None
    name, separator, tag = model.partition("/")
    if not (name and separator and tag) or "/" in tag:
        raise ModelError(
            value=f"The CLIP model '{model}' is not a folder on this machine",
            rule="any other model must have a known form",
            remedy=f"set FASHION_CLIP to {KINDS}",
        )
    return name, tag


def _on_hub(name: str, tag: str | None) -> tuple[str | None, list[tuple[str, ...]]]:
    """The hub id that open_clip downloads the model from, if any, and the files: one of each tuple is enough."""
    if name.startswith(HUB_PREFIX):
        return name.removeprefix(HUB_PREFIX), [(CONFIG_FILE,), HUB_WEIGHTS]
    if tag is None:
        return None, []
    import open_clip

    hub_id, _, file = open_clip.get_pretrained_cfg(name, tag).get("hf_hub", "").rpartition("/")
    return hub_id or None, [(file, str(Path(file).with_suffix(".safetensors"))) if file else HUB_WEIGHTS]


def _is_cached(hub_id: str, groups: Sequence[Sequence[str]]) -> bool:
    """Whether the local Hugging Face cache has one file of each group."""
    from huggingface_hub import try_to_load_from_cache
    from huggingface_hub.errors import HFValidationError

    try:
        return all(any(isinstance(try_to_load_from_cache(hub_id, name), str) for name in names) for names in groups)
    except HFValidationError:
        return False


def _folder(model: str) -> Path | None:
    return Path(model).resolve() if model and Path(model).is_dir() else None


def _check_folder(folder: Path) -> None:
    _check_weights(folder)
    if not (folder / CONFIG_FILE).is_file():
        raise ModelError(
            value=f"The CLIP folder '{folder}' has no {CONFIG_FILE}",
            rule="the model is built from it",
            remedy="give a folder that open_clip can load",
        )
    try:
        text_tower = json.loads((folder / CONFIG_FILE).read_text())["model_cfg"]["text_cfg"]
    except (ValueError, KeyError, TypeError) as error:
        raise ModelError(
            value=f"The file '{folder / CONFIG_FILE}' does not describe a model ({error!r})",
            rule="it needs model_cfg.text_cfg",
            remedy="give a folder that open_clip can load",
        ) from error
    if "hf_model_name" in text_tower:
        raise ModelError(
            value=f"The CLIP folder '{folder}' takes its text tower '{text_tower['hf_model_name']}' from the hub",
            rule="a folder is loaded without a network",
            remedy=f"set FASHION_CLIP to the model's `{HUB_PREFIX}` id",
        )


def _check_weights(folder: Path) -> None:
    if not any((folder / name).is_file() for name in WEIGHTS_FILES):
        raise ModelError(
            value=f"The CLIP folder '{folder}' has no weights",
            rule=f"it needs {' or '.join(WEIGHTS_FILES)}, without which open_clip would use random ones",
            remedy="copy the model's weights into it",
        )


def _why_not_loaded(model: str, error: Exception) -> ModelError:
    reason = " ".join(str(error).split())[:300]
    if _folder(model) is not None:
        return ModelError(
            value=f"The weights in the CLIP folder '{model}' do not fit its {CONFIG_FILE} ({reason})",
            rule="the model is built from the configuration and filled from the weights",
            remedy="copy both from the same model",
        )
    return ModelError(
        value=f"The CLIP model '{model}' cannot be loaded, since the hub cannot be reached ({reason})",
        rule="it must be downloaded once",
        remedy="set FASHION_CLIP=demo, or to a folder, or run once with a network",
    )
