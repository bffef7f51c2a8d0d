"""Object stores behind table and index URIs: whether one is reachable, and whether it is safe for several writers.

A process checks both once, before its first read and its first write: the libraries that read and write tables retry
an unreachable store for minutes, and silently lose commits in a store that ignores conditional writes. Addresses and
credentials come from the environment variables of these libraries (`AWS_ENDPOINT_URL`, `AWS_ACCESS_KEY_ID`, ...).
"""

from datetime import timedelta
from functools import lru_cache
from typing import TYPE_CHECKING

from fashion_assets.errors import StorageError

if TYPE_CHECKING:
    from obstore.store import ObjectStore, RetryConfig

PROBE = "_conditional_write_probe"
"""An object of a few bytes that stays next to the tables."""

_TRIES_SECONDS = 5
_NO_CREDENTIALS = ("Missing AccessKeyId", "Missing SecretAccessKey", "/latest/api/token")
"""Texts in an error that mean missing credentials; the last is the metadata service that is tried in that case."""


def is_object_store(uri: str) -> bool:
    """Whether `uri` names an object store rather than a folder, whose path may have a `://` too."""
    return "://" in uri and not uri.startswith("/")


@lru_cache
def require_reachable(uri: str) -> None:
    """Raise StorageError, within seconds, unless the store can list `uri`. Does nothing for a folder."""
    if not is_object_store(uri):
        return
    from obstore import list as list_objects
    from obstore.exceptions import BaseError

    try:
        next(iter(list_objects(_open(uri), chunk_size=1)), None)
    except (BaseError, OSError) as error:
        raise _storage_error(uri, error) from None  # the original text may quote the request and its key


@lru_cache
def require_conditional_writes(uri: str) -> None:
    """Raise StorageError unless the store refuses to create an object that exists.

    Only that prevents two commits of the same version. Leaves PROBE below `uri`. Does nothing for a folder.
    """
    if not is_object_store(uri):
        return
    from obstore import put
    from obstore.exceptions import AlreadyExistsError, BaseError

    try:
        for _ in range(2):
            put(_open(uri), PROBE, b"exists", mode="create", use_multipart=False)
    except AlreadyExistsError:
        return
    except (BaseError, OSError) as error:
        raise _storage_error(uri, error) from None
    raise StorageError(
        value=f"The object store of '{uri}' ignores conditional writes (If-None-Match)",
        rule="without them, parallel commits lose rows",
        remedy="use a store that supports them, such as Amazon S3, or a folder",
    )


def _open(uri: str) -> "ObjectStore":
    from obstore.store import from_url

    retry: RetryConfig = {
        "max_retries": 3,
        "retry_timeout": timedelta(seconds=_TRIES_SECONDS),
        "backoff": {"init_backoff": timedelta(seconds=0.1), "max_backoff": timedelta(seconds=1), "base": 2},
    }
    return from_url(uri, retry_config=retry)


def _storage_error(uri: str, error: Exception) -> StorageError:
    from obstore.exceptions import PermissionDeniedError, UnauthenticatedError

    text = str(error)
    summary = text.partition("\n")[0].partition("<?xml")[0].rstrip(": ")
    if "NoSuchBucket" in text:
        why, remedy = "its bucket does not exist", "create it, or correct the URI"
    elif any(sign in text for sign in _NO_CREDENTIALS):
        why, remedy = "the environment has no credentials", "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"
    elif isinstance(error, PermissionDeniedError | UnauthenticatedError) or " 403 " in summary:
        why = "it refuses the credentials in the environment (AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY)"
        remedy = "set credentials that may read and write there"
    elif "BadScheme" in text:
        why, remedy = "its address AWS_ENDPOINT_URL is not https://", "set AWS_ALLOW_HTTP=true if that is intended"
    elif "error sending request" in summary:
        why, remedy = "it cannot be reached", "check the network and AWS_ENDPOINT_URL"
    else:
        why, remedy = summary, "check its URI and the environment's AWS_ variables"
    value, rule = f"The object store of '{uri}' cannot be used: {why}", "the tables or the index are there"
    return StorageError(value=value, rule=rule, remedy=remedy)
