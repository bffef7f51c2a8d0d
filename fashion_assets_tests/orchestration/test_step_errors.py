"""Why a step failed, as Dagster stores it: the project's own error among others, its fields, and interruptions."""

import sys

import pytest
from dagster import DagsterExecutionInterruptedError
from dagster._utils.error import serializable_error_info_from_exc_info

from fashion_assets.errors import FashionError, PilotRefused, SettingsError, SourceError
from fashion_assets.orchestration.step_errors import StepError, read_step_error

SOURCE = SourceError(value="The source is empty", rule="it needs products", remedy="export it again")
PILOT = PilotRefused(value="There was no pilot", rule="one is needed", remedy="`fashion pilot`")
TWO_PARTS = SettingsError(value="FASHION_X is 'a; b'", rule="it must be c", remedy="set FASHION_X=c")
TWO_LINES = SettingsError(value="X is 1", rule="it must be 2", remedy="set 2", further=(TWO_PARTS,))


def step_error(*raised: BaseException) -> StepError:
    """The error of a step with this chain of exceptions, the innermost first."""
    cause: BaseException | None = None
    try:
        for error in raised:
            error.__cause__, cause = cause, error
        assert cause is not None
        raise cause
    except BaseException:
        return read_step_error("photos", serializable_error_info_from_exc_info(sys.exc_info()))


@pytest.mark.parametrize("error", [SOURCE, PILOT], ids=["source", "pilot"])
@pytest.mark.parametrize("inner", [(), (OSError("gone"),)], ids=["alone", "caused"])
@pytest.mark.parametrize("outer", [(), (RuntimeError("the step failed"),)], ids=["bare", "wrapped"])
def test_an_error_of_the_project_is_found_with_its_fields(error: FashionError, inner, outer):
    failure = step_error(*inner, error, *outer)
    assert (failure.project_class, failure.text, failure.is_interruption) == (type(error), str(error), False)
    failed = failure.as_run_failed()
    assert str(failed) == str(error)
    assert (failed.value, failed.rule, failed.remedy) == (error.value, error.rule, error.remedy)
    assert (failed.status, failed.step_error) == (error.status, type(error))


@pytest.mark.parametrize("error", [TWO_PARTS, TWO_LINES], ids=["ambiguous", "several"])
def test_a_text_that_cannot_be_split_for_certain_is_kept_whole(error):
    failed = step_error(error).as_run_failed()
    assert (str(failed), failed.status, failed.value) == (str(error), error.status, "Step photos failed")


def test_of_other_errors_the_innermost_is_reported():
    failure = step_error(OSError("disk full"), RuntimeError("the step failed"))
    assert (failure.project_class, failure.class_names) == (None, ("RuntimeError", "OSError"))
    assert str(failure.as_run_failed()).startswith("Step photos failed: OSError: disk full, but every step must")
    assert failure.as_run_failed().status == 500


def test_an_error_of_another_package_with_the_same_name_is_not_ours():
    failure = step_error(type("SourceError", (Exception,), {"__module__": "other"})("elsewhere"))
    assert (failure.project_class, failure.text) == (None, "other.SourceError: elsewhere")


@pytest.mark.parametrize("stop", [KeyboardInterrupt(), DagsterExecutionInterruptedError()], ids=type)
def test_a_stopped_step_is_no_failure(stop):
    assert step_error(stop).is_interruption
    assert step_error(stop, RuntimeError("the step failed")).is_interruption
    assert not step_error(stop, SOURCE).is_interruption
    assert step_error(SOURCE, stop).is_interruption


def test_a_step_without_a_recorded_error():
    failure = read_step_error("photos", None)
    assert (failure.text, failure.class_names, failure.project_class) == ("no error was recorded", (), None)
