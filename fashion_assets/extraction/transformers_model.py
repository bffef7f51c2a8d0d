"""The in-process back end: any SmolVLM / Idefics3 model through `AutoProcessor` and `AutoModelForImageTextToText`.

Greedy decoding in micro-batches. Photos are letterboxed, because the processor would squash what is not square.
"""

import re
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from PIL import Image

from fashion_assets.catalog.photos import letterbox
from fashion_assets.errors import ModelError
from fashion_assets.extraction.model import Answer, VisionLanguageModel
from fashion_assets.extraction.questions import Question
from fashion_assets.gpu import DevicePlan
from fashion_assets.weights import cached_snapshot, folder_identity, hub_identity, require_hub


def vlm_identity(model: str, image_splitting: bool = False) -> str:
    """The identity of the weights that `model` (a folder or a hub id) means, and of how it sees, without loading it."""
    identity = folder_identity(Path(model)) if Path(model).is_dir() else hub_identity(model)
    return f"{identity}+tiles" if image_splitting else identity


class TransformersModel(VisionLanguageModel):
    """A loaded model and its processor."""

    decoding = "greedy"

    def __init__(self, model: str, plan: DevicePlan, image_splitting: bool = False):
        """Load `model`; raises ModelError with one sentence when that cannot be done."""
        self._processor, self._model = _load(model, plan)
        # Left padding keeps the last prompt token next to the first answer token in every row of a batch.
        self._processor.tokenizer.padding_side = "left"
        self._image_splitting = image_splitting
        self.model_id = vlm_identity(model, image_splitting)
        self.photo_preparation = f"letterbox;splitting={'on' if image_splitting else 'off'}"
        self.micro_batch = plan.micro_batch

    def answer(self, photos: Sequence[Image.Image], question: Question) -> list[Answer]:
        import torch

        started = time.perf_counter()
        inputs = self._inputs(photos, question)
        with torch.inference_mode():
            output = self._model.generate(
                **inputs,
                do_sample=False,
                max_new_tokens=question.max_new_tokens,
                return_dict_in_generate=True,
                output_logits=True,
            )
        prompt_length = inputs["input_ids"].shape[1]
        answers = output.sequences[:, prompt_length:].cpu()
        logits = torch.stack(output.logits, dim=1).float().cpu()
        probabilities = logits.softmax(-1).gather(-1, answers.unsqueeze(-1)).squeeze(-1)
        prompt_tokens = inputs["attention_mask"].sum(dim=1).tolist()
        seconds = (time.perf_counter() - started) / len(photos)
        return [
            self._answer(tokens.tolist(), chances.tolist(), question, prompt, seconds)
            for tokens, chances, prompt in zip(answers, probabilities, prompt_tokens, strict=True)
        ]

    def _inputs(self, photos: Sequence[Image.Image], question: Question) -> Mapping:
        message = [{"role": "user", "content": [{"type": "image"}, {"type": "text", "text": question.text}]}]
        prompt = self._processor.apply_chat_template(message, add_generation_prompt=True)
        inputs = self._processor(
            text=[prompt] * len(photos),
            images=[[letterbox(photo)] for photo in photos],
            do_image_splitting=self._image_splitting,
            padding=True,
            return_tensors="pt",
        ).to(self._model.device)
        inputs["pixel_values"] = inputs["pixel_values"].to(self._model.dtype)
        return inputs

    def _answer(
        self, tokens: list[int], chances: list[float], question: Question, prompt_tokens: int, seconds: float
    ) -> Answer:
        tokenizer = self._processor.tokenizer
        stops = {tokenizer.eos_token_id, tokenizer.pad_token_id, *_as_list(self._model.generation_config.eos_token_id)}
        length = next((i for i, token in enumerate(tokens) if token in stops), len(tokens))
        # Where each token ends in the text: a token's own text is not its text in context.
        ends = [len(tokenizer.decode(tokens[: i + 1])) for i in range(length)]
        text = tokenizer.decode(tokens[:length])
        return Answer(
            text=text.strip(),
            probabilities=field_probabilities(text, ends, chances[:length], question.keys),
            prompt_tokens=prompt_tokens,
            answer_tokens=length,
            seconds=seconds,
        )


def field_probabilities(
    text: str, token_ends: Sequence[int], token_probabilities: Sequence[float], keys: Sequence[str]
) -> dict[str, float]:
    """Probability of each key's value in a JSON answer: the product over the tokens that overlap the value.

    `token_ends[i]` is the character position in `text` where token i ends. Keys that are not found are left out.
    """
    found = {}
    for key in keys:
        match = re.search(rf'"{re.escape(key)}"\s*:\s*("(?:[^"\\]|\\.)*"|\[[^\]]*\]|[^,}}\s]+)', text)
        if match is None:
            continue
        first, last = match.span(1)
        probability, start = 1.0, 0
        for end, chance in zip(token_ends, token_probabilities, strict=True):
            if start < last and end > first:
                probability *= chance
            start = end
        found[key] = round(probability, 6)
    return found


def _load(model: str, plan: DevicePlan):
    from transformers import AutoModelForImageTextToText, AutoProcessor
    from transformers.utils.logging import disable_progress_bar

    disable_progress_bar()  # of reading the weights file; progress that matters is ours
    source = model
    if not Path(model).is_dir():
        snapshot = cached_snapshot(model)
        if snapshot is None:
            require_hub(model, "FASHION_VLM")
        source = str(snapshot or model)
    elif not any(Path(model).glob("*.safetensors")):
        raise ModelError(f"FASHION_VLM is '{model}', a folder without .safetensors weights; give a whole model folder.")
    try:
        processor = AutoProcessor.from_pretrained(source)
        loaded = AutoModelForImageTextToText.from_pretrained(source, dtype=plan.torch_dtype)
    except (OSError, ValueError, KeyError, ImportError) as error:
        raise ModelError(
            f"FASHION_VLM is '{model}', which does not load as a vision-language model ({error}); "
            "use a SmolVLM or Idefics3 model, or `demo`."
        ) from error
    return processor, loaded.to(plan.device).eval()


def _as_list(value: int | list[int] | None) -> list[int]:
    if value is None:
        return []
    return value if isinstance(value, list) else [value]
