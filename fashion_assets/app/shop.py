"""An open shop: all that command line and pages can do; topics that need Dagster or a model are imported on use."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from fashion_assets.app.places import chosen_settings, open_store
from fashion_assets.app.search import (
    LANCEDB,
    BackendName,
    Backends,
    SearchComparison,
    SearchResult,
    answer,
    encoder_of,
    read_query,
)
from fashion_assets.search.query.filters import Filters
from fashion_assets.search.query.search import BASELINE_INDEX, DEFAULT_INDEX
from fashion_assets.settings import Settings
from fashion_assets.shop.file import shop_profile

if TYPE_CHECKING:
    import polars as pl
    from PIL import Image

    from fashion_assets.app.accuracy import AccuracyReport
    from fashion_assets.app.alerts import Alerts
    from fashion_assets.app.corrections import Corrections, Recorded
    from fashion_assets.app.doctor import Diagnosis
    from fashion_assets.app.index_versions import IndexVersions
    from fashion_assets.app.journal import ResponseJournal
    from fashion_assets.app.pilot import PilotResult
    from fashion_assets.app.pipeline import Pipeline
    from fashion_assets.app.plan import RunPlan
    from fashion_assets.app.product import ProductRecord
    from fashion_assets.app.quarantine import Quarantine
    from fashion_assets.app.retry import RetryResult
    from fashion_assets.app.run import RunResult
    from fashion_assets.app.status import Status
    from fashion_assets.automation.planning import BatchPlan
    from fashion_assets.automation.resources import Resources
    from fashion_assets.models.clip.encoder import ImageTextEncoder
    from fashion_assets.quality.pilot.compare import Comparison
    from fashion_assets.quality.review.session import ReviewSession
    from fashion_assets.quality.verdicts.verdict import Verdict


class Shop:
    """One shop, with one store and one CLIP model that stay open; a context manager.

    `resources` replace those of the settings, for example with fakes. Every error is a FashionError whose message
    gives value, rule and remedy; it names an argument and its option of the command line, as `photo (--image)`.
    """

    def __init__(self, settings: Settings, resources: Resources | None = None):
        self.settings = settings
        self.store = open_store(settings)
        self._resources = resources

    @classmethod
    def open(cls, settings: Settings | None = None, home: Path | str | None = None) -> Shop:
        """The shop of these `settings`, or of environment, `.env` and shop's file; `home` replaces their FASHION_HOME.

        Nothing is loaded or written. Raises SettingsError for a value that cannot work, OptionError for both arguments.
        """
        return cls(chosen_settings(settings, home))

    def close(self) -> None:
        """Release the model and the open indexes; they are opened again on the next use."""
        self.__dict__.pop("encoder", None)
        self.__dict__.pop("_backends", None)

    def __enter__(self) -> Shop:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    @cached_property
    def _backends(self) -> Backends:
        profile = shop_profile(self.settings)
        return Backends(self.settings, self.store, lambda: self.encoder, lambda: self.resources.vector_search, profile)

    def __repr__(self) -> str:
        return f"<Shop: profile {self.settings.profile}, home {self.settings.home}>"

    @cached_property
    def encoder(self) -> ImageTextEncoder:
        """The CLIP model, loaded on first use; raises ModelError when it cannot be loaded."""
        return encoder_of(self.settings) if self._resources is None else self._resources.clip.load()

    @cached_property
    def resources(self) -> Resources:
        """The Dagster resources of these settings."""
        from fashion_assets.automation.resources import build_resources

        return self._resources or build_resources(self.settings)

    def search(
        self,
        text: str | None = None,
        *,
        photo: Path | str | Image.Image | None = None,
        filters: Sequence[str] | Filters = (),
        limit: int = 10,
        index: str | None = None,
        backend: BackendName = LANCEDB,
    ) -> SearchResult:
        """Products that match a text, a photo (a file or an RGB image), or the mean of both; best first.

        `filters` are written as `gender=Women` or `price<=50`; `index` defaults to the one that suits the query;
        `backend` is `lancedb` or `databricks`. Raises SearchError for a query that cannot be answered, IndexMissing
        before there is an index, ModelError when the CLIP model cannot be loaded, and WorkspaceError for Databricks.
        """
        query = read_query(text, photo, filters, limit, index)
        return answer(self.settings, self._backends, query, backend)

    def compare(
        self,
        text: str | None = None,
        *,
        photo: Path | str | Image.Image | None = None,
        filters: Sequence[str] | Filters = (),
        limit: int = 10,
        backend: BackendName = LANCEDB,
    ) -> SearchComparison:
        """Compare a search in the catalog's own words with the enriched one; arguments and errors as in `search`."""
        queries = [read_query(text, photo, filters, limit, index) for index in (BASELINE_INDEX, DEFAULT_INDEX)]
        results = [answer(self.settings, self._backends, query, backend) for query in queries]
        return SearchComparison({result.index: result for result in results})

    def doctor(self, *, repair: bool = False) -> Diagnosis:
        """What is damaged or missing in the home; with `repair`, it is set aside first. Raises as `run` for a lock."""
        from fashion_assets.app.doctor import examine_shop, repair_shop

        return (repair_shop if repair else examine_shop)(self.settings, self.store)

    def show(self, product: str | int) -> ProductRecord:
        """Everything that is known about a product, by its id in the shop or an SKU; raises UnknownProduct."""
        from fashion_assets.app.product import read_product

        return read_product(self.store, product)

    def plan(self, all_batches: bool = False, ingest: bool = False) -> RunPlan:
        """What `run` would do, and what that would take; `ingest` reads the source first, which writes tables."""
        from fashion_assets.app.plan import plan_run
        from fashion_assets.app.run import ingest_source

        if ingest:
            with self.pipeline() as pipeline:
                ingest_source(pipeline)
        return plan_run(self.settings, self.store, self.resources, all_batches)

    def batches(self) -> list[BatchPlan]:
        """Every batch, what has changed since it was computed, and its verdict."""
        from fashion_assets.app.plan import present_plans

        return present_plans(self.store, self.resources)

    def pipeline(self) -> Pipeline:
        """The Dagster jobs, to be used in a `with` block; raises SettingsError while another process runs them."""
        from fashion_assets.app.pipeline import Pipeline

        return Pipeline(self.settings, self._resources)

    def run(
        self,
        batches: Sequence[str] | None = None,
        *,
        changed: bool = False,
        all_batches: bool = False,
        until: str | None = None,
        force: bool = False,
    ) -> RunResult:
        """Ingest, run the named batches, all, or those that changed (the default), and index them.

        `until` is the last asset to run. Raises OptionError, UnknownBatch, PilotRefused when a pilot is needed (unless
        `force`), and RunFailed for a failure that is not a gate's.
        """
        from fashion_assets.app.run import check_selection, run_checked

        check_selection(bool(batches), changed, all_batches)
        with self.pipeline() as pipeline:
            return run_checked(pipeline, batches, all_batches, until, force)

    def retry_failed(self, batches: Sequence[str] | None = None, with_settings: Sequence[str] = ()) -> RetryResult:
        """Infer again for failed products, also with other settings (`FASHION_VLM=...`, or files); raises as `run`."""
        from fashion_assets.app.retry import retry

        return retry(self.settings, self._resources, batches, with_settings)

    def pilot(self) -> PilotResult:
        """Describe about 100 products for a verdict on prompts and model; ingests first. Raises RunFailed."""
        from fashion_assets.app.pilot import run_pilot

        with self.pipeline() as pipeline:
            return run_pilot(pipeline)

    def compare_prompts(self, other: Path | str, labels: Path | str | None = None) -> Comparison:
        """Describe the pilot's products with both the present prompts and those of `other`; raises PromptError."""
        from fashion_assets.app.pilot import compare_prompts

        with self.pipeline() as pipeline:
            return compare_prompts(pipeline, other, labels)

    def status(self) -> Status:
        """The figures of the shop: products, photos, gates, indexes and models."""
        from fashion_assets.app.status import read_status

        return read_status(self.settings, self.store, self.resources)

    def accuracy(
        self,
        labels: Path | str | None = None,
        *,
        audit: bool = False,
        precision: float = 0.95,
        confusions: str | None = None,
    ) -> AccuracyReport:
        """Compare raw answers with the labels of a file, the demo or the audit; raises NotComputed and SourceError."""
        from fashion_assets.app.accuracy import measure_accuracy

        return measure_accuracy(self.settings, self.store, labels, audit, precision, confusions)

    def evaluate_search(self, queries: int | None = None) -> pl.DataFrame:
        """Measure the live searches, with 95 % intervals, by at most `queries` queries (200); raises IndexMissing."""
        from fashion_assets.app.index_versions import QUERIES, evaluate_live_search

        return evaluate_live_search(self.settings, self.store, lambda: self.encoder, queries or QUERIES)

    def correct(self, product: str | int, field: str, value: str | None, by: str) -> Recorded:
        """Correct a value for the next `run`; None withdraws a correction. Raises SourceError for one not allowed."""
        return self.corrections.record(product, field, value, by)

    def override(self, batch: str, by: str, reason: str) -> Verdict:
        """Let a stopped batch continue, and record who decided that and why; raises BatchRefused."""
        from fashion_assets.app.decisions import override_batch

        return override_batch(self.store, batch, by, reason)

    def accept(self, batch: str, by: str, reason: str) -> int:
        """Make a batch's present figures its next run's reference; returns how many changed. Raises BatchRefused."""
        from fashion_assets.app.decisions import accept_batch

        return accept_batch(self.store, batch, by, reason)

    def report(
        self, batch: str | None = None, file: Path | str | None = None, labels: Path | str | None = None
    ) -> Path:
        """Write the quality report of a batch or of all as HTML; returns its path. Raises NotComputed, UnknownBatch."""
        from fashion_assets.app.report import report_quality

        return report_quality(self.settings, self.store, batch, file, labels)

    def review(self, by: str, batch: str | None = None) -> ReviewSession:
        """A session of the reviewer `by`: disagreements and the random audit; raises NotComputed, UnknownBatch."""
        from fashion_assets.app.review import open_session

        return open_session(self.settings, self.store, by, batch)

    @property
    def quarantine(self) -> Quarantine:
        """What did not get in at the last ingest: rows with their reasons, photos and values."""
        from fashion_assets.app.quarantine import Quarantine

        return Quarantine(self.store)

    @cached_property
    def corrections(self) -> Corrections:
        """The hand corrections: the current ones, import and export."""
        from fashion_assets.app.corrections import Corrections

        return Corrections(self.store)

    @cached_property
    def journal(self) -> ResponseJournal:
        """The model's answers: statistics, those about a product, compaction."""
        from fashion_assets.app.journal import ResponseJournal

        return ResponseJournal(self.settings, self.store)

    @cached_property
    def alerts(self) -> Alerts:
        """What is failing now, what has not been sent yet, and sending it."""
        from fashion_assets.app.alerts import Alerts

        return Alerts(self.settings, self.store, self.resources.alerting)

    @cached_property
    def index(self) -> IndexVersions:
        """The versions of the search index, and rolling back to an older one."""
        from fashion_assets.app.index_versions import IndexVersions

        return IndexVersions(self.settings, self.store)
