"""Keys that a resource needs when it runs, and that its configuration may not hold, because the UI shows it.

`dagster.EnvVar` would keep a key out of the UI too, but it reads the process's environment alone: a key from `.env` or
from `fashion retry --with FASHION_ENDPOINT_KEY=...` is not there, and two resources could not have different keys.
"""

from fashion_assets.storage.hashing import hash_text

_SECRETS: dict[str, str | None] = {}
"""By fingerprint; in the memory of this process alone."""


def keep_secret(secret: str | None) -> str:
    """Keep a secret, or that there is none, for this process; gives its fingerprint, which may be shown."""
    fingerprint = hash_text(secret)[:8] if secret else ""
    _SECRETS[fingerprint] = secret
    return fingerprint


def kept_secret(fingerprint: str) -> str | None:
    """The secret that was kept under this fingerprint; None where there is none."""
    return _SECRETS.get(fingerprint)
