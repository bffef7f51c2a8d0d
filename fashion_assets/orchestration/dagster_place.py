"""In which folders Dagster can keep its home; apart from `dagster_home.py`, so that asking does not load Dagster."""

import re

from fashion_assets.storage.places import ESCAPE, PathRule

_LONGEST_FILE = 504
"""Bytes in the path of a database that SQLite opens: 512, less what it adds to the name itself."""

_LONGEST_NAME = len("/history/runs/00000000-0000-0000-0000-000000000000.db")

DAGSTER_HOME = PathRule(
    need="Dagster cannot keep its record of runs in a folder",
    unusable=re.compile(rf"[*?[]|{ESCAPE}"),
    unusable_in_words="*, ?, [ and no escape such as %20",
    longest=_LONGEST_FILE - _LONGEST_NAME,
)
"""Tried with Dagster 1.13: it looks for `dagster.yaml` by a pattern, and names its databases by addresses."""
