"""Alerts for real: runs through Dagster with fake models, their events read by the sensor, a webhook that receives."""

import pytest
from dagster import DagsterInstance, DagsterRunStatus, RunsFilter, SkipReason, build_sensor_context
from filelock import FileLock

from fashion_assets.alerts import event_log as alert_events
from fashion_assets.alerts.resources import AlertsResource
from fashion_assets.alerts.tables import read_outbox
from fashion_assets.app.pipeline import Pipeline, RunFailed
from fashion_assets.automation import sensors
from fashion_assets.definitions import build_definitions
from fashion_assets.errors import ModelError
from fashion_assets.extraction.pilot_guard import PilotVerdict
from fashion_assets.extraction.tables import EXTRACTED_ATTRIBUTES
from fashion_assets.orchestration.dagster_home import open_instance
from fashion_assets.orchestration.io_manager import TablesResource
from fashion_assets.quality.verdicts.overrides import Override, record_override
from fashion_assets.quality.verdicts.verdict import attributes_fingerprint
from fashion_assets.settings import load_settings
from fashion_assets.storage.store import TableStore
from fashion_assets_tests.factories.clock import NOW
from fashion_assets_tests.fakes.receivers import Webhook, serving
from fashion_assets_tests.fakes.resources import FakeVlmResource, with_fakes
from fashion_assets_tests.fakes.shop import let_proceed

SUCCESS = "extraction_success_is_at_least_85_percent"
BATCHES = ("batch_00000", "batch_00001")


@pytest.fixture
def webhook():
    with serving(Webhook()) as server:
        yield server


class Watched:
    """A shop whose runs, in one Dagster instance, are watched by the sensor."""

    def __init__(self, shop, webhook: Webhook, instance: DagsterInstance, **options):
        shop.write_products()
        self.settings, self.webhook, self.instance = shop.settings, webhook, instance
        self.store = TableStore(self.settings.tables_uri)
        self.alerting = AlertsResource.with_addresses(
            webhook.url(), ui_url="http://ui", lock_file=str(self.settings.alerts_lock), **options
        )

    def open(self, is_broken: bool = False) -> Pipeline:
        pipeline = Pipeline(self.settings, with_fakes(self.settings, is_broken), self.instance)
        let_proceed(pipeline)
        return pipeline

    def tick(self) -> str:
        """One evaluation of the sensor; returns what it says."""
        resources = {"tables": TablesResource(uri=self.store.uri), "alerting": self.alerting}
        with build_sensor_context(self.instance, resources=resources) as context:
            skip = sensors.alerts(context)
        assert isinstance(skip, SkipReason)
        return skip.skip_message

    def news(self) -> list[str]:
        """The titles of the messages that arrive after a tick, and that a second tick adds nothing to."""
        before = len(self.webhook.taken)
        self.tick()
        titles = self.webhook.titles()[before:]
        self.tick()
        assert self.webhook.titles()[before:] == titles
        return titles


@pytest.fixture
def instance(monkeypatch):
    """An instance in memory that several pipelines use, one after the other: each would close it."""
    with DagsterInstance.ephemeral() as instance, monkeypatch.context() as patch:
        patch.setattr(instance, "dispose", lambda: None)
        yield instance


@pytest.fixture
def watched(shop, webhook, instance):
    return Watched(shop, webhook, instance)


def test_one_message_per_batch_and_check_and_one_when_it_has_recovered(watched):
    with watched.open(is_broken=True) as broken:
        broken.ingest()
        assert watched.news() == []
        for batch in BATCHES:
            assert broken.run_batch(batch).is_blocked
        assert watched.news() == [f"{batch}: {SUCCESS} failed" for batch in BATCHES]
        with pytest.raises(RunFailed, match="is stopped by its quality gates"):
            broken.run_assets(BATCHES[0], ["enriched_descriptions"])
        assert broken.run_batch(BATCHES[0]).is_blocked
        assert watched.news() == []
    with watched.open() as good:
        for batch in BATCHES:
            assert not good.run_batch(batch).is_blocked
        assert watched.news() == [f"{batch}: {SUCCESS} recovered" for batch in BATCHES]
    with watched.open(is_broken=True) as broken:
        assert broken.run_batch(BATCHES[1]).is_blocked
        assert f"{BATCHES[1]}: {SUCCESS} failed" in watched.news()
    message = watched.webhook.taken[0]["message"]
    run_link = read_outbox(watched.store)["run_link"][0]
    assert message.startswith("0 of 25 rows are 0.0%, at least 85% was wanted.\nFigure: 0.0%\nThreshold: 85.0%\n")
    assert "First offending products: 1, 2, 3," in message
    assert f"Run: {run_link}\n" in message
    assert watched.instance.get_run_by_id(run_link.removeprefix("http://ui/runs/")) is not None


def test_a_regression_is_an_alert_though_it_only_warns(watched):
    with watched.open() as good:
        good.ingest()
        good.run_batch(BATCHES[0])
        assert watched.news() == []
    with watched.open(is_broken=True) as broken:
        broken.run_batch(BATCHES[0])
        assert sorted(watched.news()) == [
            f"{BATCHES[0]}: {SUCCESS} failed",
            f"{BATCHES[0]}: no_figure_dropped_by_more_than_5_points failed",
        ]


def test_warnings_are_alerts_when_they_are_wanted(shop, webhook, instance):
    watched = Watched(shop, webhook, instance, alert_on="warnings")
    with watched.open(is_broken=True) as broken:
        broken.ingest()
        broken.run_batch(BATCHES[0])
    assert f"{BATCHES[0]}: invalid_answers_are_at_most_10_percent failed" in watched.news()


def test_a_run_that_fails_for_another_reason_is_told_once_until_one_succeeds(watched, monkeypatch):
    def fail(*_):
        try:
            raise OSError("root cause")
        except OSError as error:
            raise ModelError(value="No model", rule="one is needed", remedy="set one") from error

    with watched.open() as pipeline:
        pipeline.ingest()
        with monkeypatch.context() as patch:
            patch.setattr(FakeVlmResource, "load", fail)
            for _ in range(2):
                with pytest.raises(RunFailed):
                    pipeline.run_batch(BATCHES[0])
            assert watched.news() == [f"{BATCHES[0]}: run failed"]
        assert watched.webhook.taken[-1]["message"].startswith(
            "Step extracted_attributes: No model, but one is needed; set one.\n"
        )
        pipeline.run_batch(BATCHES[1])
        assert watched.news() == []
        pipeline.run_batch(BATCHES[0])
        assert watched.news() == [f"{BATCHES[0]}: run recovered"]


def test_a_backfill_without_a_pilot_is_one_message_whatever_the_pilot_then_says(shop, webhook, instance):
    watched = Watched(shop, webhook, instance)
    with Pipeline(shop.settings, with_fakes(shop.settings), instance) as unpiloted:
        unpiloted.ingest()
        unpiloted.register_batches()
        job = unpiloted._definitions.resolve_job_def("batch_pipeline")
        for batch in BATCHES:
            job.execute_in_process(
                instance=instance, partition_key=batch, tags={"dagster/backfill": "abc"}, raise_on_error=False
            )
        assert watched.news() == ["pilot_verdict: pilot_says_proceed failed"]
        assert "There has been no pilot of" in webhook.taken[0]["message"]
        assert unpiloted.pilot().verdict is PilotVerdict.RECONSIDER
        assert watched.news() == []


def test_who_stops_a_run_at_the_terminal_is_not_told_of_it(watched, monkeypatch):
    def interrupted(*_):
        raise KeyboardInterrupt

    with watched.open() as pipeline:
        pipeline.ingest()
        with monkeypatch.context() as patch:
            patch.setattr(FakeVlmResource, "load", interrupted)
            with pytest.raises(KeyboardInterrupt):
                pipeline.run_batch(BATCHES[0])
        (run,) = watched.instance.get_runs(RunsFilter(statuses=[DagsterRunStatus.FAILURE]))
        assert run.tags["dagster/partition"] == BATCHES[0]
        assert watched.news() == []


def test_an_ingest_that_fails_is_told_by_its_job(shop, webhook, monkeypatch):
    """In the instance below FASHION_HOME, whose event log is in SQLite files."""
    instance = open_instance(shop.settings.dagster_home)
    monkeypatch.setattr(instance, "dispose", lambda: None)
    watched = Watched(shop, webhook, instance)
    source = watched.settings.source.read_text()
    watched.settings.source.unlink()
    with watched.open() as pipeline:
        with pytest.raises(RunFailed):
            pipeline.ingest()
        assert watched.news() == ["ingest: run failed"]
        watched.settings.source.write_text(source)
        pipeline.ingest()
        assert watched.news() == ["ingest: run recovered"]


def test_rows_that_no_gate_has_judged_fail_the_run_without_another_message_so_this_is_one(watched):
    with watched.open() as pipeline:
        pipeline.ingest()
        with pytest.raises(RunFailed, match="has no quality verdict"):
            pipeline.run_assets(BATCHES[0], ["enriched_descriptions"])
    assert watched.news() == [f"{BATCHES[0]}: run failed"]


def test_rows_that_a_person_lets_go_on_are_neither_a_failure_nor_a_recovery(watched):
    with watched.open(is_broken=True) as broken:
        broken.ingest()
        broken.run_batch(BATCHES[0])
        assert watched.news() == [f"{BATCHES[0]}: {SUCCESS} failed"]
        fingerprint = attributes_fingerprint(watched.store.read(EXTRACTED_ATTRIBUTES, BATCHES[0]))
        record_override(watched.store, BATCHES[0], fingerprint, Override("the catalog team", "seen by hand", NOW))
        assert not broken.run_batch(BATCHES[0]).is_blocked
        assert watched.news() == []


def test_a_long_history_is_read_page_by_page(watched, monkeypatch):
    monkeypatch.setattr(alert_events, "_PAGE", 3)
    with watched.open(is_broken=True) as broken:
        broken.ingest()
        watched.tick()
        for batch in BATCHES:
            broken.run_batch(batch)
        assert watched.news() == [f"{batch}: {SUCCESS} failed" for batch in BATCHES]


def test_while_another_process_sends_the_sensor_waits(watched):
    with FileLock(watched.alerting.lock_file):
        assert "Another process is sending alerts" in watched.tick()
    assert "New messages: 0" in watched.tick()


def test_no_address_is_in_the_definitions(tmp_path):
    settings = load_settings(home=tmp_path, alerts="json://me:s3cr3t@127.0.0.1/t0k3n")
    repository = build_definitions(settings).get_repository_def()
    assert repository.has_sensor_def("alerts")
    shown = str(build_definitions(settings).resources["alerting"]) + str(settings)
    assert "s3cr3t" not in shown
    assert "t0k3n" not in shown
