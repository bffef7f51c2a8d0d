"""A pilot from start to end: one photo, the sample, the control, the verdict, the forecast. Free of Dagster.

All answers go into the journal, so that the full run does not infer them again.
"""

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

from fashion_assets.errors import ModelError, SourceError
from fashion_assets.extraction.answers import FORCED
from fashion_assets.extraction.batch import ExtractionSetup, Reporting, Vlm, look_at_batch
from fashion_assets.extraction.extract import ExtractedBatch, extract_batch, known_answers
from fashion_assets.extraction.journal import Journal
from fashion_assets.extraction.model import ModelIdentity, VisionLanguageModel
from fashion_assets.extraction.pilot_guard import PilotRecord, last_pilot
from fashion_assets.extraction.questions import Question, prompts_version
from fashion_assets.quality.pilot.compare import Comparison, compare_answers
from fashion_assets.quality.pilot.forecast import CatalogForecast, StepTimes, forecast_catalog
from fashion_assets.quality.pilot.grounding import Grounding, judge_grounding, make_control
from fashion_assets.quality.pilot.sample import pilot_sample
from fashion_assets.quality.pilot.verdict import Criterion, decide_pilot, pilot_criteria
from fashion_assets.shop.profile import SHIPPED, ShopProfile

if TYPE_CHECKING:
    import numpy as np

PHOTOS_PER_STEP = 32
"""Largest micro-batch of the pilot: batches of 64 would be too few to show a spread. The demo model is about as fast
with 32 as with 64, and a third slower with 16 (two CPU cores)."""

_FEWEST_TIMED = 16
"""Photos; a smaller remainder at the end is not representative."""


@dataclass(frozen=True)
class Pilot:
    """The result of a pilot; `attributes` are the rows of all its products, `outlook` is the forecast, if any.

    The first `stratified` rows of `attributes` are the stratified sample.
    """

    record: PilotRecord
    attributes: pl.DataFrame
    stratified: int
    criteria: list[Criterion]
    grounding: Grounding
    outlook: CatalogForecast | None


class SmallSteps:
    """A Vlm whose model gets small micro-batches; leaving `restored` gives the model its own size back."""

    def __init__(self, vlm: Vlm):
        self._vlm = vlm
        self.price_per_hour = vlm.price_per_hour
        self._own: list[tuple[VisionLanguageModel, int]] = []

    def load(self, photo_vectors: "Mapping[str, np.ndarray] | None" = None) -> VisionLanguageModel:
        model = self._vlm.load(photo_vectors)
        if model.micro_batch > PHOTOS_PER_STEP:
            self._own.append((model, model.micro_batch))
            model.micro_batch = PHOTOS_PER_STEP
        return model

    def identity(self) -> ModelIdentity:
        return self._vlm.identity()

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
    setup: ExtractionSetup,
    now: datetime,
    reporting: Reporting,
    profile: ShopProfile = SHIPPED,
) -> Pilot:
    """Pilot the prompts and the model of `setup` on `catalog` (rows of `ingested_products`); only answers are written.

    Raises SourceError if there is no usable photo, and ModelError if the model cannot answer about the first one.
    """
    stratified, added = pilot_sample(catalog, profile.limits.pilot)
    if stratified.is_empty():
        raise SourceError(
            value="No product has a usable photo",
            rule="a pilot needs photos",
            remedy="see the asset `photos` for the reasons",
        )
    steps = StepTimes(_FEWEST_TIMED)
    with SmallSteps(setup.vlm).restored() as vlm:
        small = replace(setup, vlm=vlm)
        first = look_at_batch(small, stratified.head(1), _labelled("preflight", reporting))
        require_answered(first.rows, stratified)
        everything = pl.concat([stratified, added])
        sampled = look_at_batch(small, everything, _labelled("pilot", reporting), on_asked=steps.moved)
        model = vlm.load({})
        grounding = _control(stratified, sampled.rows, setup, model, reporting, profile)

    rows = sampled.rows
    in_sample = rows.join(stratified.select("product_id"), on="product_id", how="semi")
    criteria = pilot_criteria(in_sample, rows, profile)
    verdict, reasons = decide_pilot(criteria, grounding, profile.limits.pilot)
    version = prompts_version(setup.questions)
    outlook = _forecast(catalog, stratified, sampled, steps, setup, model.identity)
    figures = {
        "products": len(rows),
        "stratified": len(stratified),
        "criteria": [asdict(criterion) for criterion in criteria],
        "grounding": asdict(grounding),
        "forecast": outlook.as_dict() if outlook else None,
    }
    record = PilotRecord(version, model.identity.model_id, verdict, reasons, now, figures)
    return Pilot(record, rows, len(stratified), criteria, grounding, outlook)


def run_comparison(
    catalog: pl.DataFrame,
    setup: ExtractionSetup,
    other_questions: Sequence[Question],
    labels: pl.DataFrame | None,
    reporting: Reporting,
    profile: ShopProfile = SHIPPED,
) -> Comparison:
    """Describe the pilot's products with the present prompts and with other ones, and compare the answers."""
    products = pl.concat(pilot_sample(catalog, profile.limits.pilot))
    present = look_at_batch(setup, products, _labelled("present prompts", reporting))
    other = look_at_batch(replace(setup, questions=other_questions), products, _labelled("other prompts", reporting))
    versions = (prompts_version(setup.questions), prompts_version(other_questions))
    return compare_answers(present.rows, other.rows, versions, labels, profile)


def require_answered(first: pl.DataFrame, products: pl.DataFrame) -> None:
    """Raise ModelError unless the first product was answered, if only with forced answers: the set-up works.

    `products` (rows of `ingested_products`) have what the shop calls it.
    """
    row = first.row(0, named=True)
    product = products.row(by_predicate=pl.col("product_id") == row["product_id"], named=True)
    name = product.get("shop_id") or row["product_id"]
    broken = [code for code in row["extraction_errors"] or [] if not code.startswith(FORCED)]
    if not row["extraction_success"] and broken:
        raise ModelError(
            value=(
                f"The model could not answer about the first photo, that of product {name} "
                f"({', '.join(broken)}), so the pilot was not started"
            ),
            rule="it must answer about one photo before it gets the others",
            remedy=(
                f"see `fashion journal show {name}`, and check FASHION_VLM, FASHION_PROMPTS and, "
                "for an endpoint, what it serves"
            ),
        )


def _labelled(label: str, reporting: Reporting) -> Reporting:
    """`reporting` under names that begin with `label`."""
    return lambda what: reporting(f"{label}: {what}")


def _control(
    stratified: pl.DataFrame,
    rows: pl.DataFrame,
    setup: ExtractionSetup,
    model: VisionLanguageModel,
    reporting: Reporting,
    profile: ShopProfile,
) -> Grounding:
    with (
        tempfile.TemporaryDirectory() as folder,
        reporting("pilot: empty photos and other products' photos") as progress,
    ):
        control = make_control(stratified, setup.photos_root, Path(folder), profile.limits.pilot)
        blank, swapped = (
            extract_batch(
                part, control.photos_root, setup.questions, model, Journal(setup.store), progress, profile.taxonomy
            ).rows
            for part in (control.blank, control.swapped)
        )
    return judge_grounding(rows, blank, swapped, control.pairs, profile)


def _forecast(
    catalog: pl.DataFrame,
    stratified: pl.DataFrame,
    sampled: ExtractedBatch,
    steps: StepTimes,
    setup: ExtractionSetup,
    identity: ModelIdentity,
) -> CatalogForecast | None:
    """The forecast; if the journal had the answers already, that of the pilot that inferred them."""
    answers, _ = known_answers(stratified, setup.questions, identity, Journal(setup.store))
    tokens = pl.concat(answers.values()).group_by("photo_sha256").agg(pl.sum("prompt_tokens"), pl.sum("answer_tokens"))
    inferred = max(sampled.usage.products_asked, 1)
    photos = catalog.filter(pl.col("photo_status") == "ok")["photo_sha256"].n_unique()
    outlook = forecast_catalog(
        photos,
        steps.settled(),
        PHOTOS_PER_STEP,
        sampled.usage.embedding_seconds / inferred,
        tokens["prompt_tokens"].to_list(),
        tokens["answer_tokens"].to_list(),
        setup.vlm.price_per_hour,
    )
    before = last_pilot(setup.store, prompts_version(setup.questions), identity.model_id)
    if outlook is None and before is not None and before.figures.get("forecast"):
        earlier = CatalogForecast.from_dict(before.figures["forecast"])
        return earlier if earlier.photos == photos else None
    return outlook
