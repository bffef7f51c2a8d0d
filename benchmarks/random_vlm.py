"""Vision-language models of SmolVLM's architecture with random weights, created on demand.

They answer nonsense, but at realistic cost: constrained by the taxonomy, their answers have real lengths. The
tokenizer is trained on the documentation of the installed packages, in English like the prompts.
"""

import shutil
from importlib.metadata import distributions
from pathlib import Path

import torch
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import (
    AutoProcessor,
    Idefics3Config,
    Idefics3ForConditionalGeneration,
    Idefics3ImageProcessor,
    Idefics3Processor,
    LlamaConfig,
    PreTrainedTokenizerFast,
)

from fashion_assets.demo.models import vlm_folder

_SIGLIP_BASE_512 = {
    "hidden_size": 768,
    "intermediate_size": 3072,
    "num_hidden_layers": 12,
    "num_attention_heads": 12,
    "image_size": 512,
    "patch_size": 16,
}

SIZES = {
    # HuggingFaceTB/SmolVLM-256M-Instruct: SmolLM2-135M and a SigLIP base of 512 pixels, 64 tokens a tile.
    "smolvlm-256m": {
        "text": {
            "hidden_size": 576,
            "intermediate_size": 1536,
            "num_hidden_layers": 30,
            "num_attention_heads": 9,
            "num_key_value_heads": 3,
        },
        "vision": _SIGLIP_BASE_512,
        "scale_factor": 4,
        "vocab_size": 49_280,
    },
    # HuggingFaceTB/SmolVLM-500M-Instruct: SmolLM2-360M and the same SigLIP.
    "smolvlm-500m": {
        "text": {
            "hidden_size": 960,
            "intermediate_size": 2560,
            "num_hidden_layers": 32,
            "num_attention_heads": 15,
            "num_key_value_heads": 5,
        },
        "vision": _SIGLIP_BASE_512,
        "scale_factor": 4,
        "vocab_size": 49_280,
    },
    # HuggingFaceTB/SmolVLM-Instruct: SmolLM2-1.7B and SigLIP so400m, 81 tokens a tile.
    "smolvlm-2b": {
        "text": {"hidden_size": 2048, "intermediate_size": 8192, "num_hidden_layers": 24, "num_attention_heads": 32},
        "vision": {
            "hidden_size": 1152,
            "intermediate_size": 4304,
            "num_hidden_layers": 27,
            "num_attention_heads": 16,
            "image_size": 384,
            "patch_size": 14,
        },
        "scale_factor": 3,
        "vocab_size": 49_155,
    },
    # The same shape, small enough for two CPU cores: a tenth of a second a product and more.
    "scaled-down": {
        "text": {"hidden_size": 384, "intermediate_size": 1024, "num_hidden_layers": 12, "num_attention_heads": 6},
        "vision": {
            "hidden_size": 384,
            "intermediate_size": 1536,
            "num_hidden_layers": 8,
            "num_attention_heads": 6,
            "image_size": 252,
            "patch_size": 14,
        },
        "scale_factor": 3,
        "vocab_size": 16_000,
    },
}

_SPECIAL = {
    "bos_token": "<|im_start|>",
    "eos_token": "<end_of_utterance>",
    "pad_token": "<pad>",
}
_IMAGE = ("<fake_token_around_image>", "<image>", "<global-img>")


def make(size: str, folder: Path, dtype: torch.dtype = torch.float32) -> Path:
    """A model folder of one of SIZES; an existing one is reused."""
    target = folder / f"{size}-{str(dtype).removeprefix('torch.')}"
    if (target / "model.safetensors").exists() or (target / "model.safetensors.index.json").exists():
        return target
    shutil.rmtree(target, ignore_errors=True)
    shape = SIZES[size]
    tokenizer = _tokenizer()
    torch.manual_seed(0)
    config = Idefics3Config(
        text_config=LlamaConfig(
            **shape["text"], vocab_size=max(shape["vocab_size"], len(tokenizer)), max_position_embeddings=16_384
        ).to_dict(),
        vision_config=shape["vision"],
        scale_factor=shape["scale_factor"],
        image_token_id=tokenizer.convert_tokens_to_ids("<image>"),
        pad_token_id=tokenizer.pad_token_id,
        tie_word_embeddings=False,
    )
    with torch.device("cuda" if torch.cuda.is_available() else "cpu"):
        model = Idefics3ForConditionalGeneration._from_config(config, dtype=dtype)
    model.generation_config.eos_token_id = tokenizer.eos_token_id
    model.save_pretrained(target)
    _processor(tokenizer, shape).save_pretrained(target)
    return target


def _processor(tokenizer: PreTrainedTokenizerFast, shape: dict) -> Idefics3Processor:
    side = shape["vision"]["image_size"]
    images = Idefics3ImageProcessor(size={"longest_edge": 4 * side}, max_image_size={"longest_edge": side})
    patches = (side // shape["vision"]["patch_size"]) ** 2
    template = AutoProcessor.from_pretrained(vlm_folder()).chat_template
    return Idefics3Processor(
        images, tokenizer, image_seq_len=patches // shape["scale_factor"] ** 2, chat_template=template
    )


def _tokenizer() -> PreTrainedTokenizerFast:
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    tiles = [f"<row_{row}_col_{column}>" for row in range(1, 7) for column in range(1, 7)]
    trainer = trainers.BpeTrainer(
        vocab_size=12_000,
        special_tokens=[*_SPECIAL.values(), *_IMAGE, *tiles],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    documents = sorted((d.metadata["Name"] or "", d.metadata.get_payload() or "") for d in distributions())
    tokenizer.train_from_iterator((text for _, text in documents), trainer)
    wrapped = PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, **_SPECIAL, extra_special_tokens=[*_IMAGE], padding_side="left"
    )
    for name, token in zip(("fake_image_token", "image_token", "global_image_token"), _IMAGE, strict=True):
        setattr(wrapped, name, token)
    return wrapped
