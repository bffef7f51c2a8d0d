"""Why a step failed, from the exception that Dagster stored, and errors that another process reported.

Dagster stores a chain of exceptions as texts. The project's own errors among them are recognized by the tree of
`fashion_assets.errors`.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from dagster import DagsterEvent

from fashion_assets.errors import FashionError, RunFailed, SettingsError, WorkspaceError, error_class
from fashion_assets.orchestration.runs import INTERRUPTIONS
from fashion_assets.storage.places import refused_in_text

if TYPE_CHECKING:
    from dagster_shared.error import SerializableErrorInfo


@dataclass(frozen=True)
class StepError:
    """Why the step `step` failed.

    `class_names` are the classes in the chain of exceptions, the last one raised first. `project_class` is the class of
    the project's own error, if the chain has one; `text` is its text, else that of the innermost exception, which
    starts with its class.
    """

    step: str
    class_names: tuple[str, ...]
    project_class: type[FashionError] | None
    text: str

    @property
    def is_interruption(self) -> bool:
        """Whether a person stopped the step, before any error of the project was raised."""
        cls = self.project_class
        before = self.class_names[: self.class_names.index(cls.__name__)] if cls else self.class_names
        return not INTERRUPTIONS.isdisjoint(before)

    def as_run_failed(self) -> RunFailed:
        """The error to raise, with the fields of the project's own error if its text can be split into them."""
        rule, remedy = "every step must end without an error", "see the run with `make ui`"
        if self.project_class is None and (refused := refused_in_text(self.text)) is not None:
            return RunFailed(value=refused.value, rule=refused.rule, remedy=refused.remedy, step_error=type(refused))
        if self.project_class is None:
            return RunFailed(value=f"Step {self.step} failed: {self.text}", rule=rule, remedy=remedy)
        error = self.project_class.from_sentence(self.text)
        if error is None:
            value = f"Step {self.step} failed"
            return RunFailed(value=value, rule=rule, remedy=remedy, sentence=self.text, step_error=self.project_class)
        return RunFailed(value=error.value, rule=error.rule, remedy=error.remedy, step_error=self.project_class)


def step_error(event: DagsterEvent) -> StepError:
    """The error in the event of a step's failure."""
    return read_step_error(event.step_key or "", event.step_failure_data.error)


def read_step_error(step: str, error: "SerializableErrorInfo | None") -> StepError:
    """Why `step` failed, from the `error` that Dagster stored."""
    chain = list(_chain(error))
    names = tuple(info.cls_name or "" for info in chain)
    text = chain[-1].message.strip() if chain else "no error was recorded"
    for info in chain:
        project_class = _own_class(info)
        if project_class is not None:
            return StepError(step, names, project_class, info.message.removeprefix(_prefix(project_class)).strip())
    return StepError(step, names, None, text)


def reported_error(report: Mapping[str, Any]) -> FashionError:
    """The error that `FashionError.as_dict` described; raises WorkspaceError for a code that is not in the tree."""
    cls = error_class(report["code"])
    if cls is None:
        raise WorkspaceError(
            value=f"The cluster reported an error with the code '{report['code']}': {report['message'].rstrip('.')}",
            rule="this version has no such error",
            remedy="run the same version on the cluster and here",
        )
    fields = {name: report[name] for name in ("value", "rule", "remedy")}
    if issubclass(cls, SettingsError):
        further = map(reported_error, report["further"])
        return cls(**fields, further=tuple(error for error in further if isinstance(error, SettingsError)))
    return cls(**fields)


def _chain(error: "SerializableErrorInfo | None") -> "Iterator[SerializableErrorInfo]":
    while error is not None:
        yield error
        error = error.cause


def _own_class(info: "SerializableErrorInfo") -> type[FashionError] | None:
    """The exception's class in the tree, if it has one; classes of other packages may have the same name."""
    cls = error_class(info.cls_name or "")
    return cls if cls is not None and info.message.startswith(_prefix(cls)) else None


def _prefix(cls: type[FashionError]) -> str:
    """The start of an exception's text in a traceback."""
    return f"{cls.__module__}.{cls.__qualname__}: "
