"""The source of a function as a file of its own: what its cell holds, and the imports that it needs."""

from __future__ import annotations

import ast
import builtins
import linecache
import symtable
import sys
from collections.abc import Callable, Iterator
from inspect import isfunction, ismodule
from typing import Any

from eventlab.errors import Invalid

HEAD = '"""My own service, hotels. Lessons load it from here: edit it as you like. own.reset() puts it aside."""\n'
KEPT = (ast.Import, ast.ImportFrom, ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)


def written(hotels: Callable[..., Any]) -> str:
    """The text of the file; `Invalid` for what cannot be written down so that it stands alone."""
    if not isfunction(hotels) or hotels.__name__ != "my_hotels" or "<locals>" in hotels.__qualname__:
        expected = "a function of a cell, made with: def my_hotels(service, people_on)"
        raise Invalid("hotels", where="own.keep", expected=expected, found=hotels)
    text = "".join(linecache.getlines(hotels.__code__.co_filename))
    try:
        tree = ast.parse(text)
    except SyntaxError:
        tree = ast.Module([], [])
    if not any(isinstance(each, ast.FunctionDef) and each.name == "my_hotels" for each in tree.body):
        raise Invalid("hotels", where="own.keep", expected="a function whose cell can be read", found=hotels)
    lines = text.splitlines()
    parts = [_text(each, lines) for each in tree.body if _is_kept(each)]
    body = "\n\n\n".join("\n".join(group) for group in _grouped(parts))
    imports = sorted(set(_imports(body, hotels)))
    futures = [each for each in imports if each.startswith("from __future__")]
    head = "\n".join([*futures, *(each for each in imports if each not in futures)])
    return "\n".join([HEAD, head, "", "", body, ""]) if head else f"{HEAD}\n{body}\n"


def _is_kept(statement: ast.stmt) -> bool:
    """Whether a statement says what there is, and does nothing."""
    if isinstance(statement, KEPT):
        return True
    assigns = isinstance(statement, ast.Assign | ast.AnnAssign)
    return assigns and not any(isinstance(part, ast.Call | ast.Await) for part in ast.walk(statement))


def _text(statement: ast.stmt, lines: list[str]) -> list[str]:
    """The lines of a statement, with its decorators and the comment above it."""
    decorators = getattr(statement, "decorator_list", [])
    first = min([statement.lineno, *(each.lineno for each in decorators)]) - 1
    while first and lines[first - 1].lstrip().startswith("#"):
        first -= 1
    return lines[first : statement.end_lineno]


def _grouped(parts: list[list[str]]) -> Iterator[list[str]]:
    """Statements of one line stand together, longer ones apart."""
    together: list[str] = []
    for part in parts:
        if len(part) == 1:
            together += part
            continue
        if together:
            yield together
            together = []
        yield part
    if together:
        yield together


def _imports(body: str, hotels: Any) -> Iterator[str]:
    """An import for each name that the text uses and does not make."""
    table = symtable.symtable(body, "hotels.py", "exec")
    made = {symbol.get_name() for symbol in table.get_symbols() if symbol.is_assigned() or symbol.is_imported()}
    made |= {child.get_name() for child in table.get_children()}
    for name in sorted(_used(table) - made - set(dir(builtins))):
        if name in hotels.__globals__:
            yield _import(name, hotels.__globals__[name])


def _used(table: symtable.SymbolTable) -> set[str]:
    """The names that are looked up outside, in functions within it too."""
    top = table.get_type() == "module"
    own = {
        symbol.get_name() for symbol in table.get_symbols() if symbol.is_referenced() and (top or symbol.is_global())
    }
    return own.union(*(_used(child) for child in table.get_children()))


def _import(name: str, value: Any) -> str:
    if ismodule(value):
        room, _, last = value.__name__.rpartition(".")
        if last == name:
            return f"from {room} import {name}" if room else f"import {name}"
        return f"import {value.__name__} as {name}"
    package = vars(sys.modules["eventlab"])
    if name in package["__all__"] and package[name] is value:
        return f"from eventlab import {name}"
    module, own = getattr(value, "__module__", None), getattr(value, "__name__", name)
    if module and module != "__main__" and getattr(sys.modules.get(module), own, None) is value:
        return f"from {module} import {own}" + (f" as {name}" if own != name else "")
    if type(value) in (int, float, str, bool, type(None)):
        return f"{name} = {value!r}"
    expected = f"all that it needs in one cell: write {name}, or its import, into the cell of my_hotels"
    raise Invalid(f"`{name}`", where="own.keep", expected=expected, found="another cell")
