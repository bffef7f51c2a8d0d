"""The demo model with noise in its weights: the pilot sees it, the gates stop its batch, and alerts tell of it, once.

Real weights, a real webhook and a real mail server; the webhook is down at first, and the process is killed between
sending and recording. Then the good model comes back, and one message says so.
"""

import multiprocessing
import shutil
import signal
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file

from fashion_assets.alerts.resources import AlertsResource
from fashion_assets.alerts.sending import send_alerts
from fashion_assets.app.catalog import render_catalog
from fashion_assets.app.pipeline import Pipeline
from fashion_assets.demo.models import vlm_folder
from fashion_assets.extraction.pilot_guard import PilotVerdict
from fashion_assets.orchestration.dagster_home import open_instance
from fashion_assets.settings import load_settings
from fashion_assets.storage.store import TableStore
from fashion_assets_tests.fakes.receivers import MailServer, Webhook, serving
from fashion_assets_tests.processes.killed_alerts import SENT_NOT_RECORDED, make_pass

PRODUCTS = 100
NOISE = 0.5
"""Of each tensor's own standard deviation."""

BATCH = "batch_00000"
SUBJECTS = ("pilot_verdict: pilot_says_proceed", f"{BATCH}: extraction_success_is_at_least_85_percent")
TRIES_IN_VAIN = 3


def degrade(folder: Path) -> Path:
    """A copy of the shipped model whose weights have noise added."""
    shutil.copytree(vlm_folder(), folder)
    weights, noise = load_file(folder / "model.safetensors"), torch.Generator().manual_seed(0)
    for name, tensor in weights.items():
        if tensor.is_floating_point() and tensor.numel() > 1:
            spoiled = tensor.float() + NOISE * tensor.float().std() * torch.randn(tensor.shape, generator=noise)
            weights[name] = spoiled.to(tensor.dtype)
    (folder / "model.safetensors").unlink()
    save_file(weights, folder / "model.safetensors", metadata={"format": "pt"})
    return folder


@pytest.fixture(scope="module")
def home(tmp_path_factory) -> Path:
    """A demo catalog that the degraded model has been piloted on, and whose batch it was let run on."""
    folder = tmp_path_factory.mktemp("degraded")
    settings = settings_of(folder, vlm=str(degrade(folder / "model")))
    render_catalog(settings)
    with Pipeline(settings) as pipeline:
        pipeline.ingest()
        assert pipeline.pilot().verdict in (PilotVerdict.REFINE, PilotVerdict.RECONSIDER)
        outcome = pipeline.run_batch(BATCH)
    assert outcome.is_blocked
    assert any(reason.startswith("extraction_success_is_at_least_85_percent") for reason in outcome.reasons)
    return folder


def settings_of(folder: Path, **values):
    return load_settings(home=folder / "home", demo_products=PRODUCTS, device="cpu", **values)


@pytest.fixture
def servers():
    with serving(Webhook(fail_first=TRIES_IN_VAIN)) as webhook, serving(MailServer()) as mail:
        yield webhook, mail


def test_one_message_each_whatever_happens_and_one_when_the_good_model_has_recovered(home, servers):
    webhook, mail = servers
    settings = settings_of(home)
    addresses = f"{webhook.url()} mailto://me:right@127.0.0.1:{mail.port}?from=me@example.org&to=a@example.org"
    alerting = AlertsResource.with_addresses(addresses, ui_url="http://ui", lock_file=str(settings.alerts_lock))
    store, start = TableStore(settings.tables_uri), datetime.now(UTC) - timedelta(hours=6)

    def send(hours: int) -> None:
        with open_instance(settings.dagster_home) as instance:
            send_alerts(instance, store, alerting, lambda: start + timedelta(hours=hours))

    for hour in range(TRIES_IN_VAIN):
        send(hour)
    assert webhook.taken == []
    assert len(webhook.requests) == TRIES_IN_VAIN
    killed = multiprocessing.get_context("forkserver").Process(
        target=make_pass, args=(settings.dagster_home, settings.home, addresses, SENT_NOT_RECORDED)
    )
    killed.start()
    killed.join(60)
    assert killed.exitcode == -signal.SIGKILL
    for hour in (7, 8):
        send(hour)
    failed = [f"{subject} failed" for subject in SUBJECTS]
    repeated = Counter(webhook.titles()) - Counter(failed)
    assert Counter(webhook.titles()) - repeated == Counter(failed)
    assert repeated.total() == 1, "the message that was sent and not recorded"
    assert len({request["headers"]["Idempotency-Key"] for request in webhook.taken}) == len(failed)
    assert Counter(message["Subject"] for _, message in mail.mails) == Counter(failed)

    before = len(webhook.taken)
    with Pipeline(settings) as good:
        assert good.pilot().verdict is PilotVerdict.PROCEED
        assert not good.run_batch(BATCH).is_blocked
    for hour in (9, 10):
        send(hour)
    recovered = Counter(f"{subject} recovered" for subject in SUBJECTS)
    assert Counter(webhook.titles()[before:]) == recovered
    assert Counter(message["Subject"] for _, message in mail.mails[len(failed) :]) == recovered
