"""Any cell runs after its notebook's first one: what it needs from cells further up is run first, and it says so.

After a restart a reader goes on where he was. The cells are those of the notebook's file, as it was saved last.
"""

from __future__ import annotations

import ast
import builtins
import json
import os
import symtable
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from eventlab.views.drawing.wording import listed

NOTEBOOKS = Path(__file__).parents[2] / "notebooks"  # of a checkout


@dataclass(frozen=True)
class Code:
    """The source of a cell: which names it makes, which it wants from others, and whose objects it changes."""

    source: str

    @cached_property
    def _tree(self) -> ast.Module | None:
        try:
            return ast.parse(self.source)
        except (SyntaxError, ValueError, RecursionError):
            return None  # a magic command, or a slip that Python itself will tell

    @cached_property
    def makes(self) -> frozenset[str]:
        """The names that stand for something after it."""
        if self._tree is None:
            return frozenset()
        top = symtable.symtable(self.source, "<cell>", "exec")
        return frozenset(each.get_name() for each in top.get_symbols() if each.is_assigned() or each.is_imported())

    @cached_property
    def wants(self) -> frozenset[str]:
        """The names that it reads, in its functions too, and does not make."""
        if self._tree is None:
            return frozenset()
        return frozenset(_read(symtable.symtable(self.source, "<cell>", "exec"))) - self.makes

    @cached_property
    def changes(self) -> frozenset[str]:
        """The names of objects to which it does something: `day.finish()`, `@hotels.on(...)`, `row["gate"] = 7`."""
        if self._tree is None:
            return frozenset()
        return frozenset(root for each in self._tree.body for target in _touched(each) if (root := _root(target)))


def _read(scope: symtable.SymbolTable) -> Iterator[str]:
    top = scope.get_type() == "module"
    for symbol in scope.get_symbols():
        if symbol.is_referenced() and (top or symbol.is_global()):
            yield symbol.get_name()
    for inner in scope.get_children():
        yield from _read(inner)


def _touched(statement: ast.stmt) -> list[ast.expr]:
    if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Call):
        return [statement.value.func] if isinstance(statement.value.func, ast.Attribute) else []
    if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef):
        return statement.decorator_list
    if isinstance(statement, ast.Assign):
        return [each for each in statement.targets if not isinstance(each, ast.Name)]
    return []


def _root(target: ast.expr) -> str:
    """`day` of `day.cast.bus.on("x")`."""
    while isinstance(target, ast.Attribute | ast.Subscript | ast.Call):
        target = target.func if isinstance(target, ast.Call) else target.value
    return target.id if isinstance(target, ast.Name) else ""


def needed(cells: Sequence[Code], cell: Code, known: Iterable[str]) -> list[int]:
    """Which of the cells above must be run before this one, where these names are known already."""
    known = frozenset(known)
    missing, found = cell.wants - known, []
    for place in reversed(range(len(cells))):
        above = cells[place]
        if missing & above.makes or missing & above.changes:
            found.append(place)
            missing = (missing - above.makes) | (above.wants - known)
    return found[::-1]


# In a notebook ----------------------------------------------------------------------------------------------------


def fetch_what_is_missing() -> None:
    """If this is a notebook, look at every cell before it is run, from now on."""
    if "IPython" not in sys.modules:
        return
    from IPython import get_ipython

    shell = get_ipython()
    if shell is not None and _before not in shell.events.callbacks["pre_run_cell"]:
        shell.events.register("pre_run_cell", _before)


def _before(info: Any) -> None:
    from IPython import get_ipython

    shell, cell = get_ipython(), Code(info.raw_cell or "")
    known = {*shell.user_ns, *vars(builtins)}
    if not cell.wants - known:
        return
    above = _above(info.raw_cell)
    places = needed(above, cell, known)
    if places:
        names = sorted(set().union(*(above[place].makes for place in places)) & _wanted(above, cell, places))
        print(f"First, from further up: {listed(names)}.", flush=True)
        _run(shell, [above[place].source for place in places])


def _wanted(above: Sequence[Code], cell: Code, places: Sequence[int]) -> frozenset[str]:
    return cell.wants.union(*(above[place].wants for place in places))


def _run(shell: Any, sources: Sequence[str]) -> None:
    """Run cells without showing anything; the first one that fails says so, and ends it."""
    from IPython.utils.capture import capture_output

    for source in sources:
        with capture_output():
            result = shell.run_cell(source, store_history=False)
        problem = result.error_before_exec or result.error_in_exec
        if problem is not None:
            first = source.strip().split("\n")[0]
            print(f"The cell further up that begins with `{first}` fails: {type(problem).__name__}: {problem}")
            return


def _above(source: str) -> list[Code]:
    """The cells above the one with this source in its notebook; all cells, if it stands in none of them as it is."""
    for cells in map(_cells, _notebooks()):
        sources = [each.source.strip() for each in cells]
        if source.strip() in sources:
            return cells[: sources.index(source.strip())]
    named = os.environ.get("JPY_SESSION_NAME", "")
    return _cells(Path(named)) if named else []


def _notebooks() -> list[Path]:
    """The notebook that JupyterLab names, else those of this folder and of the course."""
    named = os.environ.get("JPY_SESSION_NAME", "")
    if named and Path(named).is_file():
        return [Path(named)]
    return [*sorted(Path.cwd().glob("*.ipynb")), *sorted(NOTEBOOKS.glob("*.ipynb"))]


def _cells(path: Path) -> list[Code]:
    try:
        content: Mapping[str, Any] = json.loads(path.read_text("utf-8"))
        code = [each["source"] for each in content["cells"] if each["cell_type"] == "code"]
        return [Code("".join(each)) for each in code]
    except (OSError, ValueError, KeyError, TypeError):
        return []  # no notebook, or one that is just being written
