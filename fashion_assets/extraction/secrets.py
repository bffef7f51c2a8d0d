"""Keys that a resource needs at run time but that must not be in its configuration, because the UI shows it.

`dagster.EnvVar` would also keep a key out of the UI, but it only reads the process's environment: a key from `.env` or
from `fashion retry --with FASHION_ENDPOINT_KEY=...` is not there, and two resources could not have different keys.
"""

from fashion_assets.storage.hashing import hash_text

_SECRETS: dict[str, str | None] = {}
"""By fingerprint; only in the memory of this process."""


def keep_secret(secret: str | None) -> str:
    """Store a secret (None: no secret) for this process; returns its fingerprint, which may be shown."""
    fingerprint = hash_text(secret)[:8] if secret else ""
    _SECRETS[fingerprint] = secret
    return fingerprint


def kept_secret(fingerprint: str) -> str | None:
    """The secret stored under this fingerprint; None if there is none."""
    return _SECRETS.get(fingerprint)
