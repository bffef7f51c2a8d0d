"""Does a demo vision-language model admit what it cannot tell? It is shown photos of nothing, and real ones."""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

from fashion_assets.demo.vocabulary import Confidence, Material
from fashion_assets.errors import OptionError
from fashion_assets.extraction.model import VisionLanguageModel
from fashion_assets.extraction.questions import Question, default_prompts_folder, load_questions
from fashion_assets.models.photos import PhotoProblem, open_photo
from fashion_assets.orchestration.progress import Progress
from training.evaluation.vlm import Reply, replies_about

CONFIDENT_PROBABILITY = 0.9
_ENDINGS = (".jpg", ".jpeg", ".png", ".webp")
_LARGEST_SIDE = 600
"""Pixels; the demo model sees 120, and all photos are in memory at once."""

_CHUNK = 32


@dataclass(frozen=True)
class PhotoScore:
    """The replies about the material in `photos` of one kind: shares, 0 to 1.

    `names_nothing` is the share of answers with an unknown material or low confidence; `is_sure` of those that name a
    material with a probability of at least CONFIDENT_PROBABILITY.
    """

    kind: str
    photos: int
    unknown: float
    low_confidence: float
    names_nothing: float
    high_confidence: float
    is_sure: float


def evaluate_photos(
    model: VisionLanguageModel,
    kind: str,
    photos: Sequence[Image.Image],
    progress: Progress = lambda done, total: None,
) -> PhotoScore:
    """Ask the model for the material in the photos."""
    question = material_question()
    replies: list[Reply] = []
    progress(0, len(photos))
    for start in range(0, len(photos), _CHUNK):
        replies += replies_about(model, photos[start : start + _CHUNK], question)
        progress(len(replies), len(photos))
    return photo_score(kind, replies)


def photo_score(kind: str, replies: Sequence[Reply]) -> PhotoScore:
    """The shares among replies about the material, of at least one photo."""

    def share(true_of_replies: Iterator[bool]) -> float:
        return sum(true_of_replies) / len(replies)

    def is_unknown(reply: Reply) -> bool:
        return reply.values.get("material") == Material.UNKNOWN

    def has_confidence(reply: Reply, confidence: Confidence) -> bool:
        return reply.values.get("confidence") == confidence

    return PhotoScore(
        kind=kind,
        photos=len(replies),
        unknown=share(is_unknown(reply) for reply in replies),
        low_confidence=share(has_confidence(reply, Confidence.LOW) for reply in replies),
        names_nothing=share(is_unknown(reply) or has_confidence(reply, Confidence.LOW) for reply in replies),
        high_confidence=share(has_confidence(reply, Confidence.HIGH) for reply in replies),
        is_sure=share(
            "material" in reply.values
            and not is_unknown(reply)
            and reply.probabilities["material"] >= CONFIDENT_PROBABILITY
            for reply in replies
        ),
    )


def material_question() -> Question:
    return next(q for q in load_questions(default_prompts_folder()) if "material" in q.keys)


def real_photos(folder: Path, most: int) -> list[Image.Image]:
    """Up to `most` photos of a folder and those in it, evenly picked by name, not larger than a model needs.

    Files that do not open are left out. Raises OptionError when no photo opens.
    """
    if not folder.is_dir():
        raise OptionError(
            value=f"--off-domain is '{folder}'",
            rule="it must be a folder",
            remedy="give a folder of real product photos",
        )
    files = sorted(file for file in folder.rglob("*") if file.suffix.lower() in _ENDINGS)
    picked = [files[number * len(files) // most] for number in range(most)] if len(files) > most else files
    photos = []
    for file in picked:
        with suppress(PhotoProblem):
            photos.append(open_photo(file))
            photos[-1].thumbnail((_LARGEST_SIDE, _LARGEST_SIDE))
    if not photos:
        raise OptionError(
            value=f"--off-domain is '{folder}', in which no photo opens",
            rule="one must",
            remedy=f"give a folder of photos that end in {', '.join(_ENDINGS)}",
        )
    return photos
