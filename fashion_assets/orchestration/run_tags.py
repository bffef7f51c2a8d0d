"""Tags of Dagster runs: those that this project sets and reads, and those of Dagster's own that it reads."""

from collections.abc import Mapping

OWN_TAGS = "fashion/"
"""Begins the tags of this project."""

COMMAND_LINE_TAG = {"fashion/started_by": "command line"}

NO_RETRY_TAG = {"dagster/max_retries": "0"}
"""For runs whose command a person repeats: the daemon must not do it for them."""

NEXT_BATCHES_TAG = "fashion/next_batches"
"""Of a run of the command line: the batches that it will run after this one, separated by commas."""

ONLY_FAILED_TAG = "fashion/only_failed"
"""With the value `true` on a run: ask about the failed products alone, as `only_failed` in the config."""

FORCE_TAG = "fashion/force"
"""With the value `true` on a run: ask although no pilot said PROCEED. A backfill gives its tags to its runs."""

REASON_TAG = "fashion/why"
"""Of a run that a sensor asked for: why it did."""

PARTITION_TAG = "dagster/partition"
BACKFILL_TAG = "dagster/backfill"
RETRY_NUMBER_TAG = "dagster/retry_number"

_STARTED_BY_NO_PERSON = (BACKFILL_TAG, "dagster/sensor_name", "dagster/schedule_name")


def is_set(tag: str, run_tags: Mapping[str, str]) -> bool:
    """Whether a run has one of this project's tags of yes or no."""
    return run_tags.get(tag) == "true"


def is_part_of_backfill(run_tags: Mapping[str, str]) -> bool:
    """Whether a Dagster run with these tags is one of many, or was started by a sensor or a schedule."""
    return any(tag in run_tags for tag in _STARTED_BY_NO_PERSON)
