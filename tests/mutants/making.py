"""Mutants of a function: its source with one small change, of the kinds in which answers are wrong."""

from __future__ import annotations

import ast
import inspect
import linecache
from collections import Counter
from collections.abc import Callable, Iterator
from copy import deepcopy
from dataclasses import dataclass
from textwrap import dedent
from typing import Any

Change = tuple[str, Callable[[Any], ast.AST]]  # in words, and what the node becomes
GIVEN = ("Service", "Store", "State", "Trace")  # arguments that are the same thing in every call: not to be ignored


@dataclass(frozen=True)
class Mutant:
    """A changed answer, and the change in words, by which the list of right ones knows it."""

    words: str
    answer: Any
    loops: bool = False  # whether it may never end, or leave something behind: then it is tried apart


def of_function(function: Any) -> Iterator[Mutant]:
    """Every mutant of the function and of the helpers beside it."""
    tree = ast.Module([_tree(each) for each in (*_helpers(function), function)], [])
    loops = any(isinstance(node, ast.While) or _calls_itself(node) for node in ast.walk(tree))
    told: Counter[str] = Counter()
    for words, changed in _changed(tree):
        told[words] += 1
        name = words if told[words] == 1 else f"{words} ({told[words]})"
        yield Mutant(name, _made(changed, function, name), loops or words.startswith("no await"))


def _calls_itself(node: ast.AST) -> bool:
    return isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and any(
        isinstance(each, ast.Name) and each.id == node.name for each in ast.walk(node)
    )


def _helpers(function: Any) -> list[Any]:
    """Functions of the same module that this one uses, directly or through others, but for itself."""
    found: dict[str, Any] = {}
    waiting = [function]
    while waiting:
        for name in waiting.pop().__code__.co_names:
            other = function.__globals__.get(name)
            if inspect.isfunction(other) and other.__module__ == function.__module__ and other is not function:
                if name not in found:
                    found[name] = other
                    waiting.append(other)
    return list(found.values())


def _made(tree: ast.Module, function: Any, name: str) -> Any:
    """The function that the changed source defines, among the names of the original."""
    names = {**function.__globals__, "SHARED": {}, "FIRST": {}}
    source, file = ast.unparse(ast.fix_missing_locations(tree)), f"<{function.__name__}: {name}>"
    linecache.cache[file] = (len(source), None, source.splitlines(True), file)
    exec(compile(source, file, "exec", dont_inherit=True), names)
    return names[function.__name__]


# The source, without what has no effect -------------------------------------------------------------------------------


def _tree(function: Any) -> ast.stmt:
    (made,) = ast.parse(dedent(inspect.getsource(function))).body
    return _Bare().visit(made)  # type: ignore[no-any-return]


class _Bare(ast.NodeTransformer):
    """Docstrings and annotations are left out; of annotations it is kept which arguments are no things given."""

    def _function(self, node: Any) -> Any:
        if ast.get_docstring(node) is not None:
            node.body = node.body[1:] or [ast.Pass()]
        node.returns = None
        node.free = [
            each.arg for each in (*node.args.args, *node.args.kwonlyargs)
            if each.annotation is None or not ast.unparse(each.annotation).startswith(GIVEN)
        ]  # fmt: skip
        for each in (*node.args.args, *node.args.kwonlyargs):
            each.annotation = None
        return self.generic_visit(node)

    visit_FunctionDef = visit_AsyncFunctionDef = _function

    def visit_AnnAssign(self, node: ast.AnnAssign) -> Any:
        return ast.Assign([node.target], node.value, lineno=0) if node.value else ast.Pass()


# One change at a time -------------------------------------------------------------------------------------------------


def _changed(tree: ast.Module) -> Iterator[tuple[str, ast.Module]]:
    nodes = list(ast.walk(tree))
    quiet = {id(inner) for node in nodes if isinstance(node, ast.Raise | ast.JoinedStr) for inner in ast.walk(node)}
    for place, node in enumerate(nodes):
        for words, change in _changes(node):
            if id(node) in quiet and not isinstance(node, ast.Raise):
                continue  # what an error says, and how one's own entries are called, is one's own affair
            copy = deepcopy(tree)
            target = list(ast.walk(copy))[place]
            yield words, _Swap(target, change(target)).visit(copy)


class _Swap(ast.NodeTransformer):
    """Puts another node in the place of one."""

    def __init__(self, target: ast.AST, other: ast.AST) -> None:
        self.target, self.other = target, other

    def visit(self, node: ast.AST) -> Any:
        return self.other if node is self.target else self.generic_visit(node)


def _changes(node: ast.AST) -> Iterator[Change]:
    for kind, ways in WAYS.items():
        if isinstance(node, kind):
            for way in ways:
                yield from way(node)


def said(node: ast.AST) -> str:
    """A piece of source on one line, not too long."""
    words = " ".join(ast.unparse(ast.fix_missing_locations(deepcopy(node))).split())
    return words if len(words) <= 70 else f"{words[:50]} … {words[-18:]}"


def _with(node: Any, **fields: Any) -> Any:
    for name, value in fields.items():
        setattr(node, name, value)
    return node


def _left_out(node: Any) -> Iterator[Change]:
    if not isinstance(node, ast.Pass | ast.FunctionDef | ast.AsyncFunctionDef | ast.Nonlocal | ast.Global):
        yield f"without: {said(node)}", lambda node: ast.Pass()


def _negated(node: Any) -> Iterator[Change]:
    yield (
        f"negated: {said(node.test)}",
        lambda node: _with(node, test=ast.UnaryOp(ast.Not(), node.test)),
    )


def _branches(node: Any) -> Iterator[Change]:
    yield f"always: {said(node.test)}", lambda node: _with(node, test=ast.Constant(True))
    yield f"never: {said(node.test)}", lambda node: _with(node, test=ast.Constant(False))


def _once(node: Any) -> Iterator[Change]:
    yield f"only once: {said(node)[:40]}", lambda node: _with(node, body=[*node.body, ast.Break()])


def _filters(node: Any) -> Iterator[Change]:
    for place, test in enumerate(node.ifs):
        yield f"without the filter: {said(test)}", lambda node, place=place: _with(node, ifs=_but(node.ifs, place))


def _but(items: list[Any], place: int) -> list[Any]:
    return items[:place] + items[place + 1 :]


COMPARISONS: dict[type, tuple[type, ...]] = {
    ast.Lt: (ast.LtE, ast.GtE), ast.LtE: (ast.Lt, ast.Gt), ast.Gt: (ast.GtE, ast.LtE), ast.GtE: (ast.Gt, ast.Lt),
    ast.Eq: (ast.NotEq,), ast.NotEq: (ast.Eq,), ast.In: (ast.NotIn,), ast.NotIn: (ast.In,), ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,),
}  # fmt: skip


def _compared(node: Any) -> Iterator[Change]:
    for other in COMPARISONS.get(type(node.ops[0]), ()):
        words = said(_with(deepcopy(node), ops=[other(), *node.ops[1:]]))
        yield f"{said(node)} becomes {words}", lambda node, other=other: _with(node, ops=[other(), *node.ops[1:]])


def _constant(node: Any) -> Iterator[Change]:
    value = node.value
    others: list[Any] = []
    if isinstance(value, bool):
        others = [not value]
    elif isinstance(value, int | float):
        others = [value + 1, value - 1] + [value * 60, value / 60] * (value >= 10)
    elif isinstance(value, str):
        others = [f"{value} x" if value else "x"]
    for other in others:
        yield f"{value!r} becomes {other!r}", lambda node, other=other: ast.Constant(other)


def _bare(node: Any) -> Iterator[Change]:
    words = "return" if isinstance(node, ast.Return) else "await"
    if node.value is not None:
        become = (lambda node: ast.Expr(node.value)) if words == "return" else (lambda node: node.value)
        yield f"no {words}: {said(node.value)}", become


def _handler(node: Any) -> Iterator[Change]:
    if node.type is not None:
        yield f"except Exception, not {said(node.type)}", lambda node: _with(node, type=ast.Name("Exception"))
    if isinstance(node.type, ast.Tuple):
        for place, each in enumerate(node.type.elts):
            yield (
                f"not caught: {said(each)}",
                lambda node, place=place: _with(node, type=ast.Tuple(_but(node.type.elts, place), ast.Load())),
            )


def _unguarded(node: Any) -> Iterator[Change]:
    yield f"nothing caught: {said(node)[:50]}", lambda node: ast.If(ast.Constant(True), [*node.body, *node.orelse], [])


def _call(node: Any) -> Iterator[Change]:
    for place, each in enumerate(node.keywords):
        yield (
            f"{said(node.func)} without {said(each)}",
            lambda node, place=place: _with(node, keywords=_but(node.keywords, place)),
        )
    name = said(node.func)
    swap = {"max": "min", "min": "max", "all": "any", "any": "all"}.get(name)
    if swap:
        yield f"{name} becomes {swap}", lambda node: _with(node, func=ast.Name(swap))
    if name in ("dict", "list") and len(node.args) == 1:
        yield f"{said(node)} without the copy", lambda node: node.args[0]


def _boolean(node: Any) -> Iterator[Change]:
    other = ast.Or() if isinstance(node.op, ast.And) else ast.And()
    yield f"and, or: {said(node)}", lambda node: _with(node, op=other)
    for place, each in enumerate(node.values):
        yield f"without the part: {said(each)}", lambda node, place=place: node.values[1 - place if place < 2 else 0]


def _sum(node: Any) -> Iterator[Change]:
    other = {ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Div, ast.Div: ast.Mult}.get(type(node.op))
    if other:
        yield f"another sign: {said(node)}", lambda node: _with(node, op=other())


def _entries(node: Any) -> Iterator[Change]:
    for place, key in enumerate(node.keys):
        name = said(node.values[place]) if key is None else said(key)
        yield (
            f"{said(node)} without {name}",
            lambda node, place=place: _with(node, keys=_but(node.keys, place), values=_but(node.values, place)),
        )


def _items(node: Any) -> Iterator[Change]:
    if isinstance(node.ctx, ast.Load):
        for place, each in enumerate(node.elts):
            yield f"without the item: {said(each)}", lambda node, place=place: _with(node, elts=_but(node.elts, place))


def _ignored(node: Any) -> Iterator[Change]:
    for name in node.free:
        first = ast.parse(f"{name} = FIRST.setdefault({name!r}, {name})").body
        yield f"{node.name} looks at its first {name} alone", lambda node, f=first: _with(node, body=[*f, *node.body])


def _shared_state(node: Any) -> Iterator[Change]:
    if node.attr == "state":
        yield f"{said(node)} in a global", lambda node: ast.Name("SHARED")


def _shared_local(node: Any) -> Iterator[Change]:
    empty = (isinstance(node.value, ast.Dict) and not node.value.keys) or (
        isinstance(node.value, ast.List) and not node.value.elts
    )
    if empty or said(node.value) in ("set()", "dict()", "list()", "False"):
        yield (
            f"kept from call to call: {said(node)}",
            lambda node: _with(node, value=_kept(said(node.targets[0]), node.value)),
        )


def _kept(name: str, value: ast.expr) -> ast.expr:
    return ast.parse(f"SHARED.setdefault({name!r}, {ast.unparse(value)})", mode="eval").body


WAYS: dict[Any, tuple[Callable[[Any], Iterator[Change]], ...]] = {
    ast.stmt: (_left_out,), ast.If: (_negated, _branches), ast.IfExp: (_negated, _branches), ast.While: (_once,),
    ast.For: (_once,), ast.comprehension: (_filters,), ast.Compare: (_compared,), ast.Constant: (_constant,),
    ast.Return: (_bare,), ast.Await: (_bare,), ast.ExceptHandler: (_handler,), ast.Try: (_unguarded,),
    ast.Call: (_call,), ast.BoolOp: (_boolean,), ast.BinOp: (_sum,), ast.Dict: (_entries,),
    (ast.List, ast.Tuple): (_items,), (ast.FunctionDef, ast.AsyncFunctionDef): (_ignored,),
    ast.Attribute: (_shared_state,), ast.Assign: (_shared_local,),
}  # fmt: skip
