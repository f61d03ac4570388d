"""The architecture of eventlab as a table: a module imports only from lower floors. (`errors` is below everything.)"""

from __future__ import annotations

import ast
import importlib
import importlib.util
import os
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

from tests.support import REPO

PACKAGE = REPO / "eventlab"

# floor, module (or a room with all that is in it: a name that ends with "/"), and what it may import from outside the
# standard library
TABLE: list[tuple[int, str, set[str]]] = [
    (0, "errors", set()),
    (-2, "borders", set()),
    (-1, "door", set()),
    (0, "event", {"msgspec"}),
    (0, "stage", {"msgspec"}),
    (0, "times", set()),
    (0, "draws", set()),
    (1, "watchers", set()),
    (1, "sharing", {"msgspec"}),
    (1, "record", {"msgspec"}),
    (1, "index", set()),
    (2, "trace", {"msgspec"}),
    (0, "under_way", set()),
    (1, "turns", set()),
    (1, "signals", set()),
    (1, "quality", set()),
    (1, "decider", {"msgspec"}),
    (1, "upcast", {"msgspec"}),
    (2, "downcast", {"msgspec"}),
    (2, "registry", {"msgspec"}),
    (1, "contract", {"msgspec"}),
    (1, "rows", {"msgspec"}),
    (1, "histories", {"msgspec"}),
    (1, "storefile", {"apsw"}),
    (3, "keyfile", {"apsw"}),
    (4, "shredding", {"msgspec", "cryptography"}),
    (3, "reading", set()),
    (3, "saved", {"msgspec"}),
    (4, "verification", set()),
    (5, "store", {"msgspec", "apsw"}),
    (3, "saga", {"msgspec"}),
    (4, "process", {"msgspec"}),
    (3, "sim", {"msgspec"}),
    (4, "state", {"msgspec"}),
    (6, "aggregate", {"msgspec"}),
    (2, "columns", {"duckdb"}),
    (6, "archive", {"msgspec"}),
    (6, "projection", {"msgspec"}),
    (4, "network", {"msgspec"}),
    (4, "subscription", {"msgspec"}),
    (5, "bus", {"msgspec"}),
    (5, "measures/", {"msgspec"}),
    (6, "client", {"msgspec"}),
    (7, "subscriber", {"msgspec"}),
    (8, "service", {"msgspec"}),
    (9, "outbox", {"msgspec"}),
    (9, "faults", {"msgspec"}),
    (9, "resilience", {"msgspec"}),
    (9, "participant", {"msgspec"}),
    (10, "proxy", {"msgspec"}),
    (10, "saga_runner", {"msgspec"}),
    (10, "remote", {"msgspec"}),
    (10, "lab", {"msgspec"}),
    (9, "airports/clocks", set()),
    (9, "airports/cores", set()),
    (9, "airports/frame", {"pandas"}),
    (9, "airports/tables", set()),
    (9, "airports/flight", {"msgspec"}),
    (9, "airports/catalogue", {"msgspec"}),
    (10, "airports/catalogue_schema", set()),
    (10, "airports/reference", {"msgspec"}),
    (10, "airports/assumptions", set()),
    (10, "airports/intervention", {"msgspec"}),
    (10, "airports/stage", set()),
    (11, "airports/flights", set()),
    (11, "airports/rules", set()),
    (12, "airports/cast", set()),
    (12, "airports/metrics", {"msgspec"}),
    (13, "airports/request_driven", set()),
    (13, "airports/publish_subscribe", set()),
    (13, "airports/event_notification", set()),
    (13, "airports/state_transfer", set()),
    (13, "airports/event_sourcing", set()),
    (14, "airports/scenario", {"pandas"}),
    (15, "airports/report", {"pandas"}),
    (15, "airports", set()),
    (10, "views/drawing/", {"plotly", "IPython"}),
    (11, "views/motion/", set()),
    (12, "views/sequence/", set()),
    (12, "views/flow/", {"networkx"}),
    (12, "views/charts/", set()),
    (11, "views/boards_rows", set()),
    (12, "views/boards_drawn", set()),
    (12, "views/causal_stories", set()),
    (12, "views/cells_above", {"IPython"}),
    (12, "views/rebuilt_fold", set()),
    (11, "views/state_entries", set()),
    (12, "views/state_matrix", set()),
    (11, "views/sagas_steps", set()),
    (11, "views/streams_rows", set()),
    (12, "views/streams_lanes", set()),
    (12, "views/timeline_backlogs", set()),
    (13, "views/fork", set()),
    (14, "views/divergence", set()),
    (12, "views/notebook", {"IPython"}),
    (12, "views/own_errors", {"IPython"}),
    (12, "views/waiting", {"IPython"}),
    (12, "views/source_code", set()),
    (13, "views/boards", set()),
    (13, "views/causal", set()),
    (13, "views/rebuilt", set()),
    (13, "views/state_table", set()),
    (13, "views/state_grid", set()),
    (12, "views/sagas", set()),
    (12, "views/versions", set()),
    (12, "views/dead_letters", set()),
    (12, "views/lags", set()),
    (12, "views/bitemporal", set()),
    (13, "views/streams", set()),
    (13, "views/timeline_lanes", set()),
    (14, "views/state", set()),
    (14, "views/timelines", set()),
    (14, "views/widget", {"anywidget", "ipywidgets", "traitlets"}),
    (14, "views/player/page", set()),
    (15, "views/player/", {"msgspec", "IPython", "traitlets"}),
    (15, "views/controls/", {"IPython", "traitlets"}),
    (16, "views", set()),
    (16, "lessons/judging/model", set()),
    (17, "lessons/judging/drawn", {"msgspec"}),
    (16, "lessons/judging/memory", set()),
    (16, "lessons/judging/own_state", set()),
    (16, "lessons/judging/time_limit", set()),
    (16, "lessons/judging/apart", {"IPython"}),
    (16, "lessons/judging/widget", {"traitlets"}),
    (17, "lessons/judging/instead", {"IPython"}),
    (17, "lessons/judging/reading", set()),
    (17, "lessons/judging/report", {"msgspec"}),
    (18, "lessons/judging/watching", set()),
    (18, "lessons/judging/search", set()),
    (19, "lessons/judging/messages", set()),
    (20, "lessons/judging/attempt", set()),
    (17, "lessons/judging/progress", {"msgspec"}),
    (18, "lessons/judging/recorded", {"msgspec"}),
    (18, "lessons/judging/handed_in", {"msgspec"}),
    (16, "lessons/judging/book", set()),
    (17, "lessons/judging/added", {"msgspec"}),
    (17, "lessons/judging/held", {"msgspec", "cryptography"}),
    (17, "lessons/judging/prose", {"msgspec"}),
    (17, "lessons/judging/testbed", set()),
    (18, "lessons/judging/question_form", {"IPython"}),
    (18, "lessons/judging/verdict", {"IPython"}),
    (21, "lessons/judging/learner", set()),
    (21, "lessons/judging", set()),
    (22, "lessons", set()),
    (22, "lessons/own/", {"IPython"}),
    (23, "exercises", set()),
    (22, "lessons/lesson11/in_rows", {"apsw", "msgspec"}),
    (23, "lessons/", {"msgspec", "pandas"}),
    (16, "engines/", {"msgspec", "nats", "psycopg"}),
    (24, "control_room/", {"msgspec", "IPython", "anywidget", "traitlets"}),
    (25, "classroom/", {"msgspec"}),
]
LIBRARY = 10  # up to this floor, nothing but msgspec and apsw is needed, except in airports/ and views/
FLOOR = {name: floor for floor, name, _ in TABLE}
OUTSIDE = {name: libraries for _, name, libraries in TABLE}
# Pictures stand beside the house: they look at it through the trace and its measures alone, and only lessons
# and the control room show them. What a process is (data and a fold of events) the picture of one must know too.
VIEWS_SEE = ("trace", "stage", "event", "errors", "door", "process", "measures/", "under_way")
SEES_VIEWS = ("lessons", "control_room", "classroom")
SHOWS_ITSELF = ("airports/scenario", "eventlab.views.notebook")  # a run, in a notebook alone
HEAVY = ["pandas", "numpy", "networkx", "plotly", "IPython", "ipywidgets", "anywidget", "matplotlib"]


def modules() -> list[Path]:
    return sorted(path for path in PACKAGE.rglob("*.py") if path != PACKAGE / "__init__.py")


@cache
def known(package: Path) -> frozenset[str]:
    """The names of all modules of a package, spelt in full: looked up for each import, read from the disk once."""
    return frozenset(name_of(path) for path in package.rglob("*.py") if path != package / "__init__.py")


def name_of(path: Path) -> str:
    """`eventlab.airports.cast` for that module's path, `eventlab.airports` for a package's `__init__`."""
    parts = path.relative_to(REPO).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def top(path: Path) -> str:
    """The first part of a module's name: `airports` for `eventlab.airports.cast`."""
    return path.relative_to(PACKAGE).with_suffix("").parts[0]


def row(module: str) -> str:
    """The row of the table that `eventlab.airports.cast` belongs to: its own, else that of the room it is in."""
    name = module.removeprefix("eventlab.").replace(".", "/")
    rooms = [room for room in OUTSIDE if room.endswith("/") and f"{name}/".startswith(room)]
    return name if name in FLOOR else max(rooms, key=len, default="")


@cache
def imports(path: Path) -> tuple[str, ...]:
    """Every module that `path` imports, spelt in full; imports inside functions and for types alone count."""
    return tuple(_imports(path))


def _imports(path: Path) -> Iterator[str]:
    nodes: list[ast.AST] = [ast.parse(path.read_text("utf-8"), str(path))]
    ours = known(PACKAGE)
    while nodes:
        node = nodes.pop()
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
                yield f"{base}.{alias.name}" if f"{base}.{alias.name}" in ours or base == "eventlab" else base
        nodes += ast.iter_child_nodes(node)


@pytest.mark.parametrize("path", modules(), ids=name_of)
def test_a_module_imports_only_from_lower_floors(path: Path) -> None:
    me = row(name_of(path))
    assert me, f"{name_of(path)} has no floor: give it one in the table of tests/test_layers.py and in DESIGN.md"
    for imported in imports(path):
        first, _, rest = imported.partition(".")
        if first != "eventlab":
            if first not in sys.stdlib_module_names:
                assert first in OUTSIDE[me], f"{name_of(path)} imports {first}; {me} may import {sorted(OUTSIDE[me])}"
            continue
        assert rest, f"{name_of(path)} imports the whole of eventlab: name the module"
        assert may_import(me, imported), f"{name_of(path)} (floor {FLOOR[me]}) imports {imported}"


def may_import(me: str, imported: str) -> bool:
    """Whether a module of this row may import another of ours: one below it, or one of its own room."""
    other = row(imported)
    if other == me:
        return me.endswith("/")
    if me.startswith("views"):
        allowed = other.startswith("views") or other in VIEWS_SEE
    else:
        allowed = me.startswith(SEES_VIEWS) or not other.startswith("views") or (me, imported) == SHOWS_ITSELF
    return allowed and (other == "errors" or (other in FLOOR and FLOOR[other] < FLOOR[me]))


def test_every_row_of_the_table_is_a_module_or_a_room() -> None:
    exists = {row(name_of(path)) for path in modules()}
    assert set(FLOOR) == exists


def test_measures_see_the_trace_and_no_service_that_wrote_it() -> None:
    seen = {
        row(each) for path in (PACKAGE / "measures").glob("*.py") for each in imports(path) if each[:9] == "eventlab."
    }
    assert seen <= {"door", "errors", "event", "stage", "trace", "subscription"}


def test_no_lesson_imports_another_lesson() -> None:
    for path in (PACKAGE / "lessons").glob("lesson*/*.py"):
        others = [each for each in imports(path) if each.startswith("eventlab.lessons.lesson")]
        assert all(each.split(".")[2] == path.parent.name for each in others), f"{name_of(path)} imports {others}"


def test_only_the_lesson_on_real_engines_imports_them() -> None:
    for path in modules():
        if top(path) != "engines" and "lesson13" not in path.parts:
            assert not [each for each in imports(path) if each.startswith("eventlab.engines")], name_of(path)


def test_no_two_modules_import_each_other_not_even_for_their_types() -> None:
    graph = {name_of(path): set(imports(path)) & known(PACKAGE) - {name_of(path)} for path in modules()}
    TopologicalSorter(graph).prepare()  # raises CycleError, naming the circle


def test_no_name_of_a_package_hides_one_of_its_modules() -> None:
    """Else `import eventlab.room.thing as thing` gives a function or a class, and one name means two things."""
    hidden = set()
    for path in modules():
        if top(path) == "engines" and not importlib.util.find_spec("psycopg"):
            continue  # they are not installed
        package, _, name = name_of(path).rpartition(".")
        module = importlib.import_module(f"{package}.{name}")
        if getattr(sys.modules[package], name) is not module:
            hidden.add(f"{package}.{name}")
    assert not hidden


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
    below = [(name_of(path), top(path)) for path in modules() if FLOOR.get(row(name_of(path)), 99) <= LIBRARY]
    low = [name for name, room in below if room not in ("airports", "views")]
    assert "eventlab.lab" in low and "eventlab.remote" in low
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
    with pytest.raises(AssertionError, match=r"floor 3.*eventlab\.bus"):
        test_a_module_imports_only_from_lower_floors(wrong)
    wrong.write_text("import pandas as pd\n", "utf-8")
    imports.cache_clear()
    with pytest.raises(AssertionError, match="sim may import"):
        test_a_module_imports_only_from_lower_floors(wrong)
