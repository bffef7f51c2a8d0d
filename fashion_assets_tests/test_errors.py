"""Every error raised on purpose: drawn in the tree, with its fields, and the same after a trip to another process."""

import ast
import builtins
import importlib
import json
import pickle
import pkgutil
import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TypeGuard

import pytest

import fashion_assets
from fashion_assets import errors
from fashion_assets.errors import FashionError, PilotRefused, RunFailed, SettingsError, SourceError, WorkspaceError
from fashion_assets.fashion_error import LONGEST_CLAUSE
from fashion_assets.orchestration.step_errors import reported_error

PACKAGE = Path(fashion_assets.__file__).parent
NOT_IMPORTED = ("fashion_assets.demo",)
"""They load torch for nothing: no exception is defined there, as the last test sees in their sources."""
CONTROL_FLOW = {"AnswerTooLarge", "FetchFailed", "LogDamaged", "RequestFailed", "TemplateRefused", "UnusableFile"}
"""Classes outside the tree; each says in its docstring that it never leaves its package."""
FOREIGN = {
    "AttributeError",
    "KeyboardInterrupt",
    "AssertionError",
    "FileNotFoundError",
    "ParseError",
    "json.JSONDecodeError",
    "yaml.YAMLError",
    "typer.Exit",
}
"""What is raised besides: ends of the process, a line that cannot be reached, and an error caught a few lines below."""
VALIDATORS = {"field_validator", "model_validator"}

for module in pkgutil.walk_packages(fashion_assets.__path__, "fashion_assets."):
    if not module.name.startswith(NOT_IMPORTED):
        importlib.import_module(module.name)

CLASSES = [cls for cls in errors.error_classes() if cls.__module__.startswith("fashion_assets.")]
RAISED = [cls for cls in CLASSES if cls is not FashionError]
FIELDS: dict[str, Any] = {"value": "FASHION_X is 'y'", "rule": "it must be one of a, b", "remedy": "set FASHION_X=a"}


def drawn() -> dict[str, tuple[str | None, int]]:
    """By name of class in the docstring's tree: the class that it hangs from, and its status."""
    parents: list[str] = []
    tree = {}
    for line in (errors.__doc__ or "").splitlines():
        match = re.match(r"^    ([│├└─ ]*)(\w+) +(\d{3})\b", line)
        if match is None:
            continue
        depth = len(match[1]) // 4
        del parents[depth:]
        tree[match[2]] = (parents[-1] if parents else None, int(match[3]))
        parents.append(match[2])
    return tree


def test_the_drawing_is_the_tree():
    def parent(cls: type) -> str | None:
        return None if cls is FashionError else cls.__bases__[0].__name__

    assert drawn() == {cls.__name__: (parent(cls), cls.status) for cls in CLASSES}


def test_each_class_has_a_code_a_docstring_and_an_http_error_as_status():
    assert len({cls.code for cls in CLASSES}) == len(CLASSES)
    assert all(re.fullmatch(r"[a-z]+(_[a-z]+)*", cls.code) for cls in CLASSES)
    assert all(400 <= cls.status < 600 for cls in CLASSES)
    assert all("__doc__" in vars(cls) and cls.__doc__ for cls in CLASSES)


@pytest.mark.parametrize("cls", RAISED, ids=lambda cls: cls.__name__)
def test_an_error_is_the_same_in_another_process(cls):
    error = cls(**FIELDS)
    again = pickle.loads(pickle.dumps(error))
    assert type(again) is cls
    assert vars(again) == vars(error)
    assert (str(again), again.as_dict()) == (str(error), error.as_dict())
    told = json.loads(json.dumps(error.as_dict()))
    assert (type(reported_error(told)), reported_error(told).as_dict()) == (cls, error.as_dict())
    assert cls.from_sentence(str(error)).as_dict() == error.as_dict()


def test_the_text_is_a_sentence_of_value_rule_and_remedy():
    assert str(SourceError(**FIELDS)) == "FASHION_X is 'y', but it must be one of a, b; set FASHION_X=a."
    assert str(PilotRefused(value="No pilot", rule="one is needed", remedy="`fashion pilot`")) == (
        "No pilot, but one is needed. Next: `fashion pilot`"
    )


def test_a_sentence_whose_parts_could_be_others_is_not_taken_apart():
    assert SourceError.from_sentence("'a; b', but c; d.") is None
    assert SourceError.from_sentence("a, but b, but c; d.") is None
    assert SourceError.from_sentence("a; b, but c.") is None
    assert SourceError.from_sentence("a, but b; c") is None


def test_several_settings_are_a_line_each_and_survive_the_trip():
    another = SettingsError(value="FASHION_Z is 1", rule="it must be 2", remedy="set FASHION_Z=2")
    error = SettingsError(**FIELDS, further=(another,))
    assert [line[:9] for line in str(error).splitlines()] == ["FASHION_X", "FASHION_Z"]
    for again in (pickle.loads(pickle.dumps(error)), reported_error(json.loads(json.dumps(error.as_dict())))):
        assert (str(again), again.as_dict()) == (str(error), error.as_dict())


def test_a_failed_run_means_what_the_error_of_its_step_means():
    failed = pickle.loads(pickle.dumps(RunFailed(**FIELDS, step_error=PilotRefused)))
    assert (failed.status, failed.as_dict()["step_error"]) == (409, "pilot_refused")
    assert str(failed) == str(PilotRefused(**FIELDS))
    assert str(RunFailed(**FIELDS, sentence="As it was said.")) == "As it was said."


def test_an_error_of_another_version_is_told_apart():
    with pytest.raises(WorkspaceError, match=r"with the code 'from_the_future': FASHION_X is .*, but this version"):
        reported_error(SourceError(**FIELDS).as_dict() | {"code": "from_the_future"})


def raised_wrongly(source: str) -> list[str]:
    """What is raised or made in `source` against the rules, each as `line: what`."""
    tree = ast.parse(source)
    named = {ast.unparse(call.args[0]) for call in ast.walk(tree) if _is_call_of("AfterValidator", call)}
    in_validators = {
        id(node)
        for function in _functions(tree)
        if _is_validator(function) or function.name in named
        for node in ast.walk(function)
    }
    names = {cls.__name__ for cls in CLASSES}
    wrong = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Raise) and node.exc is not None:
            cls = ast.unparse(node.exc.func if isinstance(node.exc, ast.Call) else node.exc)
            is_class = cls.rpartition(".")[2][:1].isupper()
            is_allowed = cls in names | CONTROL_FLOW | FOREIGN or (cls == "ValueError" and id(node) in in_validators)
            if is_class and not is_allowed:
                wrong.append(f"{node.lineno}: {cls}")
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in names:
            given = {keyword.arg for keyword in node.keywords}
            if node.func.id == "FashionError" or node.args or not given >= {"value", "rule", "remedy"}:
                wrong.append(f"{node.lineno}: {node.func.id} without value, rule and remedy")
    return wrong


def _functions(tree: ast.AST) -> Iterator[ast.FunctionDef]:
    return (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef))


def _is_call_of(name: str, node: ast.AST) -> TypeGuard[ast.Call]:
    return isinstance(node, ast.Call) and ast.unparse(node.func) == name


def _is_validator(function: ast.FunctionDef) -> bool:
    return any(
        isinstance(decorator, ast.Call) and ast.unparse(decorator.func) in VALIDATORS
        for decorator in function.decorator_list
    )


@pytest.mark.parametrize("module", sorted(PACKAGE.rglob("*.py")), ids=lambda path: str(path.relative_to(PACKAGE)))
def test_what_is_raised_is_in_the_tree_with_its_fields(module):
    assert raised_wrongly(module.read_text()) == []


@pytest.mark.parametrize(
    ("line", "wrong"),
    [
        ("raise SourceError(value='a', rule='b', remedy='c')", []),
        ("raise SourceError('a')", ["1: SourceError without value, rule and remedy"]),
        ("error = SourceError(value='a', rule='b')", ["1: SourceError without value, rule and remedy"]),
        (
            "raise FashionError(value='a', rule='b', remedy='c')",
            ["1: FashionError without value, rule and remedy"],
        ),
        ("raise RuntimeError('a')", ["1: RuntimeError"]),
        ("raise ValueError", ["1: ValueError"]),
        ("@field_validator('x')\ndef check():\n    raise ValueError('a')", []),
        ("raise typer.Exit(1)", []),
        ("raise error", []),
    ],
)
def test_what_is_raised_wrongly_is_found(line, wrong):
    assert raised_wrongly(line) == wrong


def test_no_exception_is_defined_outside_of_the_tree():
    outside = {}
    for module in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(module.read_text())):
            if isinstance(node, ast.ClassDef) and any(map(_is_built_in_exception, node.bases)):
                outside[node.name] = ast.get_docstring(node) or ""
    assert set(outside) - {"FashionError"} == CONTROL_FLOW
    assert all("never leaves this package" in outside[name] for name in CONTROL_FLOW)


def _is_built_in_exception(base: ast.expr) -> bool:
    cls = getattr(builtins, ast.unparse(base), None)
    return isinstance(cls, type) and issubclass(cls, BaseException)


def test_a_text_from_outside_stays_in_one_printable_line():
    error = FashionError(value="It is 'a\n\x1b[2Jb\u202ec\u00a0d'", rule="it must be plain", remedy="correct it")
    assert str(error) == "It is 'a \\x1b[2Jb\\u202ec d', but it must be plain; correct it."


def test_credentials_are_hidden_in_no_time_in_any_text():
    started = time.process_time()
    error = FashionError(value="://x:" * 20_000, rule="it must be short", remedy="shorten it")
    assert error.value.startswith("://x:") and time.process_time() - started < 5
    assert len(error.value) == LONGEST_CLAUSE and error.value.endswith("…")
