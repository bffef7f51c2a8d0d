"""The Databricks workspace: the SDK's client with the environment's credentials, and its errors as WorkspaceError.

The SDK is an optional dependency, imported only here and by code that has a client. It reads DATABRICKS_HOST,
DATABRICKS_CLIENT_ID and DATABRICKS_CLIENT_SECRET itself; no credential passes through this project.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from fashion_assets.errors import WorkspaceError

if TYPE_CHECKING:
    from databricks.sdk import WorkspaceClient
    from databricks.sdk.clock import Clock

_CREDENTIALS = "DATABRICKS_HOST, DATABRICKS_CLIENT_ID and DATABRICKS_CLIENT_SECRET"


def open_workspace(clock: Clock | None = None) -> WorkspaceClient:
    """A client of the workspace that the environment names; it retries throttled requests.

    `clock` gives the time and sleeps, for the SDK's retries and for callers that wait with `client.config.clock`.
    Raises WorkspaceError if the SDK is not installed or the credentials are missing.
    """
    try:
        from databricks.sdk import WorkspaceClient
        from databricks.sdk.config import Config
    except ImportError as error:
        raise WorkspaceError(
            value="The Databricks SDK is not installed",
            rule="the profile `databricks` needs it",
            remedy="run `pip install 'fashion-assets[databricks]'`, or choose another FASHION_PROFILE",
        ) from error
    with workspace_errors("sign in"):
        return WorkspaceClient(config=Config(product="fashion_assets", clock=clock))


def sign_in_again(client: WorkspaceClient) -> None:
    """Get a new token for `client`: the SDK keeps its token until it expires, even if it was revoked.

    Raises the SDK's error if the credentials themselves are no longer accepted.
    """
    client.config.init_auth()


@contextmanager
def workspace_errors(doing: str) -> Iterator[None]:
    """Raise the SDK's errors in the block as a WorkspaceError that names the action."""
    from databricks.sdk.errors import PermissionDenied, Unauthenticated
    from databricks.sdk.errors.base import DatabricksError

    try:
        yield
    except Unauthenticated as error:
        raise WorkspaceError(
            value=f"Databricks did not accept the credentials when asked to {doing} ({_text(error)})",
            rule="they must be those of a service principal of the workspace",
            remedy=f"check {_CREDENTIALS} in the environment",
        ) from error
    except PermissionDenied as error:
        raise WorkspaceError(
            value=f"The service principal may not {doing} ({_text(error)})",
            rule="the pipeline needs that permission",
            remedy="have an administrator of the workspace grant it",
        ) from error
    except DatabricksError as error:
        raise WorkspaceError(
            value=f"Databricks could not {doing}: {_text(error)}",
            rule="the pipeline cannot continue without it",
            remedy="fix the problem that Databricks reports, then run again",
        ) from error
    except TimeoutError as error:
        reason = error.__cause__ or error
        raise WorkspaceError(
            value=f"Databricks did not answer when asked to {doing} ({_text(reason)})",
            rule="the pipeline needs an answer",
            remedy="check DATABRICKS_HOST and the network, and try again",
        ) from error
    except ValueError as error:  # mostly from the SDK's sign-in, which the first request may start
        raise WorkspaceError(
            value=f"Databricks could not be asked to {doing} ({_text(error)})",
            rule="this needs a host and credentials",
            remedy=f"check {_CREDENTIALS} in the environment",
        ) from error


def _text(error: BaseException) -> str:
    """The message without the configuration that the SDK appends to it."""
    text = str(error) or type(error).__name__
    return text.partition(". Config: ")[0].rstrip(".")
