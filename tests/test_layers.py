"""The architecture of eventlab as a table: a module imports only from lower floors. (`errors` is below everything.)"""

from __future__ import annotations

import ast
import importlib
import os
import subprocess
import sys
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

from tests.support import REPO

PACKAGE = REPO / "eventlab"

# floor, module or package, and what it may import from outside the standard library
TABLE: list[tuple[int, str, set[str]]] = [
    (0, "errors", set()),
    (0, "event", {"msgspec"}),
    (0, "stage", {"msgspec"}),
    (0, "borders", set()),
    (1, "watchers", set()),
    (1, "trace", {"msgspec"}),
    (1, "decider", {"msgspec"}),
    (1, "upcast", {"msgspec"}),
    (1, "rows", {"msgspec"}),
    (1, "histories", {"msgspec"}),
    (1, "storefile", {"apsw"}),
    (2, "reading", set()),
    (2, "saved", {"msgspec"}),
    (3, "verification", set()),
    (4, "store", {"msgspec", "apsw"}),
    (2, "saga", {"msgspec"}),
    (2, "sim", {"msgspec"}),
    (3, "state", {"msgspec"}),
    (5, "aggregate", {"msgspec"}),
    (5, "projection", {"msgspec"}),
    (3, "network", {"msgspec"}),
    (3, "subscription", {"msgspec"}),
    (4, "bus", {"msgspec"}),
    (5, "client", {"msgspec"}),
    (6, "service", {"msgspec"}),
    (7, "outbox", {"msgspec"}),
    (7, "faults", {"msgspec"}),
    (7, "resilience", {"msgspec"}),
    (8, "measures", {"msgspec"}),
    (9, "airports", {"msgspec", "pandas"}),
    (10, "lessons", {"msgspec", "pandas", "IPython", "anywidget", "traitlets"}),
]
FLOOR = {name: floor for floor, name, _ in TABLE}
OUTSIDE = {name: libraries for _, name, libraries in TABLE}
# Pictures stand beside the house and look at it through the trace alone.
VIEWS_SEE = {"trace", "stage", "event", "errors", "views"}
SEES_VIEWS = "lessons"  # the one module of the house that shows pictures
OUTSIDE["views"] = {"msgspec", "networkx", "plotly", "ipywidgets", "anywidget", "traitlets", "IPython"}
HEAVY = ["pandas", "numpy", "networkx", "plotly", "IPython", "ipywidgets", "anywidget", "matplotlib"]


def modules() -> list[Path]:
    return sorted(path for path in PACKAGE.rglob("*.py") if path != PACKAGE / "__init__.py")


def name_of(path: Path) -> str:
    """`eventlab.airports.cast` for that module's path, `eventlab.airports` for a package's `__init__`."""
    parts = path.relative_to(REPO).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def top(path: Path) -> str:
    """The row of the table that a module belongs to."""
    return path.relative_to(PACKAGE).with_suffix("").parts[0]


def imports(path: Path, *, also_for_types: bool = True) -> Iterator[str]:
    """Every module that `path` imports, spelt in full; imports inside functions count."""
    nodes: list[ast.AST] = [ast.parse(path.read_text("utf-8"), str(path))]
    known = {name_of(other) for other in modules()}
    while nodes:
        node = nodes.pop()
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test) and not also_for_types:
            nodes += node.orelse
            continue
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            package = name_of(path).split(".")
            if path.name != "__init__.py":
                package = package[:-1]
            base = (
                ".".join([*package[: len(package) - node.level + 1], node.module or ""]).strip(".")
                if node.level
                else node.module
            )
            assert base is not None
            for alias in node.names:
                yield f"{base}.{alias.name}" if f"{base}.{alias.name}" in known or base == "eventlab" else base
        nodes += ast.iter_child_nodes(node)


@pytest.mark.parametrize("path", modules(), ids=name_of)
def test_a_module_imports_only_from_lower_floors(path: Path) -> None:
    me = top(path)
    assert me in FLOOR or me == "views", (
        f"{me} has no floor: give it one in the table of tests/test_layers.py and in DESIGN.md"
    )
    for imported in imports(path):
        first, _, rest = imported.partition(".")
        if first != "eventlab":
            if first not in sys.stdlib_module_names:
                assert first in OUTSIDE[me], f"{name_of(path)} imports {first}; {me} may import {sorted(OUTSIDE[me])}"
            continue
        other = rest.split(".")[0]
        assert other, f"{name_of(path)} imports the whole of eventlab: name the module"
        if me == "views":
            assert other in VIEWS_SEE, f"a view sees the trace alone; {name_of(path)} imports {imported}"
        elif other not in (me, "errors") and (me, other) != (SEES_VIEWS, "views"):
            assert FLOOR.get(other, 99) < FLOOR[me], f"{name_of(path)} (floor {FLOOR[me]}) imports {imported}"


def test_every_row_of_the_table_that_exists_is_a_module_and_the_low_floors_all_exist() -> None:
    exists = {top(path) for path in modules()}
    assert {name for name, floor in FLOOR.items() if floor <= 7} <= exists


def test_no_two_modules_import_each_other() -> None:
    known = {name_of(path) for path in modules()}
    graph = {name_of(path): set(imports(path, also_for_types=False)) & known - {name_of(path)} for path in modules()}
    TopologicalSorter(graph).prepare()  # raises CycleError, naming the circle


HIDDEN = {"eventlab.exercises.bench"}  # to be renamed


def test_no_name_of_a_package_hides_one_of_its_modules() -> None:
    """Else `import eventlab.room.thing as thing` gives a function or a class, and one name means two things."""
    hidden = set()
    for path in modules():
        package, _, name = name_of(path).rpartition(".")
        module = importlib.import_module(f"{package}.{name}")
        if getattr(sys.modules[package], name) is not module:
            hidden.add(f"{package}.{name}")
    assert hidden <= HIDDEN


def run_alone(program: str) -> str:
    environment = {**os.environ, "PYTHONPATH": str(REPO)}
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", program], env=environment, capture_output=True, text=True, cwd=REPO
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_importing_eventlab_loads_no_heavy_library() -> None:
    assert run_alone(f"import sys, eventlab; print(sorted(set(sys.modules) & set({HEAVY!r})))") == "[]"


def test_the_laboratory_runs_where_no_heavy_library_is_installed() -> None:
    low = [f"eventlab.{name}" for name, floor in FLOOR.items() if floor <= 7]
    program = f"""
import sys, importlib
for name in {HEAVY!r}: sys.modules[name] = None  # an import of it fails, as if it were not installed
for name in {low!r}: importlib.import_module(name)
print("fine")
"""
    assert run_alone(program) == "fine"


def test_the_table_refuses_an_import_from_above(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "eventlab").mkdir()
    wrong = tmp_path / "eventlab" / "sim.py"
    wrong.write_text("def f():\n    from eventlab import bus\n", "utf-8")
    monkeypatch.setattr(sys.modules[__name__], "REPO", tmp_path)
    monkeypatch.setattr(sys.modules[__name__], "PACKAGE", tmp_path / "eventlab")
    with pytest.raises(AssertionError, match=r"floor 2.*eventlab\.bus"):
        test_a_module_imports_only_from_lower_floors(wrong)
    wrong.write_text("import pandas as pd\n", "utf-8")
    with pytest.raises(AssertionError, match="sim may import"):
        test_a_module_imports_only_from_lower_floors(wrong)
