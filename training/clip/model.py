"""The demo CLIP before training: a small open_clip model with the vision tower of the demo vision-language model."""

import json
import random
import shutil
from collections.abc import Iterator
from pathlib import Path

import open_clip
import torch
from safetensors.torch import save_file
from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers
from transformers import AutoModelForImageTextToText, PreTrainedTokenizerFast

from fashion_assets.demo.attributes import sample_product
from fashion_assets.demo.clip_words import WORDS_FILE
from fashion_assets.demo.models import SIDE
from training.clip.captions import description_caption, known_words, random_caption
from training.vlm.model import PATCH

CONTEXT_LENGTH = 77
_WIDTH = 192
_VOCABULARY_SIZE = 1024


def prepare_folder(folder: Path, seed: int) -> None:
    """Write everything but the weights: configuration, tokenizer, and the list of words that the captions use."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    tokenizer = _new_tokenizer(seed)
    tokenizer.save_pretrained(folder)
    (folder / "open_clip_config.json").write_text(json.dumps(_config(len(tokenizer)), indent=2) + "\n")
    (folder / WORDS_FILE).write_text("\n".join(known_words()) + "\n")


def new_model(folder: Path, vlm: Path) -> torch.nn.Module:
    """The model that `folder` configures, untrained but for the vision tower copied from the folder `vlm`."""
    config = json.loads((folder / "open_clip_config.json").read_text())["model_cfg"]
    model = open_clip.CLIP(**config)
    tower = AutoModelForImageTextToText.from_pretrained(vlm, dtype=torch.float32).model.vision_model
    _copy_vision_tower(tower, model.visual)
    return model


def save(model: torch.nn.Module, folder: Path) -> None:
    """Write the weights in half precision under the name that open_clip looks for."""
    file = folder / "open_clip_model.safetensors"
    save_file({name: weight.detach().half().contiguous() for name, weight in model.state_dict().items()}, file)
    file.chmod(0o644)


def _config(vocabulary_size: int) -> dict:
    half = [0.5, 0.5, 0.5]
    return {
        "model_cfg": {
            "embed_dim": 128,
            "vision_cfg": {
                "image_size": SIDE, "layers": 5, "width": _WIDTH, "head_width": 32, "patch_size": PATCH,
                "mlp_ratio": 3.0, "no_ln_pre": True, "pool_type": "avg",
            },
            # Without a tokenizer name open_clip would take its own, with 49,408 words.
            "text_cfg": {
                "context_length": CONTEXT_LENGTH, "vocab_size": vocabulary_size, "hf_tokenizer_name": "local",
                "width": 128, "heads": 4, "layers": 3, "mlp_ratio": 4.0, "pool_type": "eos", "eos_id": 2, "pad_id": 0,
            },
        },
        "preprocess_cfg": {"mean": half, "std": half, "interpolation": "bicubic", "resize_mode": "squash"},
    }  # fmt: skip


def _new_tokenizer(seed: int) -> PreTrainedTokenizerFast:
    """Lower-case byte-level BPE, trained on captions."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.normalizer = normalizers.Sequence([normalizers.NFKC(), normalizers.Lowercase()])
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=True)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=_VOCABULARY_SIZE,
        special_tokens=["<pad>", "<sot>", "<eot>"],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    tokenizer.train_from_iterator(_corpus(seed), trainer)
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<sot> $A <eot>", special_tokens=[("<sot>", 1), ("<eot>", 2)]
    )
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        bos_token="<sot>",
        eos_token="<eot>",
        pad_token="<pad>",
        padding_side="right",
        truncation_side="right",
        model_max_length=CONTEXT_LENGTH,
    )


def _corpus(seed: int) -> Iterator[str]:
    """Captions of every kind."""
    rng = random.Random(seed)
    products = [sample_product(seed, index, "balanced") for index in range(6000)]
    for product in products:
        yield random_caption(product, rng).text
    for product in products[:1500]:
        yield description_caption(product).text


def _copy_vision_tower(source, target) -> None:
    """Idefics3's vision tower into open_clip's: the same transformer under other names, plus an empty class token."""
    embeddings = source.embeddings
    with torch.no_grad():
        target.conv1.weight.copy_(embeddings.patch_embedding.weight)
        target.class_embedding.zero_()
        target.positional_embedding[0].zero_()
        # open_clip's patch embedding has no bias: every position carries it.
        target.positional_embedding[1:].copy_(embeddings.position_embedding.weight + embeddings.patch_embedding.bias)
        for block, layer in zip(target.transformer.resblocks, source.encoder.layers, strict=True):
            attention = layer.self_attn
            projections = (attention.q_proj, attention.k_proj, attention.v_proj)
            block.attn.in_proj_weight.copy_(torch.cat([p.weight for p in projections]))
            block.attn.in_proj_bias.copy_(torch.cat([p.bias for p in projections]))
    for block, layer in zip(target.transformer.resblocks, source.encoder.layers, strict=True):
        block.ln_1.load_state_dict(layer.layer_norm1.state_dict())
        block.ln_2.load_state_dict(layer.layer_norm2.state_dict())
        block.attn.out_proj.load_state_dict(layer.self_attn.out_proj.state_dict())
        block.mlp.c_fc.load_state_dict(layer.mlp.fc1.state_dict())
        block.mlp.c_proj.load_state_dict(layer.mlp.fc2.state_dict())
    target.ln_post.load_state_dict(source.post_layernorm.state_dict())
