"""Does a demo vision-language model answer the same, however it is asked? Other sentences, and another prompt order."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from fashion_assets.extraction.backends.transformers.model import PROMPT_ORDERS, TransformersModel
from fashion_assets.extraction.questions import Question, default_prompts_folder, load_questions
from fashion_assets.orchestration.progress import Progress
from training.evaluation import paraphrases
from training.evaluation.products import EVALUATION_SEED, evaluation_products
from training.evaluation.vlm import AttributeScore, Replies, Truth, ask, attribute_scores, load_vlm


@dataclass(frozen=True)
class WordingScore:
    """The score (accuracy, or F1 for a list; 0 to 1) of one attribute on the same `products`, however it is asked.

    `shipped` is with the shipped prompts, `paraphrases` with each edited set, and `orders` with the shipped prompts by
    what the model reads first, "photo-first" and "question-first".
    """

    attribute: str
    is_list: bool
    products: int
    shipped: float
    paraphrases: tuple[float, ...]
    orders: dict[str, float]

    @property
    def worst_paraphrase(self) -> float:
        return min(self.paraphrases)

    @property
    def paraphrase_difference(self) -> float:
        """Worst paraphrase less shipped."""
        return self.worst_paraphrase - self.shipped

    @property
    def order_difference(self) -> float:
        """Question first less photo first."""
        return self.orders["question-first"] - self.orders["photo-first"]


def evaluate_wordings(
    folder: Path, products: int, seed: int = EVALUATION_SEED, progress: Progress = lambda done, total: None
) -> list[WordingScore]:
    """Ask the model in `folder` about products of the balanced mix in all wordings and orders."""
    questions = load_questions(default_prompts_folder())
    sampled = evaluation_products(products, seed, "balanced")
    model = load_vlm(folder)
    ways: dict[str | int, tuple[TransformersModel, list[Question]]] = {"shipped": (model, questions)}
    for number in range(paraphrases.COUNT):
        ways[number] = (model, [paraphrases.paraphrased(question, number) for question in questions])
    orders = [order for order in PROMPT_ORDERS if order != "auto"]
    ways |= {order: (load_vlm(folder, order), questions) for order in orders}

    askings = [(model, question) for model, of_way in ways.values() for question in of_way]
    replies = iter(ask(askings, sampled, progress))
    truths = [product.truth for product in sampled]
    scores = {
        way: _scores(truths, [(question, next(replies)) for question in of_way]) for way, (_, of_way) in ways.items()
    }
    return [
        WordingScore(
            attribute=attribute,
            is_list=shipped.f1 is not None,
            products=shipped.products,
            shipped=shipped.score,
            paraphrases=tuple(scores[number][attribute].score for number in range(paraphrases.COUNT)),
            orders={order: scores[order][attribute].score for order in orders},
        )
        for attribute, shipped in scores["shipped"].items()
    ]


def _scores(truths: Sequence[Truth], replies: Sequence[Replies]) -> dict[str, AttributeScore]:
    return {score.attribute: score for score in attribute_scores(truths, replies)}
