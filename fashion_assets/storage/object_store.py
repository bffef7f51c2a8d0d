"""Object stores behind table and index URIs: whether one answers, and whether it is safe for several writers.

Both are asked once by a process, before the first read and the first write: the libraries that read and write tables
try an unreachable store for minutes, and lose commits without a word in a store that ignores conditions. Addresses
and credentials come from the environment as these libraries read it (`AWS_ENDPOINT_URL`, `AWS_ACCESS_KEY_ID`, ...).
"""

from datetime import timedelta
from functools import lru_cache
from typing import TYPE_CHECKING

from fashion_assets.errors import StorageError

if TYPE_CHECKING:
    from obstore.store import ObjectStore, RetryConfig

PROBE = "_conditional_write_probe"
"""An object of a few bytes that stays beside the tables."""

_TRIES_SECONDS = 5
_NO_CREDENTIALS = ("Missing AccessKeyId", "Missing SecretAccessKey", "/latest/api/token")
"""Signs in an error that the environment has none; the last is the service of Amazon's machines that is asked then."""


def is_object_store(uri: str) -> bool:
    """Whether `uri` is one of an object store, and not a folder."""
    return "://" in uri


@lru_cache
def require_reachable(uri: str) -> None:
    """Raise StorageError, within seconds, unless the store lists what is below `uri`. A folder is always good."""
    if not is_object_store(uri):
        return
    from obstore import list as list_objects
    from obstore.exceptions import BaseError

    try:
        next(iter(list_objects(_open(uri), chunk_size=1)), None)
    except (BaseError, OSError) as error:
        raise _sentence(uri, error) from None  # what the store said may quote the request and its key


@lru_cache
def require_conditional_writes(uri: str) -> None:
    """Raise StorageError unless the store refuses to create an object that exists.

    That is what keeps two commits of one version apart. Leaves PROBE below `uri`. A folder is always good.
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
        raise _sentence(uri, error) from None
    raise StorageError(
        value=f"The object store of '{uri}' ignores conditional writes (If-None-Match)",
        rule="without them parallel commits lose rows",
        remedy="use a store that has them, as Amazon S3 does, or a folder",
    )


def _open(uri: str) -> "ObjectStore":
    from obstore.store import from_url

    retry: RetryConfig = {
        "max_retries": 3,
        "retry_timeout": timedelta(seconds=_TRIES_SECONDS),
        "backoff": {"init_backoff": timedelta(seconds=0.1), "max_backoff": timedelta(seconds=1), "base": 2},
    }
    return from_url(uri, retry_config=retry)


def _sentence(uri: str, error: Exception) -> StorageError:
    from obstore.exceptions import PermissionDeniedError, UnauthenticatedError

    text = str(error)
    summary = text.partition("\n")[0].partition("<?xml")[0].rstrip(": ")
    if "NoSuchBucket" in text:
        why, remedy = "its bucket does not exist", "create it, or correct the URI"
    elif any(sign in text for sign in _NO_CREDENTIALS):
        why, remedy = "the environment has no credentials", "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"
    elif isinstance(error, PermissionDeniedError | UnauthenticatedError) or " 403 " in summary:
        why = "it refuses the credentials of the environment (AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY) for that"
        remedy = "set some that may read and write there"
    elif "BadScheme" in text:
        why, remedy = "its address AWS_ENDPOINT_URL is no https:// one", "set AWS_ALLOW_HTTP=true if that is meant"
    elif "error sending request" in summary:
        why, remedy = "it cannot be reached", "check the network and AWS_ENDPOINT_URL"
    else:
        why, remedy = summary, "check its URI and the environment's AWS_ variables"
    value, rule = f"The object store of '{uri}' cannot be used: {why}", "the tables or the index are there"
    return StorageError(value=value, rule=rule, remedy=remedy)
