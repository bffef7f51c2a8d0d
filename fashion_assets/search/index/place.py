"""Where LanceDB finds the index: some paths it must be given by a link with a plain name.

LanceDB makes part of an index in a folder whose name is the percent-encoded one, beside the real one: `/home/j%C3%B6rg`
for `/home/jörg`, which only works where that folder can be made.
"""

import atexit
import os
import re
import shutil
import tempfile
from functools import lru_cache
from pathlib import Path

from fashion_assets.storage.object_store import is_object_store

_READ_AS_IS = re.compile(r"[\w/ .:;&'$=,+@!()-]+", re.ASCII)
"""Paths without a character that LanceDB 0.40 encodes."""


def lance_location(uri: str) -> str:
    """What to give LanceDB for the index at `uri`, whose folder must exist: `uri`, or a link to it for this process."""
    if is_object_store(uri) or _READ_AS_IS.fullmatch(uri):
        return uri
    link = _link_to(uri)
    if not Path(link).is_symlink():  # temporary folders are cleaned up after some days
        _link_to.cache_clear()
        link = _link_to(uri)
    return link


@lru_cache
def _link_to(folder: str) -> str:
    place, owner = tempfile.mkdtemp(prefix="fashion_assets-"), os.getpid()
    atexit.register(lambda: os.getpid() == owner and shutil.rmtree(place, ignore_errors=True))
    link = Path(place) / "index"
    link.symlink_to(folder)
    return str(link)
