"""How old an asset may become before the UI warns."""

from datetime import timedelta

from dagster import FreshnessPolicy

NIGHTLY = FreshnessPolicy.time_window(fail_window=timedelta(days=8), warn_window=timedelta(days=2))
"""For what is updated every night where nightly work is switched on: the UI warns after a missed night."""
