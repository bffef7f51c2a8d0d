"""How old an asset may become before the UI warns."""

from datetime import timedelta

from dagster import FreshnessPolicy

NIGHTLY = FreshnessPolicy.time_window(fail_window=timedelta(days=8), warn_window=timedelta(days=2))
"""For assets that are updated every night if the schedules are on: the UI warns after a missed night."""
