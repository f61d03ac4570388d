"""What of a notebook belongs to one answer: the statements that it needs, from whichever cells, and no others.

The rest of a notebook takes minutes, draws pictures and needs the lesson, which is not there while one is graded.
"""

from __future__ import annotations

import ast
import builtins
import importlib.abc
import importlib.util
import re
import symtable
import sys
from collections.abc import Iterator
from copy import copy
from types import ModuleType
from typing import Any

ANSWER, HERE = "answer_to_be_graded", "your cell"  # what an error of Python's grammar names as its file
WITHIN = (ast.Lambda, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)  # they have names of their own
MAGIC = re.compile(r"^\s*[%!?].*$|^.*\?\s*$")
Cells = list[list[Any]]  # the number of each cell, and its source
Where = list[Any]  # the place of the answering cell among them, the exercise's id, and the name of its function


class Program:
    """The statements of an answer, in the order of the notebook, and the expression that is the answer."""

    def __init__(self, cells: Cells, where: Where) -> None:
        place, id, name = where
        trees = [_parsed(source, strict=number == place) for number, (_, source) in enumerate(cells)]
        self.answer = _answer(trees[place], id, name)
        own = [statement for tree in trees[: place + 1] for statement in tree.body]
        later = [statement for tree in trees[place + 1 :] for statement in tree.body]
        self.statements = needed(self.answer, own, later)

    @property
    def modules(self) -> list[str]:
        """What the statements import, by name."""
        nodes = [node for statement in self.statements for node in ast.walk(statement)]
        names = [each.name for node in nodes if isinstance(node, ast.Import) for each in node.names]
        return names + [node.module for node in nodes if isinstance(node, ast.ImportFrom) and node.module]

    def run(self) -> Any:
        """Run the statements as a module of their own, and give back the answer."""
        end = ast.parse(f"{ANSWER} = None").body[0]
        assert isinstance(end, ast.Assign)
        end.value = self.answer
        body = [each for statement in self.statements for each in _tolerant(statement)]
        tree = ast.fix_missing_locations(ast.Module([*body, end], []))
        module = importlib.util.module_from_spec(
            importlib.util.spec_from_loader("answer", _Loader(tree))  # type: ignore[arg-type]
        )
        sys.modules["answer"] = module
        module.display = print  # type: ignore[attr-defined]  # a notebook has one
        module.__loader__.exec_module(module)  # type: ignore[union-attr]
        return getattr(module, ANSWER)


class _Loader(importlib.abc.InspectLoader):
    """Makes a module of a tree: Python's own machinery runs it, as it runs any module."""

    def __init__(self, tree: ast.Module) -> None:
        self.tree = tree

    def get_source(self, fullname: str) -> str | None:
        """There is none: the statements come from several cells."""
        return None

    def get_code(self, fullname: str) -> Any:
        """The statements, compiled."""
        return self.source_to_code(self.tree, "<answer>")

    def create_module(self, spec: Any) -> ModuleType | None:
        """A module as usual."""
        return None


# Read -----------------------------------------------------------------------------------------------------------------


def _parsed(source: str, strict: bool) -> ast.Module:
    """The cell's statements; those of IPython alone are left out. A broken cell counts only where the answer stands."""
    if source.lstrip().startswith("%%"):
        return ast.Module([], [])
    lines = ["" if MAGIC.match(line) and not line.lstrip().startswith("#") else line for line in source.splitlines()]
    for text in (source, "\n".join(lines)):
        try:
            return ast.parse(text, HERE)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            continue
    return ast.parse(source, HERE) if strict else ast.Module([], [])


def _answer(tree: ast.Module, id: str, name: str) -> ast.expr:
    """What stands in the call of `check`; without one, the function or the table that the cell makes."""
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call) and _is_check(node, id)]
    for call in reversed(calls):
        given = [*call.args[1:], *(each.value for each in call.keywords if each.arg == "answer")]
        if given:
            return given[0]
    made = [name for statement in tree.body if not _imports(statement) for name in _bound(statement)]
    if not made:
        raise NameError("there is no answer in this cell")
    return ast.parse(name if name in made else made[-1], mode="eval").body


def _is_check(node: ast.Call, id: str) -> bool:
    called = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
    return called == "check" and bool(node.args) and isinstance(node.args[0], ast.Constant) and node.args[0].value == id


# What is needed -------------------------------------------------------------------------------------------------------


def needed(answer: ast.expr, own: list[ast.stmt], later: list[ast.stmt]) -> list[ast.stmt]:
    """The statements that make what the answer uses: up to its cell, and only if nobody there makes it, after it."""
    kept: list[ast.stmt] = []
    waiting, seen = list(_used(answer)), set[str]()
    everything = [*own, *later]
    while waiting:
        if (name := waiting.pop()) in seen:
            continue
        seen.add(name)
        makers = _makers(name, own) or _makers(name, later) or _everything_from(name, own)
        for statement in makers:
            if statement not in kept:
                kept.append(statement)
                waiting += _used(statement)
    return [statement for statement in everything if statement in kept]


def _everything_from(name: str, statements: list[ast.stmt]) -> list[ast.stmt]:
    """The imports of everything (`from eventlab import *`), which may be what brings a name that nobody makes."""
    return [] if hasattr(builtins, name) else [each for each in statements if _imports(each) and "*" in _bound(each)]


def _makers(name: str, statements: list[ast.stmt]) -> list[ast.stmt]:
    """The last statement that makes something of this name anew, and those that change it afterwards."""
    found: list[ast.stmt] = []
    for statement in statements:
        if name in _bound(statement):
            anew = isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Assign)
            found = [statement] if anew and name not in _used(statement) else [*found, statement]
        elif found and name in _changed(statement):
            found.append(statement)
    return found


def _bound(statement: ast.stmt) -> list[str]:
    """The names that a statement binds in the notebook; what functions and comprehensions name within is their own."""
    found: list[str] = []
    waiting: list[ast.AST] = [statement]
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            found.append(node.name)
        elif isinstance(node, ast.Import | ast.ImportFrom):
            found += [(each.asname or each.name).split(".")[0] for each in node.names]
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            found.append(node.id)
        elif not isinstance(node, WITHIN):
            waiting += ast.iter_child_nodes(node)
    return found


def _changed(statement: ast.stmt) -> Iterator[str]:
    """The names of things that a statement changes: `settings["x"] = 1`, `seen.append(1)`."""
    targets = [*getattr(statement, "targets", []), getattr(statement, "target", None)]
    if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Call):
        targets.append(statement.value.func)
    for target in targets:
        while isinstance(target, ast.Subscript | ast.Attribute):
            target = target.value
            if isinstance(target, ast.Name):
                yield target.id


def _used(node: ast.AST) -> set[str]:
    """The names of the notebook that are read; a function's own names are none of them."""
    try:
        scopes = [symtable.symtable(ast.unparse(node), "answer", "exec")]
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return {each.id for each in ast.walk(node) if isinstance(each, ast.Name) and isinstance(each.ctx, ast.Load)}
    found: set[str] = set()
    for scope in scopes:
        own = scope is scopes[0]
        found |= {each.get_name() for each in scope.get_symbols() if each.is_referenced() and (own or each.is_global())}
        scopes += scope.get_children()
    return found


def _imports(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.Import | ast.ImportFrom)


def _tolerant(statement: ast.stmt) -> Iterator[ast.stmt]:
    """Imports may fail: what is not there while one is graded is missed only if the answer uses it."""
    if not isinstance(statement, ast.Import | ast.ImportFrom):
        yield statement
        return
    for name in statement.names:
        made = ast.parse("try:\n    pass\nexcept ImportError:\n    pass").body[0]
        assert isinstance(made, ast.Try)
        alone = copy(statement)
        alone.names = [name]
        made.body = [alone]
        for each in ast.walk(made):
            if isinstance(each, ast.stmt | ast.expr | ast.excepthandler):
                each.lineno = each.end_lineno = statement.lineno
        yield made
