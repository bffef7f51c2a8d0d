"""Which events become which messages, and that reading events again adds none."""

from dataclasses import replace

import pytest

from fashion_assets.alerts.messages import RunEnd
from fashion_assets.gates.history import WHOLE_CATALOG
from fashion_assets.gates.regressions import NO_REGRESSION
from fashion_assets.quality.pilot.summary import PILOT, PROCEEDS
from fashion_assets_tests.factories.alert_events import WATCHES, read

RUN = RunEnd(0, "run-0", "batch_00001", job="batch_pipeline", succeeded=False, reason="Step x: no.")
BY_LETTER = {
    "E": WATCHES,
    "W": replace(WATCHES, is_error=False),
    "O": replace(WATCHES, is_error=False, is_overridden=True),
    "P": replace(WATCHES, passed=True, is_error=False),
    "R": replace(WATCHES, check=NO_REGRESSION, is_error=False),
    "r": replace(WATCHES, check=NO_REGRESSION, passed=True, is_error=False),
    "X": RUN,
    "B": replace(RUN, is_known=True),
    "S": replace(RUN, succeeded=True, reason=""),
}


def events(letters: str) -> list:
    return [replace(BY_LETTER[letter], event_id=number) for number, letter in enumerate(letters, 1)]


def short(outbox: list) -> list[tuple[int, str]]:
    return [(message.event_id, message.kind) for message in outbox]


CASES = [
    ("", "errors", []),
    ("P", "errors", []),
    ("PP", "errors", []),
    ("E", "errors", [(1, "failed")]),
    ("EEE", "errors", [(1, "failed")]),
    ("PEEPP", "errors", [(2, "failed"), (4, "recovered")]),
    ("EPEP", "errors", [(1, "failed"), (2, "recovered"), (3, "failed"), (4, "recovered")]),
    ("W", "errors", []),
    ("W", "warnings", [(1, "failed")]),
    ("WEW", "warnings", [(1, "failed")]),
    ("EWP", "errors", [(1, "failed"), (3, "recovered")]),
    ("O", "errors", []),
    ("O", "warnings", []),
    ("EOOP", "errors", [(1, "failed"), (4, "recovered")]),
    ("RRr", "errors", [(1, "failed"), (3, "recovered")]),
    ("ERP", "errors", [(1, "failed"), (2, "failed"), (3, "recovered")]),
    ("XXS", "errors", [(1, "failed"), (3, "recovered")]),
    ("SS", "errors", []),
    ("EB", "errors", [(1, "failed")]),
    ("EBPS", "errors", [(1, "failed"), (3, "recovered")]),
    ("XBS", "errors", [(1, "failed"), (3, "recovered")]),
]


@pytest.mark.parametrize(("letters", "alert_on", "expected"), CASES)
def test_messages_of_a_sequence(letters, alert_on, expected):
    assert short(read(events(letters), [], alert_on=alert_on)) == expected


@pytest.mark.parametrize("letters", ["EPEPE", "PEEPP", "XBSXS", "EOWPRrE", "EBXPS"])
def test_events_that_are_read_again_add_no_message(letters):
    sequence = events(letters)
    at_once = read(sequence, [])
    for stop in range(len(sequence) + 1):
        for again in range(stop + 1):
            assert read(sequence[again:], read(sequence[:stop], [])) == at_once


def test_message_ids_are_unique_and_stable():
    outbox = read(events("EPEPXSXR"), [])
    assert len(outbox) == 8
    assert len({message.message_id for message in outbox}) == 8
    assert [message.number for message in outbox] == list(range(8))
    again = read(events("EPEPXSXR"), [])
    assert [message.message_id for message in again] == [message.message_id for message in outbox]


def test_a_new_event_log_starts_at_one_and_its_events_are_new():
    outbox = read(events("PPPEP"), [])
    outbox = read(events("EP"), outbox, log="another log")
    assert short(outbox) == [(4, "failed"), (5, "recovered"), (1, "failed"), (2, "recovered")]
    outbox = read(events("P"), read(events("PPE"), []), log="another log")
    assert short(outbox) == [(3, "failed"), (1, "recovered")]


def test_batches_checks_and_assets_have_alerts_of_their_own():
    others = ({"batch": "batch_00002"}, {"asset": "x"}, {"check": "y"})
    variants = [WATCHES, *(replace(WATCHES, **other) for other in others)]
    sequence = [replace(variant, event_id=number) for number, variant in enumerate(variants, 1)]
    assert [message.kind for message in read(sequence, [])] == ["failed"] * 4


def test_runs_without_a_batch_have_an_alert_for_each_job():
    ingest = replace(RUN, batch=WHOLE_CATALOG, job="ingest", event_id=1)
    index = replace(RUN, batch=WHOLE_CATALOG, job="search_index", event_id=2, succeeded=True)
    outbox = read([ingest, index, replace(ingest, event_id=3, succeeded=True)], [])
    assert [message.title for message in outbox] == ["ingest: run failed", "ingest: run recovered"]


def test_runs_that_lack_a_pilot_are_one_alert_until_the_pilot_proceeds():
    refused = [replace(RUN, event_id=n, batch=f"batch_{n:05d}", lacks_pilot=True) for n in (1, 2, 3)]
    proceeds = replace(WATCHES, event_id=4, batch=WHOLE_CATALOG, asset=PILOT, check=PROCEEDS, passed=True)
    titles = [f"{PILOT}: {PROCEEDS} failed", f"{PILOT}: {PROCEEDS} recovered"]
    assert [message.title for message in read([*refused, proceeds], [])] == titles


def test_what_a_message_says():
    failed, recovered = read(
        [
            replace(WATCHES, event_id=7),
            replace(BY_LETTER["P"], event_id=9, run_id="run-1", reason="All well.", value=1.0, offending=None),
        ],
        [],
    )
    assert failed.title == "batch_00001: watches_are_metal failed"
    assert failed.body.splitlines() == [
        "10 of 25 rows are 40.0%, at least 70% was wanted.",
        "Figure: 40.0%",
        "Threshold: 70.0%",
        "First offending products: 3, 5, 8",
        "Check: watches_are_metal of extracted_attributes",
        "Run: http://ui:3000/runs/run-0",
        f"Message id: {failed.message_id}",
    ]
    assert recovered.title == "batch_00001: watches_are_metal recovered"
    assert "All well.\nFigure: 100.0%\nThreshold: 70.0%" in recovered.body
    assert recovered.run_link == "http://ui:3000/runs/run-1"


def test_a_check_of_the_whole_catalog_names_its_asset_and_shows_figures_that_are_no_shares():
    slow = replace(WATCHES, batch=WHOLE_CATALOG, asset="vs_image_search", check="is_fast", value=31.5, threshold=20.0)
    (message,) = read([slow], [])
    assert message.title == "vs_image_search: is_fast failed"
    assert "Figure: 31.5\nThreshold: 20\n" in message.body


def test_a_run_failure_says_which_step_failed_at_what():
    (message,) = read([RUN], [])
    assert message.title == "batch_00001: run failed"
    assert message.body.startswith("Step x: no.\nJob: batch_pipeline\nRun: http://ui:3000/runs/run-0\n")
