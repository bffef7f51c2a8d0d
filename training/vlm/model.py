"""The demo vision-language model before training: SmolVLM's architecture, processor and chat template, 3.2 M weights.

A photo of 120 x 120 pixels becomes 100 patches, then 25 image tokens. The tokenizer's pieces are mostly whole words
(with the blank before and the punctuation after them). Each line of the project's own prompts is one piece, which
halves the time of a question; an edited line is read word by word, and the model is trained on both.
"""

import itertools
import json
import random
from collections.abc import Iterator

import torch
from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import (
    Idefics3Config,
    Idefics3ForConditionalGeneration,
    Idefics3ImageProcessor,
    Idefics3Processor,
    PreTrainedTokenizerFast,
)

from fashion_assets.demo.models import SIDE
from fashion_assets.demo.vocabulary import ATTRIBUTES
from fashion_assets.extraction.questions import Question
from training.vlm.wordings import reworded

PATCH = 12
IMAGE_TOKENS = (SIDE // PATCH // 2) ** 2
END_OF_TURN = "<end_of_utterance>"

_VOCABULARY_SIZE = 1280
_SPECIAL = ("<pad>", "<|im_start|>", END_OF_TURN, "<image>", "<fake_token_around_image>", "<global-img>")

# SmolVLM's own template.
_CHAT_TEMPLATE = (
    "<|im_start|>{% for message in messages %}{{message['role'] | capitalize}}"
    "{% if message['content'][0]['type'] == 'image' %}{{':'}}{% else %}{{': '}}{% endif %}"
    "{% for line in message['content'] %}{% if line['type'] == 'text' %}{{line['text']}}"
    "{% elif line['type'] == 'image' %}{{ '<image>' }}{% endif %}{% endfor %}<end_of_utterance>\n"
    "{% endfor %}{% if add_generation_prompt %}{{ 'Assistant:' }}{% endif %}"
)


def answer_text(question: Question, truth: dict[str, str | list[str] | None]) -> str:
    """The answer that the model is taught: JSON with the question's keys in their order."""
    return json.dumps({key: truth[key] for key in question.keys})


def new_processor(questions: list[Question]) -> Idefics3Processor:
    """Tokenizer, image preparation (one square, no splitting) and chat template."""
    square = {"longest_edge": SIDE}
    images = Idefics3ImageProcessor(size=square, max_image_size=square, do_image_splitting=False)
    tokenizer = new_tokenizer(questions)
    return Idefics3Processor(images, tokenizer, image_seq_len=IMAGE_TOKENS, chat_template=_CHAT_TEMPLATE)


def new_tokenizer(questions: list[Question]) -> PreTrainedTokenizerFast:
    """Byte-level BPE over blank-separated words, trained on wordings of the questions and on all possible answers."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(Regex(r"\n|\s?[^\s]+|\s"), "isolated"),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
        ]
    )
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=_VOCABULARY_SIZE,
        special_tokens=list(_SPECIAL),
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    tokenizer.train_from_iterator(_corpus(questions), trainer)
    lines = dict.fromkeys(line for question in questions for line in question.text.splitlines())
    tokenizer.add_tokens([AddedToken(line, normalized=False) for line in lines])
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        pad_token="<pad>",
        bos_token="<|im_start|>",
        eos_token=END_OF_TURN,
        extra_special_tokens={
            "image_token": "<image>",
            "fake_image_token": "<fake_token_around_image>",
            "global_image_token": "<global-img>",
        },
        padding_side="left",
        clean_up_tokenization_spaces=False,
        model_max_length=1024,
    )


def new_model(processor: Idefics3Processor, seed: int) -> Idefics3ForConditionalGeneration:
    """The untrained model; the vision tower's positions start as sines, which learn faster than noise."""
    tokenizer = processor.tokenizer
    torch.manual_seed(seed)
    config = Idefics3Config(
        vision_config={
            "hidden_size": 192, "intermediate_size": 576, "num_hidden_layers": 5, "num_attention_heads": 6,
            "image_size": SIDE, "patch_size": PATCH,
        },
        text_config={
            "model_type": "llama", "hidden_size": 160, "intermediate_size": 400, "num_hidden_layers": 3,
            "num_attention_heads": 5, "num_key_value_heads": 5, "vocab_size": len(tokenizer),
            "max_position_embeddings": 1024, "tie_word_embeddings": True, "pad_token_id": tokenizer.pad_token_id,
            "bos_token_id": tokenizer.bos_token_id, "eos_token_id": tokenizer.eos_token_id,
        },
        scale_factor=2,
        image_token_id=tokenizer.convert_tokens_to_ids("<image>"),
        tie_word_embeddings=True,
        pad_token_id=tokenizer.pad_token_id,
        bos_token_id=tokenizer.bos_token_id,
        eos_token_id=tokenizer.eos_token_id,
    )  # fmt: skip
    model = Idefics3ForConditionalGeneration(config)
    model.generation_config.eos_token_id = tokenizer.eos_token_id
    model.generation_config.pad_token_id = tokenizer.pad_token_id
    embeddings = model.model.vision_model.embeddings
    with torch.no_grad():
        embeddings.position_embedding.weight.copy_(0.3 * _sine_positions(192, SIDE // PATCH))
    return model


def whiten_patches(model: Idefics3ForConditionalGeneration, pixels: torch.Tensor) -> None:
    """Start the patch embedding as the principal components of real patches.

    `pixels` are normalised photos, (n, 3, SIDE, SIDE).
    """
    embedding = model.model.vision_model.embeddings.patch_embedding
    patches = pixels.unfold(2, PATCH, PATCH).unfold(3, PATCH, PATCH).permute(0, 2, 3, 1, 4, 5)
    patches = patches.reshape(-1, 3 * PATCH * PATCH).double()
    mean = patches.mean(0)
    values, vectors = torch.linalg.eigh(torch.cov(patches.T))
    order = values.argsort(descending=True)[: embedding.out_channels]
    weight = 0.5 * (vectors[:, order] / (values[order] + 1e-2).sqrt()).T
    with torch.no_grad():
        embedding.weight.copy_(weight.view_as(embedding.weight))
        embedding.bias.copy_(-(weight @ mean))


def _sine_positions(width: int, side: int) -> torch.Tensor:
    """Two-dimensional sine-cosine positions, (side * side, width)."""
    frequencies = 1 / 100 ** (torch.arange(width // 4) / (width // 4))
    angles = torch.arange(side).float()[:, None] * frequencies
    along_axis = torch.cat([angles.sin(), angles.cos()], dim=1)
    rows, columns = along_axis[:, None].expand(side, side, -1), along_axis[None].expand(side, side, -1)
    return torch.cat([rows, columns], dim=2).reshape(side * side, width)


def _corpus(questions: list[Question]) -> Iterator[str]:
    rng = random.Random(0)
    yield from ("User:", "User: ", "Assistant:", "\n")
    for question in questions:
        for _ in range(400):
            yield question.text
            yield reworded(question, rng)
        for answers in zip(*(_possible_answers(key, rng) for key in question.keys), strict=True):
            yield answer_text(question, dict(zip(question.keys, answers, strict=True)))


def _possible_answers(key: str, rng: random.Random) -> list[str | list[str]]:
    """3,000 answers to one key, all values or short lists equally often."""
    attribute = ATTRIBUTES[key]
    values = attribute.vocabulary.values()
    if not attribute.is_list:
        return list(itertools.islice(itertools.cycle(values), 3000))
    return [[v for v in values if rng.random() < 0.35][: attribute.max_items] for _ in range(3000)]
