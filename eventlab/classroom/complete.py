"""An answer as a cell that runs by itself: its source, and what it uses of the module in which it stands."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path
from textwrap import dedent
from typing import Any

IMPORT = ("import ", "from ")
Statement = tuple[int, str]  # where it stands in its module, and its text


def cell_of(answer: Any) -> tuple[str, str]:
    """The text of such a cell, and the name that the answer has in it."""
    if not inspect.isfunction(answer):
        return f"answer = {answer!r}", "answer"
    own = dedent(inspect.getsource(answer)).strip()
    if answer.__name__ == "<lambda>":
        own = _lambda(own)
    name = own.partition("def ")[2].partition("(")[0] or "answer"
    bound = inspect.getclosurevars(answer).nonlocals
    needed = _needed([own], answer, known={name, *bound})
    lent, functions = _lent(bound)
    blocks = [*_imports(needed), *_others(needed), lent, *functions, own]
    return "\n\n\n".join(each for each in blocks if each), name


def _lambda(line: str) -> str:
    """The function without a name that stands in a line, with one."""
    (found,) = (node for node in ast.walk(ast.parse(line.rstrip(","))) if isinstance(node, ast.Lambda))
    return f"answer = {ast.unparse(found)}"


def _lent(bound: Mapping[str, Any]) -> tuple[str, list[str]]:
    """What a function was made with: values as lines, functions as their source."""
    functions = {name: each for name, each in bound.items() if inspect.isfunction(each)}
    values = [f"{name} = {each!r}" for name, each in bound.items() if name not in functions]
    return "\n".join(values), [dedent(inspect.getsource(each)).strip() for each in functions.values()]


def _imports(needed: Iterable[Statement]) -> Iterator[str]:
    """The imports, one line for each module."""
    lines: dict[str, list[str]] = {}
    for _, text in sorted(needed):
        if text.startswith(IMPORT):
            begun, _, name = text.rpartition("import ")
            lines.setdefault(f"{begun}import", []).append(name)
    yield "\n".join(f"{begun} {', '.join(names)}" for begun, names in lines.items())


def _others(needed: Iterable[Statement]) -> Iterator[str]:
    yield from (text for _, text in sorted(needed) if not text.startswith(IMPORT))


def _needed(texts: list[str], answer: Any, known: set[str]) -> set[Statement]:
    """All statements of the answer's module that these texts use, and that those use in turn."""
    index = _index(inspect.getfile(answer))
    found: set[Statement] = set()
    while texts:
        for name in _names(texts.pop()) - known:
            known.add(name)
            if name in index:
                found.add(index[name])
                texts.append(index[name][1])
    return found


def _names(text: str) -> set[str]:
    """What a text reads, in annotations too."""
    return {node.id for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Name)}


@cache
def _index(file: str) -> dict[str, Statement]:
    """By the name that it defines, each statement at the left edge of a module; of an import, that name's part."""
    source = Path(file).read_text("utf-8")
    found: dict[str, Statement] = {}
    for node in ast.parse(source).body:
        for name, text in _defined(node, source):
            found.setdefault(name, (node.lineno, text))
    return found


def _defined(node: ast.stmt, source: str) -> Iterator[tuple[str, str]]:
    text = ast.get_source_segment(source, node) or ""
    if isinstance(node, ast.Import | ast.ImportFrom):
        for each in node.names:
            said = each.name + (f" as {each.asname}" if each.asname else "")
            begun = f"from {node.module} import" if isinstance(node, ast.ImportFrom) else "import"
            yield each.asname or each.name, f"{begun} {said}"
    elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        yield node.name, "".join(f"@{ast.unparse(each)}\n" for each in node.decorator_list) + text
    elif isinstance(node, ast.Assign | ast.AnnAssign):
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        for target in targets:
            yield from ((each.id, text) for each in ast.walk(target) if isinstance(each, ast.Name))
