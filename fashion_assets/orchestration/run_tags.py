"""Tags of Dagster runs: this project's own, and those of Dagster that it reads."""

from collections.abc import Mapping

OWN_TAGS = "fashion/"
"""The prefix of this project's tags."""

COMMAND_LINE_TAG = {"fashion/started_by": "command line"}

NO_RETRY_TAG = {"dagster/max_retries": "0"}
"""For runs of a command that a person repeats: the daemon must not retry them."""

NEXT_BATCHES_TAG = "fashion/next_batches"
"""On a run of the command line: the batches that it will run after this one, separated by commas."""

ONLY_FAILED_TAG = "fashion/only_failed"
"""`true` on a run: infer for the failed products only, as `only_failed` in the config."""

FORCE_TAG = "fashion/force"
"""`true` on a run: infer although no pilot said PROCEED. A backfill passes its tags to its runs."""

REASON_TAG = "fashion/why"
"""On a run that a sensor requested: the reason."""

PARTITION_TAG = "dagster/partition"
BACKFILL_TAG = "dagster/backfill"
RETRY_NUMBER_TAG = "dagster/retry_number"

_STARTED_BY_NO_PERSON = (BACKFILL_TAG, "dagster/sensor_name", "dagster/schedule_name")


def is_set(tag: str, run_tags: Mapping[str, str]) -> bool:
    """Whether a run has one of this project's boolean tags."""
    return run_tags.get(tag) == "true"


def is_part_of_backfill(run_tags: Mapping[str, str]) -> bool:
    """Whether a Dagster run with these tags is one of many, or was started by a sensor or a schedule."""
    return any(tag in run_tags for tag in _STARTED_BY_NO_PERSON)
