"""Rendering a prompt's text: the part of Jinja that prompts need, with bounds, since prompt files are passed around.

What is not listed here is refused before anything runs: a sandbox alone stops neither endless loops nor huge texts.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

import jinja2
from jinja2 import nodes
from jinja2.filters import do_title
from jinja2.sandbox import ImmutableSandboxedEnvironment

LONGEST_TEXT = 20_000
"""Characters of a rendered prompt, and of any value on the way to it; the models here read less."""

MOST_STEPS = 20_000
"""Parts of a template that are evaluated, each as often as a loop passes it. A list of 200 values takes 2,000."""

_ALLOWED = (
    *(nodes.Template, nodes.Output, nodes.TemplateData, nodes.For, nodes.If, nodes.CondExpr, nodes.Name, nodes.Const),
    *(nodes.Tuple, nodes.List, nodes.Keyword, nodes.Filter, nodes.Test, nodes.Call, nodes.Getattr, nodes.Getitem),
    *(nodes.Slice, nodes.Compare, nodes.Operand, nodes.Not, nodes.And, nodes.Or, nodes.Add, nodes.Sub, nodes.Neg),
)
_FILTERS: Mapping[str, Callable[[Any], Any]] = {
    "capitalize": lambda text: str(text).capitalize(),
    "first": lambda items: items[0],
    "last": lambda items: items[-1],
    "length": len,
    "list": list,
    "lower": lambda text: str(text).lower(),
    "reverse": lambda items: items[::-1],
    "sort": sorted,
    "title": do_title,
    "trim": lambda text: str(text).strip(),
    "unique": lambda items: list(dict.fromkeys(items)),
    "upper": lambda text: str(text).upper(),
}
_METHODS = {"capitalize", "lower", "removeprefix", "removesuffix", "split", "strip", "title", "upper"}
_OF_LOOPS = {"cycle", "first", "index", "index0", "last", "length", "nextitem", "previtem", "revindex", "revindex0"}
_COUNTED = "counted"
"""Not a filter that a prompt can use: it is put in after the check."""


class TemplateRefused(Exception):
    """Control flow that never leaves this package: a template that uses what prompts may not use, or too much of it.

    The text says what.
    """


def render(template: str, values: Mapping[str, str]) -> str:
    """`template` with the placeholders of `values`.

    Raises TemplateRefused for what is not allowed or too much, and otherwise whatever a template can raise: errors of
    syntax, missing items, recursion.
    """
    environment = _Environment()
    tree = environment.parse(template)
    loops = list(tree.find_all(nodes.For))
    _require_allowed(tree, {*values, "range", *_names_of(loops)})
    for loop in loops:
        size = nodes.Const(sum(1 for _ in loop.find_all(nodes.Node)), lineno=loop.lineno)
        loop.iter = nodes.Filter(loop.iter, _COUNTED, [size], [], None, None, lineno=loop.lineno)
    tree.set_environment(environment)
    pieces, size = [], 0
    for piece in environment.from_string(tree).generate(values):
        size += len(piece)
        if size > LONGEST_TEXT:
            raise TemplateRefused(f"it becomes longer than {LONGEST_TEXT} characters")
        pieces.append(piece)
    return "".join(pieces)


class _Environment(ImmutableSandboxedEnvironment):
    """For one rendering, whose steps it counts."""

    intercepted_binops = frozenset({"+"})

    def __init__(self):
        super().__init__(undefined=jinja2.StrictUndefined, finalize=_printed)
        self._steps = 0
        self.globals = {"range": range}
        self.filters = {name: self._bounded(function) for name, function in _FILTERS.items()}
        self.filters |= {"join": _join, "replace": _replace, _COUNTED: self._counted}

    def call(self, *arguments: Any, **named: Any) -> Any:
        return _short(super().call(*arguments, **named))

    def call_binop(self, context: Any, operator: str, left: Any, right: Any) -> Any:
        return _short(super().call_binop(context, operator, left, right))

    def getitem(self, obj: Any, argument: Any) -> Any:
        if isinstance(argument, str):
            raise TemplateRefused(f"it uses ['{argument}']")
        return super().getitem(obj, argument)

    def _bounded(self, function: Callable[[Any], Any]) -> Callable[[Any], Any]:
        return lambda value: _short(function(_short(value)))

    def _counted(self, items: Iterable[Any], size: int) -> Iterator[Any]:
        for item in items:
            self._steps += size
            if self._steps > MOST_STEPS:
                raise TemplateRefused(f"its loops take more than {MOST_STEPS} steps")
            yield item


def _printed(value: Any) -> Any:
    if callable(value):
        raise TemplateRefused("it prints a function")
    return value


def _join(items: Iterable[Any], between: str = "") -> str:
    texts = [str(item) for item in _short(items)]
    _require_short(sum(map(len, texts)) + len(texts) * len(between))
    return between.join(texts)


def _replace(text: Any, old: str, new: str) -> str:
    text = str(_short(text))
    _require_short(len(text) + text.count(old) * len(new))
    return text.replace(old, new)


def _short(value: Any) -> Any:
    if isinstance(value, str | list | tuple | range):
        _require_short(len(value))
    return value


def _require_short(length: int) -> None:
    if length > LONGEST_TEXT:
        raise TemplateRefused(f"a value in it becomes longer than {LONGEST_TEXT}")


def _names_of(loops: list[nodes.For]) -> set[str]:
    """The names that the loops give to their items, and `loop`."""
    targets = [node for loop in loops for node in (loop.target, *loop.target.find_all(nodes.Name))]
    return {node.name for node in targets if isinstance(node, nodes.Name)} | ({"loop"} if loops else set())


def _require_allowed(tree: nodes.Template, names: set[str]) -> None:
    for node in tree.find_all(nodes.Node):
        refused = _refused(node, names)
        if refused is not None:
            raise TemplateRefused(f"line {node.lineno} has {refused}")


def _refused(node: nodes.Node, names: set[str]) -> str | None:
    """What of a node prompts may not use, in words; null if it is allowed."""
    match node:
        case nodes.Name() if node.name not in names:
            return f"the unknown placeholder '{node.name}'"
        case nodes.For() if node.recursive:
            return "a recursive loop"
        case nodes.Filter() if node.name not in (*_FILTERS, "join", "replace"):
            return f"the filter '{node.name}'"
        case nodes.Getattr() if node.attr not in _METHODS | _OF_LOOPS:
            return f"'.{node.attr}'"
        case nodes.Call() if not _may_be_called(node.node):
            return "a call of something other than range and methods of texts"
    if isinstance(node, nodes.Filter | nodes.Test | nodes.Call) and (node.dyn_args or node.dyn_kwargs):
        return "arguments with '*'"
    return None if isinstance(node, _ALLOWED) else f"'{type(node).__name__.lower()}'"


def _may_be_called(function: nodes.Expr) -> bool:
    if isinstance(function, nodes.Name):
        return function.name == "range"
    return isinstance(function, nodes.Getattr) and function.attr in _METHODS | {"cycle"}
