"""A pilot from beginning to end: one photo, the sample, the control, the verdict, the forecast. Pure of Dagster.

All answers go into the journal, so that the full run does not ask them again.
"""

import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

from fashion_assets.errors import ModelError, SourceError
from fashion_assets.extraction.answers import FORCED
from fashion_assets.extraction.batch import BatchStep, Vlm, look_at_batch
from fashion_assets.extraction.extract import ExtractedBatch, extract_batch, known_answers
from fashion_assets.extraction.journal import Journal
from fashion_assets.extraction.model import ModelIdentity, VisionLanguageModel
from fashion_assets.extraction.pilot_guard import PilotRecord, last_pilot
from fashion_assets.extraction.questions import Question, prompts_version
from fashion_assets.extraction.tables import EXTRACTED_ATTRIBUTES
from fashion_assets.orchestration.progress import Progress
from fashion_assets.quality.pilot.compare import Comparison, compare_answers
from fashion_assets.quality.pilot.forecast import CatalogForecast, StepTimes, forecast_catalog
from fashion_assets.quality.pilot.grounding import Grounding, judge_grounding, make_control
from fashion_assets.quality.pilot.sample import pilot_sample
from fashion_assets.quality.pilot.verdict import Criterion, decide_pilot, pilot_criteria
from fashion_assets.storage.store import TableStore

if TYPE_CHECKING:
    from fashion_assets.models.clip.encoder import ImageTextEncoder

PHOTOS_PER_STEP = 32
"""Photos that the pilot asks about at once, at most: micro-batches of 64 would show no spread. The demo model is about
as fast with 32 as with 64, and a third slower with 16 (two CPU cores)."""

_FEWEST_TIMED = 16
"""Photos; what is left over at the end is no fair measure."""

Reporting = Callable[[str], AbstractContextManager[Progress]]


@dataclass(frozen=True)
class Pilot:
    """What a pilot found; `attributes` are the rows of all products asked about, `outlook` is None without timing.

    `stratified` says how many of `attributes`, from the first, are the stratified sample.
    """

    record: PilotRecord
    attributes: pl.DataFrame
    stratified: int
    criteria: list[Criterion]
    grounding: Grounding
    outlook: CatalogForecast | None


class SmallSteps:
    """A Vlm whose model is asked about few photos at once; `restored` gives the model its own size back."""

    def __init__(self, vlm: Vlm):
        self._vlm = vlm
        self._own: list[tuple[VisionLanguageModel, int]] = []

    def load(self, photo_vectors) -> VisionLanguageModel:
        model = self._vlm.load(photo_vectors)
        if model.micro_batch > PHOTOS_PER_STEP:
            self._own.append((model, model.micro_batch))
            model.micro_batch = PHOTOS_PER_STEP
        return model

    def describe(self) -> dict[str, str | int | float]:
        return self._vlm.describe()

    @contextmanager
    def restored(self) -> Iterator["SmallSteps"]:
        try:
            yield self
        finally:
            for model, micro_batch in self._own:
                model.micro_batch = micro_batch


def run_pilot(
    catalog: pl.DataFrame,
    photos_root: Path,
    questions: list[Question],
    vlm: Vlm,
    encoder: "ImageTextEncoder",
    store: TableStore,
    now: datetime,
    price_per_hour: float | None,
    reporting: Reporting,
) -> Pilot:
    """Pilot the prompts and the model on `catalog` (rows of `ingested_products`); nothing but answers is written.

    Raises SourceError when there is no usable photo, and ModelError when the model cannot answer about the first one.
    """
    stratified, added = pilot_sample(catalog)
    if stratified.is_empty():
        raise SourceError(
            value="No product has a usable photo",
            rule="a pilot asks about photos",
            remedy="see the asset `photos` for why",
        )
    with SmallSteps(vlm).restored() as small:
        steps = StepTimes(_FEWEST_TIMED)

        def look(what: str, products: pl.DataFrame, timed: Progress = _unheard) -> ExtractedBatch:
            return look_at_batch(
                products,
                _NO_ROWS,
                photos_root,
                questions,
                small,
                encoder,
                store,
                False,
                _timing(reporting, what, timed),
            )

        require_answered(look("preflight", stratified.head(1)).rows)
        sampled = look("pilot", pl.concat([stratified, added]), steps.moved)
        asked, model = sampled.rows, small.load({})
        grounding = _control(stratified, asked, photos_root, questions, model, store, reporting)

    criteria = pilot_criteria(asked.join(stratified.select("product_id"), on="product_id", how="semi"), asked)
    verdict, reasons = decide_pilot(criteria, grounding)
    version = prompts_version(questions)
    before = last_pilot(store, version, model.identity.model_id)
    outlook = _forecast(catalog, stratified, sampled, steps, questions, model.identity, store, price_per_hour, before)
    figures = {
        "products": len(asked),
        "stratified": len(stratified),
        "criteria": [asdict(one) for one in criteria],
        "grounding": asdict(grounding),
        "forecast": outlook.as_dict() if outlook else None,
    }
    record = PilotRecord(version, model.identity.model_id, verdict, reasons, now, figures)
    return Pilot(record, asked, len(stratified), criteria, grounding, outlook)


def run_comparison(
    catalog: pl.DataFrame,
    photos_root: Path,
    prompt_sets: tuple[list[Question], list[Question]],
    vlm: Vlm,
    encoder: "ImageTextEncoder",
    store: TableStore,
    labels: pl.DataFrame | None,
    reporting: Reporting,
) -> Comparison:
    """Ask the pilot's products with the present and with other prompts, and compare the answers."""
    products = pl.concat(pilot_sample(catalog))
    present, other = (
        look_at_batch(
            products, _NO_ROWS, photos_root, questions, vlm, encoder, store, False, _timing(reporting, what, _unheard)
        ).rows
        for what, questions in zip(("present prompts", "other prompts"), prompt_sets, strict=True)
    )
    versions = tuple(prompts_version(questions) for questions in prompt_sets)
    return compare_answers(present, other, versions, labels)


def require_answered(first: pl.DataFrame) -> None:
    """Raise ModelError unless the first product was answered, if only with forced answers: the set-up works."""
    row = first.row(0, named=True)
    broken = [code for code in row["extraction_errors"] or [] if not code.startswith(FORCED)]
    if not row["extraction_success"] and broken:
        raise ModelError(
            value=(
                f"The model could not answer about the first photo, that of product {row['product_id']} "
                f"({', '.join(broken)}), so the pilot was not started"
            ),
            rule="it must answer about one before it is asked about many",
            remedy=(
                f"see `fashion journal show {row['product_id']}`, and check FASHION_VLM, FASHION_PROMPTS and, "
                "for an endpoint, what it serves"
            ),
        )


_NO_ROWS = pl.DataFrame(schema=EXTRACTED_ATTRIBUTES.row_schema)


def _unheard(done: int, total: int) -> None:
    """Nobody wants to know."""


def _timing(
    reporting: Reporting, what: str, timed: Progress
) -> Callable[[BatchStep], AbstractContextManager[Progress]]:
    """`reporting` under another name, with `timed` hearing of the photos that are asked about."""

    @contextmanager
    def reported(step: BatchStep) -> Iterator[Progress]:
        with reporting(f"{what}: {step}") as progress:

            def moved(done: int, total: int) -> None:
                progress(done, total)
                timed(done, total)

            yield moved if step is BatchStep.ASKING else progress

    return reported


def _control(
    stratified: pl.DataFrame,
    asked: pl.DataFrame,
    photos_root: Path,
    questions: Sequence[Question],
    model: VisionLanguageModel,
    store: TableStore,
    reporting: Reporting,
) -> Grounding:
    with (
        tempfile.TemporaryDirectory() as folder,
        reporting("pilot: empty photos and other products' photos") as progress,
    ):
        control = make_control(stratified, photos_root, Path(folder))
        blank, swapped = (
            extract_batch(rows, control.photos_root, questions, model, Journal(store), progress).rows
            for rows in (control.blank, control.swapped)
        )
    return judge_grounding(asked, blank, swapped, control.pairs)


def _forecast(
    catalog: pl.DataFrame,
    stratified: pl.DataFrame,
    sampled: ExtractedBatch,
    steps: StepTimes,
    questions: Sequence[Question],
    identity: ModelIdentity,
    store: TableStore,
    price_per_hour: float | None,
    before: PilotRecord | None,
) -> CatalogForecast | None:
    """The forecast; where the journal knew the answers already, that of the pilot which asked them."""
    answers, _ = known_answers(stratified, questions, identity, Journal(store))
    tokens = pl.concat(answers.values()).group_by("photo_sha256").agg(pl.sum("prompt_tokens"), pl.sum("answer_tokens"))
    asked = max(sampled.usage.products_asked, 1)
    photos = catalog.filter(pl.col("photo_status") == "ok")["photo_sha256"].n_unique()
    outlook = forecast_catalog(
        photos,
        steps.settled(),
        PHOTOS_PER_STEP,
        sampled.usage.embedding_seconds / asked,
        tokens["prompt_tokens"].to_list(),
        tokens["answer_tokens"].to_list(),
        price_per_hour,
    )
    if outlook is None and before is not None and before.figures.get("forecast"):
        known = CatalogForecast.from_dict(before.figures["forecast"])
        return known if known.photos == photos else None
    return outlook
