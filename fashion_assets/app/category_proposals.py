"""Whether CLIP proposes kinds for the category words of a table that mean none, and by which model and evidence."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from fashion_assets.catalog.recognition.proposals import Proposal, UnknownWord, propose_kinds
from fashion_assets.catalog.recognition.survey import Survey, kinds_beside
from fashion_assets.demo.clip_words import unknown_words
from fashion_assets.demo.models import clip_model
from fashion_assets.errors import ModelError
from fashion_assets.models.clip.languages import clip_reads
from fashion_assets.orchestration.progress import reporting
from fashion_assets.settings import DEMO, Settings
from fashion_assets.shop.kinds.category import read_category
from fashion_assets.shop.kinds.wordings import KindWording, kind_wordings
from fashion_assets.shop.languages.detection import names_language

if TYPE_CHECKING:
    from fashion_assets.models.clip.encoder import ImageTextEncoder

MOST_WORDS = 200
"""Category words that are looked at, those of the most products: with MOST_EXAMPLES photos each, some minutes' work."""


@dataclass(frozen=True)
class CategoryProposals:
    """The kinds that are proposed, and a sentence on why there are none, or none by names."""

    proposals: tuple[Proposal, ...] = ()
    note: str | None = None


NOTHING_PROPOSED = CategoryProposals()


def proposed_kinds(survey: Survey, settings: Settings, is_wanted: bool | None) -> CategoryProposals:
    """What the CLIP model of the settings proposes for the survey's category words without a kind.

    With `is_wanted` None, the demo model is not asked, which knows little besides rendered pictures; nor is any with
    False. A model that cannot be loaded or used is no error here but a note.
    """
    unknown = _unknown(survey)
    is_demo = clip_model(settings.clip) == clip_model(DEMO)
    if not unknown or is_wanted is False:
        return NOTHING_PROPOSED
    if is_demo and is_wanted is None:
        return CategoryProposals(note=_NOT_BY_DEMO)
    language = names_language(survey.names)
    reads_names = language.code is None or clip_reads(str(settings.clip), language.code) is not False
    examples = [example for word in unknown for example in word.examples]
    has_names = reads_names and any(example.name for example in examples)
    if not has_names and not any(example.photo for example in examples):
        unread = "" if reads_names else f", and the CLIP model '{settings.clip}' does not read {language.name}"
        return CategoryProposals(
            note=f"No kinds are proposed: none of these products has {'a name or ' if reads_names else ''}a photo in "
            f"the folder{unread}."
        )
    try:
        proposals = _propose(unknown, settings, is_demo, reads_names)
    except ModelError as error:
        return CategoryProposals(note=f"No kinds are proposed. {error}")
    note = (
        None if reads_names else f"The CLIP model '{settings.clip}' does not read {language.name}: only photos count."
    )
    return CategoryProposals(tuple(proposals), note or (None if proposals else _NOTHING_CLEAR))


_NOT_BY_DEMO = (
    "No kinds are proposed: FASHION_CLIP is the demo model, which knows rendered pictures and few words; set it to "
    "another, or pass --propose all the same."
)
_NOTHING_CLEAR = "No kinds are proposed: names and photos show none clearly enough."


def _unknown(survey: Survey) -> list[UnknownWord]:
    """The words without a kind, most products first, but for those that name things which people do not wear."""
    counts = {words: survey.categories[words, ""] for words in survey.without_kind}
    most_first = sorted(counts, key=lambda words: -counts[words])
    worn = [words for words in most_first if not read_category(words).is_elsewhere][:MOST_WORDS]
    beside = kinds_beside(survey, worn)
    return [UnknownWord(words, counts[words], survey.without_kind[words], beside[words]) for words in worn]


def _propose(unknown: Sequence[UnknownWord], settings: Settings, is_demo: bool, reads_names: bool) -> list[Proposal]:
    def reads(name: str) -> bool:
        return reads_names and not (is_demo and unknown_words(name))

    wordings = [_known_to_demo(wording) for wording in kind_wordings()] if is_demo else kind_wordings()
    with reporting("proposing kinds") as progress:
        return propose_kinds(unknown, _encoder(settings), [w for w in wordings if w.phrases], reads, progress)


def _known_to_demo(wording: KindWording) -> KindWording:
    """The wording without phrases that mean nothing to the demo model."""
    return KindWording(wording.place, tuple(phrase for phrase in wording.phrases if not unknown_words(phrase)))


def _encoder(settings: Settings) -> "ImageTextEncoder":
    from fashion_assets.models.clip.loading import shared_encoder
    from fashion_assets.models.device import plan_device

    plan = plan_device(settings.device, settings.dtype, settings.memory_share, settings.micro_batch)
    return shared_encoder(clip_model(settings.clip), plan)
