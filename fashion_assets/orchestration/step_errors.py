"""Why a step failed, read from what Dagster keeps of an exception, and errors that another process reported.

Dagster keeps the chain of exceptions that led to one another as texts. The project's own among them are found by the
tree of `fashion_assets.errors`.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from dagster import DagsterEvent

from fashion_assets.errors import FashionError, RunFailed, SettingsError, WorkspaceError, error_class
from fashion_assets.orchestration.runs import INTERRUPTIONS

if TYPE_CHECKING:
    from dagster_shared.error import SerializableErrorInfo


@dataclass(frozen=True)
class StepError:
    """Why the step `step` failed.

    `class_names` are the classes of the exceptions that led to one another, the last one raised first. `own` is the
    class of the project's own error, if there is one among them; `text` is that error's, else that of the innermost
    exception, which begins with its class.
    """

    step: str
    class_names: tuple[str, ...]
    own: type[FashionError] | None
    text: str

    @property
    def is_interruption(self) -> bool:
        """Whether somebody stopped the step, before any error of the project."""
        before = self.class_names[: self.class_names.index(self.own.__name__)] if self.own else self.class_names
        return not INTERRUPTIONS.isdisjoint(before)

    def as_run_failed(self) -> RunFailed:
        """The error to raise: with the fields of the project's own error where its text has them apart."""
        rule, remedy = "every step must end without an error", "look at the run with `make ui`"
        if self.own is None:
            return RunFailed(value=f"Step {self.step} failed: {self.text}", rule=rule, remedy=remedy)
        error = self.own.from_sentence(self.text)
        if error is None:
            value = f"Step {self.step} failed"
            return RunFailed(value=value, rule=rule, remedy=remedy, sentence=self.text, step_error=self.own)
        return RunFailed(value=error.value, rule=error.rule, remedy=error.remedy, step_error=self.own)


def step_error(event: DagsterEvent) -> StepError:
    """What the event of a step's failure says."""
    return read_step_error(event.step_key or "", event.step_failure_data.error)


def read_step_error(step: str, error: "SerializableErrorInfo | None") -> StepError:
    """Why `step` failed, of which Dagster kept `error`."""
    chain = list(_chain(error))
    names = tuple(info.cls_name or "" for info in chain)
    text = chain[-1].message.strip() if chain else "no error is on record"
    for info in chain:
        own = _own_class(info)
        if own is not None:
            return StepError(step, names, own, info.message.removeprefix(_prefix(own)).strip())
    return StepError(step, names, None, text)


def reported_error(told: Mapping[str, Any]) -> FashionError:
    """The error that `FashionError.as_dict` described; raises WorkspaceError for a code that is not in the tree."""
    cls = error_class(told["code"])
    if cls is None:
        raise WorkspaceError(
            value=f"The cluster reported an error with the code '{told['code']}': {told['message'].rstrip('.')}",
            rule="this version has no such error",
            remedy="run the same version there and here",
        )
    fields = {name: told[name] for name in ("value", "rule", "remedy")}
    if issubclass(cls, SettingsError):
        further = map(reported_error, told["further"])
        return cls(**fields, further=tuple(error for error in further if isinstance(error, SettingsError)))
    return cls(**fields)


def _chain(error: "SerializableErrorInfo | None") -> "Iterator[SerializableErrorInfo]":
    while error is not None:
        yield error
        error = error.cause


def _own_class(info: "SerializableErrorInfo") -> type[FashionError] | None:
    """The class of the tree that the exception is of; classes of other packages may have the same name."""
    cls = error_class(info.cls_name or "")
    return cls if cls is not None and info.message.startswith(_prefix(cls)) else None


def _prefix(cls: type[FashionError]) -> str:
    """How Python begins the text of an exception in a traceback."""
    return f"{cls.__module__}.{cls.__qualname__}: "
