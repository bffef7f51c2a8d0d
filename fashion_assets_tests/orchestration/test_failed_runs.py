"""What is said about a run that failed without an error of a step: which gate stopped it, and where."""

import dagster as dg
import pytest

from fashion_assets.errors import RunFailed
from fashion_assets.orchestration.failed_runs import failed_gates, without_failed_step
from fashion_assets.orchestration.markdown import inert


def gate(name: str, passed: bool, severity=dg.AssetCheckSeverity.ERROR, reason: str | None = "84 <_of_> 100"):
    described = None if reason is None else inert(reason)
    return dg.AssetCheckResult(check_name=name, passed=passed, severity=severity, description=described)


def run(*results: dg.AssetCheckResult) -> dg.ExecuteInProcessResult:
    specs = [dg.AssetCheckSpec(result.check_name, asset="measured", blocking=True) for result in results]

    @dg.asset(check_specs=specs)
    def measured():
        yield dg.MaterializeResult(check_results=list(results))

    @dg.asset(deps=[measured])
    def served():
        raise AssertionError("the gate lets this pass")

    return dg.materialize([measured, served], raise_on_error=False)


def test_a_run_that_a_gate_stopped_says_which_and_why():
    result = run(gate("is_enough", False), gate("is_new", True), gate("is_near", False, dg.AssetCheckSeverity.WARN))
    assert not result.success
    error = without_failed_step(result.run_id, result.all_events)
    assert isinstance(error, RunFailed)
    assert str(error) == (
        f"In run {result.run_id} measured was stopped by a gate (is_enough: 84 <_of_> 100), but what does not pass its "
        "gates goes no further; correct what the gate names, or see `fashion status`."
    )
    assert list(failed_gates(result.all_events)) == ["is_enough: 84 <_of_> 100"]


@pytest.mark.parametrize(("count", "end"), [(3, ": no)"), (5, "; and 2 more)")])
def test_many_gates_are_counted(count, end):
    result = run(*(gate(f"gate_{number}", False, reason="no") for number in range(count)))
    assert f"(gate_0: no; gate_1: no; gate_2: no{end.removeprefix(': no')}, but" in str(
        without_failed_step(result.run_id, result.all_events)
    )


def test_a_run_that_never_came_to_a_step_says_so():
    assert "Run 1 failed before its first step, but" in str(without_failed_step("1", []))


def test_a_run_that_came_further_does_not_say_that_it_did_not():
    result = run(gate("is_enough", True))
    started = [event for event in result.all_events if event.event_type is dg.DagsterEventType.STEP_START]
    assert "Run 1 failed after the step served, but" in str(without_failed_step("1", started))
