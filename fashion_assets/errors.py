"""Every error that this project raises on purpose.

    FashionError                   500
    ├── SettingsError              500  a setting has a value that cannot work
    │   └── OptionError            400  an option of a command or an argument of a call has such a value
    ├── SourceError                422  the product table, or a file of labels, cannot be read at all
    ├── LabelError                 422  a value that a person stated is not one of the attribute's
    ├── PhotoProblem               422  one photo cannot be used
    │   ├── PhotoMissing           404  there is no such file
    │   ├── PhotoUndecodable       422  the file is not an image, is damaged, or has too many pixels
    │   └── PhotoChanged           409  the file is not the one that the last ingest saw
    ├── PhotoCacheBusy             409  another process is fetching photos
    ├── PromptError                500  a prompt file is missing, malformed, or names an unknown field
    ├── ModelError                 503  a model cannot be loaded, or lacks what the pipeline needs
    ├── OutOfDeviceMemory          503  a model cannot answer so many photos in one call
    ├── StorageError               503  a table is missing, or a write kept conflicting with other writers
    │   ├── StorageDamaged         503  files of a table are missing, cut short or overwritten
    │   └── StorageUnwritable      507  the disk is full, or this user may not write there
    ├── NotComputed                409  an earlier step has to run first
    ├── NotFound                   404  what was named does not exist
    │   ├── UnknownBatch           404  there is no such batch, or nothing was computed for it
    │   └── UnknownProduct         404  there is no such product, or it has no such photo
    ├── BatchRefused               409  no quality verdict has passed for the present rows
    │   └── BatchUnjudged          409  these rows have no verdict yet
    ├── PilotRefused               409  a run over more than one batch lacks a pilot that decided PROCEED
    ├── ReviewRefused              422  the review page cannot accept an answer
    ├── RequestError               422  the body or the query of an HTTP request cannot be used
    │   ├── BodyTooLarge           413  it has more bytes than any answer needs
    │   └── BodyNotJson            415  it is not declared as JSON
    ├── SearchError                400  a query or a filter cannot be answered
    │   ├── IndexMissing           503  nothing has been indexed yet
    │   └── IndexRefused           409  an index version cannot be built, promoted or rolled back
    │       └── IndexBusy          409  another process is writing the index
    ├── WorkspaceError             502  the Databricks workspace refuses, fails, or does not finish in time
    ├── InstanceUnusable           503  Dagster's own database is busy, damaged, full or of another version
    │   ├── InstanceDamaged        503  a file of it is damaged
    │   └── InstanceUnwritable     507  it cannot be written: the disk is full, or this user may not
    ├── AlertsBusy                 409  another process is sending alerts
    └── RunFailed                  500  a Dagster run failed for a reason other than a quality gate

The number is the HTTP status of the class. An error's fields say what was wrong (`value`), what must hold (`rule`) and
what to do (`remedy`); its text is a sentence made of them. What goes wrong with one product or one photo in a run is
not an error but data: a quarantined row, or a code in `extraction_errors`.
"""

from collections.abc import Iterator
from typing import Any

from fashion_assets.fashion_error import FashionError


class SettingsError(FashionError):
    """A setting has a value that cannot work; `further` has the errors of other settings, each a line of the text."""

    _more_fields = ("further",)

    def __init__(self, *, value: str, rule: str, remedy: str, further: "tuple[SettingsError, ...]" = ()) -> None:
        super().__init__(value=value, rule=rule, remedy=remedy)
        self.further = further

    def __str__(self) -> str:
        return "\n".join([super().__str__(), *map(str, self.further)])

    def as_dict(self) -> dict[str, Any]:
        return super().as_dict() | {"further": [error.as_dict() for error in self.further]}


class OptionError(SettingsError, status=400):
    """An option of a command, or an argument of a call, has a value that cannot work.

    Where both exist, the text names both, as `until (--until)`.
    """


class SourceError(FashionError, status=422):
    """The product table, or a file of labels or corrections, cannot be read as a whole."""


class LabelError(FashionError, status=422):
    """A value that a person stated about a product is not one of the attribute's values."""


class PhotoProblem(FashionError, status=422):
    """A photo that cannot be used; tables and reports show its `code`, and `reason` in words."""

    @property
    def reason(self) -> str:
        return self.value


class PhotoMissing(PhotoProblem, status=404):
    """There is no file where the photo should be."""


class PhotoUndecodable(PhotoProblem):
    """The file of the photo is not an image, is damaged, or has too many pixels."""


class PhotoChanged(PhotoProblem, status=409):
    """The file of the photo is not the one that the last ingest saw."""


class PhotoCacheBusy(FashionError, status=409):
    """Another process is fetching photos into the same cache."""


class PromptError(FashionError):
    """A prompt file is missing, malformed, or names a field that the taxonomy does not have."""


class ModelError(FashionError, status=503):
    """A model cannot be loaded, or lacks what the pipeline needs."""


class OutOfDeviceMemory(FashionError, status=503):
    """A back end could not answer so many photos in one call; the caller retries with fewer."""


class StorageError(FashionError, status=503):
    """A table is missing, or a write kept conflicting with other writers."""


class StorageDamaged(StorageError, exit_code=4):
    """Files of a table are missing, cut short or overwritten; nothing is read past that silently."""


class StorageUnwritable(StorageError, status=507, exit_code=3):
    """A place cannot be written: the disk is full, or this user may not write there."""


class NotComputed(FashionError, status=409):
    """The request needs an earlier step, which has not run yet."""


class NotFound(FashionError, status=404):
    """What was named does not exist."""


class UnknownBatch(NotFound):
    """There is no such batch, or nothing was computed for it."""


class UnknownProduct(NotFound):
    """There is no such product, or it has no such photo."""


class BatchRefused(FashionError, status=409):
    """A batch may not continue, because no quality verdict has passed for its present rows."""


class BatchUnjudged(BatchRefused):
    """A batch may not continue, because its present rows have no verdict yet."""


class PilotRefused(FashionError, status=409):
    """A run over more than one batch lacks a pilot that decided PROCEED for these prompts and this model."""

    joints = (", but ", ". Next: ", "")

    missing_check = ("pilot_verdict", "pilot_says_proceed")
    """The asset and its check that have to pass first."""


class ReviewRefused(FashionError, status=422):
    """An answer of a reviewer cannot be accepted; nothing of it was recorded."""


class RequestError(FashionError, status=422):
    """The body or the query of an HTTP request cannot be used."""


class BodyTooLarge(RequestError, status=413):
    """The body of an HTTP request has more bytes than any answer needs."""


class BodyNotJson(RequestError, status=415):
    """The body of an HTTP request is not declared as JSON."""


class SearchError(FashionError, status=400):
    """A query or a filter cannot be answered."""


class IndexMissing(SearchError, status=503):
    """There is no promoted index version to search."""


class IndexRefused(SearchError, status=409):
    """An index version cannot be built, promoted or rolled back; the live one stays as it is."""


class IndexBusy(IndexRefused):
    """Another process is writing the index, and only one may write it at a time."""


class WorkspaceError(FashionError, status=502):
    """The Databricks workspace cannot be reached, refuses or fails a request, or does not finish in time."""


class InstanceUnusable(FashionError, status=503):
    """Dagster's own database or configuration cannot be used: it is busy, damaged, full or of another version."""


class InstanceDamaged(InstanceUnusable, exit_code=4):
    """A file of Dagster's own database is damaged."""


class InstanceUnwritable(InstanceUnusable, status=507, exit_code=3):
    """Dagster's own database cannot be written: the disk is full, or this user may not write there."""


class AlertsBusy(FashionError, status=409):
    """Another process is sending alerts."""


class RunFailed(FashionError):
    """A Dagster run failed for a reason other than a quality gate.

    `step_error` is the class of the project's error that stopped the step, if there was one: the status is that of the
    class, and the text is that of the error, given as `sentence` when its parts cannot be told apart.
    """

    _more_fields = ("sentence", "step_error")

    def __init__(
        self,
        *,
        value: str,
        rule: str,
        remedy: str,
        sentence: str | None = None,
        step_error: type[FashionError] | None = None,
    ) -> None:
        super().__init__(value=value, rule=rule, remedy=remedy)
        self.sentence, self.step_error = sentence, step_error
        if step_error is not None:
            self.status, self.joints, self.exit_code = step_error.status, step_error.joints, step_error.exit_code

    def __str__(self) -> str:
        return super().__str__() if self.sentence is None else self.sentence

    def as_dict(self) -> dict[str, Any]:
        return super().as_dict() | {"step_error": self.step_error.code if self.step_error else None}


def error_classes() -> Iterator[type[FashionError]]:
    """Every class of the tree, the base first, each before its subclasses."""
    waiting: list[type[FashionError]] = [FashionError]
    while waiting:
        cls = waiting.pop(0)
        yield cls
        waiting[:0] = cls.__subclasses__()


def error_class(name: str) -> type[FashionError] | None:
    """The class of the tree with this name or this code."""
    return next((cls for cls in error_classes() if name in (cls.__name__, cls.code)), None)
