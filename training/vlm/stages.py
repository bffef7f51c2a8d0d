"""Training of the demo vision-language model in four stages, on two CPU cores.

Stage A teaches the vision tower alone, through one linear head for each attribute. Stage B teaches the whole model to
answer: the loss is on the answers only, one pass over the photo serves all its questions, and the heads stay as an
auxiliary loss that keeps the vision tower learning. Once answering is learned, vision limits the scores: stage C
continues with more photos and one question for each. After it the heads know more than the answers express, most of all
about sleeves and fit: stage D uses every question again. The heads are discarded in the end.

The answer to `confidence` is not in the truth: it is the confidence that the material's head has in the same photo at
that moment of the training, so that the model learns to recognize where it is likely to be wrong.
"""

import logging
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from safetensors.torch import load_model, save_model
from torch import nn
from transformers import Idefics3ForConditionalGeneration, Idefics3Processor

from fashion_assets.demo.articles import ARTICLES
from fashion_assets.demo.models import SIDE
from fashion_assets.demo.palette import PALETTE
from fashion_assets.demo.vocabulary import ATTRIBUTES, Confidence, Material
from fashion_assets.extraction.questions import default_prompts_folder, load_questions
from training.budget import Budget
from training.optimizers import Optimizer, Rates
from training.training_set import TrainingSet
from training.vlm.batches import PhotoStream, QuestionMaker, pixels_of
from training.vlm.model import IMAGE_TOKENS, PATCH, new_model, new_processor, whiten_patches

log = logging.getLogger(__name__)

_LIST_WEIGHT = 3.0
_ANSWER_WEIGHT, _HEADS_WEIGHT = 4.0, 0.5
_SAVE_EVERY_SECONDS = 240
_LOG_EVERY_STEPS = 25
_HIGH_FROM, _MEDIUM_FROM = 0.9, 0.6
"""Least probability of the likeliest material at which the model shall call itself sure, or half sure."""

_VISION_RATES = Rates(1.2e-2, 1.5e-3)


@dataclass(frozen=True)
class AnswerStage:
    """How the whole model is taught: photos a batch, every question about each of them or one, and rates."""

    photo_count: int
    every_question: bool
    text_rates: Rates
    vision_rates: Rates


STAGE_B = AnswerStage(32, True, text_rates=Rates(1e-2, 1.5e-3), vision_rates=Rates(2e-3, 3e-4))
STAGE_C = AnswerStage(64, False, text_rates=Rates(6e-3, 1e-3), vision_rates=Rates(4e-3, 5e-4))
STAGE_D = AnswerStage(64, True, text_rates=Rates(5e-3, 8e-4), vision_rates=Rates(2e-3, 3e-4))


class Heads(nn.Module):
    """A linear head for each attribute, and for article type and colour, over all image tokens of a photo."""

    def __init__(self, token_width: int):
        super().__init__()
        width = IMAGE_TOKENS * token_width
        self.values = {key: f.vocabulary.values() for key, f in ATTRIBUTES.items() if key != "confidence"}
        self.values |= {"article": [a.name for a in ARTICLES], "colour": list(PALETTE)}
        self.norm = nn.LayerNorm(width)
        self.heads = nn.ModuleDict({key: nn.Linear(width, len(values)) for key, values in self.values.items()})
        with torch.no_grad():
            for head in self.heads.values():
                head.weight.mul_(0.1)

    def forward(self, image_tokens: torch.Tensor) -> dict[str, torch.Tensor]:
        """(n, IMAGE_TOKENS, token width) to the scores of each attribute, (n, its values)."""
        features = self.norm(image_tokens.flatten(1))
        return {key: head(features).float() for key, head in self.heads.items()}

    def loss(self, scores_of: dict[str, torch.Tensor], truths: list[dict]) -> torch.Tensor:
        """Sum of the heads' losses."""
        total = torch.zeros(())
        for key, scores in scores_of.items():
            values = self.values[key]
            if key in ATTRIBUTES and ATTRIBUTES[key].is_list:
                target = torch.tensor([[float(value in truth[key]) for value in values] for truth in truths])
                total = total + _LIST_WEIGHT * F.binary_cross_entropy_with_logits(scores, target)
            else:
                target = torch.tensor([-100 if t[key] is None else values.index(t[key]) for t in truths])
                total = total + F.cross_entropy(scores, target, ignore_index=-100)
        return total

    def confidence(self, scores_of: dict[str, torch.Tensor]) -> list[str]:
        """How sure the head of the material is about each photo; never sure of what it cannot name."""
        sure, choice = scores_of["material"].detach().softmax(1).max(1)
        unknown = self.values["material"].index(Material.UNKNOWN.value)
        levels = []
        for probability, value in zip(sure.tolist(), choice.tolist(), strict=True):
            if value == unknown or probability < _MEDIUM_FROM:
                levels.append(Confidence.LOW.value)
            else:
                levels.append(Confidence.HIGH.value if probability >= _HIGH_FROM else Confidence.MEDIUM.value)
        return levels


class VlmTraining:
    """Model, heads and batches of one training, and its two stages."""

    def __init__(self, sets: Iterator[TrainingSet], seed: int, kept: Path | None = None):
        """Start from scratch, or continue from what `keep` wrote to the folder `kept`."""
        torch.manual_seed(seed)
        questions = load_questions(default_prompts_folder())
        # The weights belong to their tokenizer: one trained again might number its tokens differently.
        self.processor = Idefics3Processor.from_pretrained(kept) if kept else new_processor(questions)
        self.model: Idefics3ForConditionalGeneration = new_model(self.processor, seed)
        # On a CPU torch's fused attention took 56 % of a step of stage A, plain matrices take 14 %.
        self.model.set_attn_implementation("eager")
        self.heads = Heads(self.model.config.text_config.hidden_size)
        self.photos = PhotoStream(sets, seed)
        self.questions = QuestionMaker(questions, self.processor, seed)
        if kept:
            load_model(self.model, str(kept / "model_fp32.safetensors"))
            load_model(self.heads, str(kept / "heads_fp32.safetensors"))
        else:
            photos = self.photos.data.photos
            whiten_patches(self.model, pixels_of(photos[np.random.default_rng(seed).integers(0, len(photos), 300)]))

    def image_tokens(self, pixels: torch.Tensor) -> torch.Tensor:
        """(n, 3, SIDE, SIDE) to (n, IMAGE_TOKENS, text width)."""
        vision, connector = self.model.model.vision_model, self.model.model.connector
        all_patches = torch.ones(len(pixels), SIDE // PATCH, SIDE // PATCH, dtype=torch.bool)
        return connector(vision(pixels, patch_attention_mask=all_patches).last_hidden_state)

    def teach_vision(self, budget: Budget, photo_count: int = 64) -> None:
        """Stage A: vision tower, connector and heads."""
        optimizer = Optimizer([(self._seeing(), _VISION_RATES)])
        losses: list[float] = []
        while not budget.is_spent:
            pixels, truths = self.photos.draw(photo_count)
            with torch.autocast("cpu", torch.bfloat16):
                loss = self.heads.loss(self.heads(self.image_tokens(pixels)), truths)
            optimizer.step(loss, budget.learning_rate_factor())
            budget.step += 1
            losses.append(loss.item())
            if budget.step % _LOG_EVERY_STEPS == 0:
                log.info(
                    "vision %5d  %4.0f s  heads %.3f", budget.step, budget.seconds, np.mean(losses[-_LOG_EVERY_STEPS:])
                )

    def teach_answers(self, budget: Budget, folder: Path, stage: AnswerStage) -> None:
        """The whole model; what is good so far is written to `folder` every few minutes."""
        reading = list(self.model.model.text_model.named_parameters())
        optimizer = Optimizer([(reading, stage.text_rates), (self._seeing(), stage.vision_rates)])
        losses: list[tuple[float, float]] = []
        last_save = 0.0
        while not budget.is_spent:
            answer_loss, head_loss = self._answer_losses(stage.photo_count, stage.every_question)
            optimizer.step(_ANSWER_WEIGHT * answer_loss + _HEADS_WEIGHT * head_loss, budget.learning_rate_factor())
            budget.step += 1
            losses.append((answer_loss.item(), head_loss.item()))
            if budget.step % _LOG_EVERY_STEPS == 0:
                log.info(
                    "answers %5d  %4.0f s  loss %.4f  heads %.3f",
                    budget.step,
                    budget.seconds,
                    *np.mean(losses[-_LOG_EVERY_STEPS:], 0),
                )
            if budget.seconds - last_save > _SAVE_EVERY_SECONDS:
                last_save = budget.seconds
                self.save(folder)
        self.save(folder)

    def _seeing(self) -> list[tuple[str, nn.Parameter]]:
        parts = (self.model.model.vision_model, self.model.model.connector, self.heads)
        return [named for part in parts for named in part.named_parameters()]

    def _answer_losses(self, photo_count: int, every_question: bool) -> tuple[torch.Tensor, torch.Tensor]:
        pixels, truths = self.photos.draw(photo_count)
        text_model = self.model.model.text_model
        with torch.autocast("cpu", torch.bfloat16):
            tokens = self.image_tokens(pixels)
            scores_of = self.heads(tokens)
            head_loss = self.heads.loss(scores_of, truths)
            for place, level in enumerate(self.heads.confidence(scores_of)):
                is_unknown = truths[place]["material"] == Material.UNKNOWN
                truths[place] = truths[place] | {"confidence": Confidence.LOW.value if is_unknown else level}
            prompts = self.questions.ask(truths, every_question)
            embedded = text_model.get_input_embeddings()(prompts.ids)
            is_image = (prompts.ids == self.model.config.image_token_id)[..., None].expand_as(embedded)
            embedded = embedded.masked_scatter(is_image, tokens[prompts.photo_of].to(embedded.dtype))
            # Right padding needs no mask: with causal attention nothing before it sees it.
            hidden = text_model(inputs_embeds=embedded, use_cache=False).last_hidden_state
            scores = self.model.lm_head(hidden[:, :-1][prompts.answers[:, 1:]])
        return F.cross_entropy(scores.float(), prompts.ids[:, 1:][prompts.answers[:, 1:]]), head_loss

    def save(self, folder: Path) -> None:
        """Write model (half precision) and processor in Hugging Face format, whole or not at all."""
        fresh = folder.with_name(folder.name + ".new")
        shutil.rmtree(fresh, ignore_errors=True)
        half = {name: weight.half() for name, weight in self.model.state_dict().items()}
        self.model.save_pretrained(fresh, state_dict=half)
        self.processor.save_pretrained(fresh)
        for file in fresh.iterdir():
            file.chmod(0o644)  # safetensors writes files that only their owner can read
        shutil.rmtree(folder, ignore_errors=True)
        fresh.rename(folder)

    def keep(self, folder: Path) -> None:
        """Write processor, full-precision model and heads, from which a later stage can continue."""
        self.processor.save_pretrained(folder)
        save_model(self.model, str(folder / "model_fp32.safetensors"))
        save_model(self.heads, str(folder / "heads_fp32.safetensors"))
