"""An evaluation of a check that alerts are about, and the outbox that events lead to."""

from fashion_assets.alerts.messages import CheckEvaluation, new_messages
from fashion_assets.alerts.tables import latest_messages, messages_frame
from fashion_assets_tests.factories.clock import NOW

WATCHES = CheckEvaluation(
    event_id=0,
    run_id="run-0",
    batch="batch_00001",
    asset="extracted_attributes",
    check="watches_are_metal",
    passed=False,
    is_error=True,
    reason="10 of 25 rows are 40.0%, at least 70% was wanted.",
    value=0.4,
    threshold=0.7,
    offending="3, 5, 8",
)


def read(found: list, outbox: list, log: str = "log", alert_on: str = "errors") -> list:
    """The outbox after these events."""
    latest = latest_messages(messages_frame(outbox))
    options = {"alert_on": alert_on, "ui_url": "http://ui:3000/", "now": NOW}
    return [*outbox, *new_messages(found, latest, log=log, first_number=len(outbox), **options)]
