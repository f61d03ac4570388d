"""Rules that no tool checks for us: no foreign code, no clock, no chance, one way to HTML, no machine's paths."""

from __future__ import annotations

import ast
import itertools
import json
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.support import REPO

Rule = Callable[[ast.AST, Path], "str | None"]

# The rules ------------------------------------------------------------------------------------------------------------

RUNS_BYTES = {"pickle", "cPickle", "_pickle", "marshal", "shelve", "dill", "cloudpickle", "joblib"}
RUNS_TEXT = {"eval", "exec", "compile", "__import__"}


def runs_foreign_code(node: ast.AST, path: Path) -> str | None:
    """A way to execute what was read."""
    for module in imported(node):
        if module.split(".")[0] in RUNS_BYTES:
            return f"imports {module}"
    if isinstance(node, ast.Call):
        name = ast.unparse(node.func)
        if (
            name in RUNS_TEXT
            or name in ("yaml.load", "yaml.unsafe_load", "yaml.full_load")
            or name.endswith("read_pickle")
        ):
            return f"calls {name}"
    return None


CLOCKS = {"time", "uuid", "secrets", "threading", "_thread", "asyncio", "multiprocessing", "concurrent", "sched"}
NOW = {"now", "utcnow", "today"}
CHANCE = {"os.urandom", "random.SystemRandom", "os.getrandom", "os.getpid"}
# The store lives in a real file that other processes may hold: it knows who it is, and waits for its turn.
# A simulation belongs to one thread, and knows which; that reaches no trace.
# A learner's code may never end: the check that runs it has a limit in real time.
MAY = {
    "eventlab/sim.py": {"threading.get_ident"},
    "eventlab/store.py": {"os.getpid", "threading.get_ident"},
    "eventlab/storefile.py": {"os.getpid", "time.sleep"},
    # What is being written has a name of its own: another process may write there, too.
    "eventlab/archive.py": {"os.getpid"},
    "eventlab/trace.py": {"os.getpid"},
    "eventlab/views/player/page.py": {"os.getpid"},
    # A key that could be foretold is none; it stands in no event and no trace.
    "eventlab/keyfile.py": {"os.getpid", "os.urandom", "threading.get_ident"},
    # An interrupt waits for the end of a turn, but not for ever; the waiting is in real time and reaches no trace.
    "eventlab/turns.py": {
        "_thread.interrupt_main", "threading.Timer", "threading.current_thread", "threading.main_thread",
    },
    # Whole runs side by side, each in a process of its own; only their figures come back, under their names.
    "eventlab/airports/cores.py": {
        "concurrent.futures", "concurrent.futures.ProcessPoolExecutor", "concurrent.futures.as_completed",
        "multiprocessing.get_context",
    },
    # How long a slice of computing may take, in real time; it reaches no trace.
    "eventlab/control_room/ahead.py": {"time.monotonic"},
    "eventlab/control_room/course.py": {"time.monotonic"},
    "eventlab/control_room/session.py": {"time.monotonic"},
    "eventlab/control_room/task.py": {"time.monotonic"},
    # What a page says may come in another thread than the one that owns the simulations; it is taken there.
    "eventlab/control_room/widget.py": {"asyncio.AbstractEventLoop", "asyncio.get_running_loop"},
    # A message of a page may come in another thread than the cells'; what it asks for is done in theirs.
    "eventlab/views/waiting.py": {"threading.Event", "threading.Thread", "time.monotonic"},
    "eventlab/views/controls/thread_of_cells.py": {
        "asyncio.AbstractEventLoop", "asyncio.get_running_loop", "threading.Event", "threading.Lock",
        "threading.get_ident",
    },
    # A submission's process has limits in real time, and several judges work at once; no result depends on either.
    "eventlab/classroom/children.py": {"time.monotonic"},
    "eventlab/classroom/patience.py": {"time.monotonic"},
    "eventlab/classroom/batch.py": {
        "multiprocessing.connection", "multiprocessing.connection.wait", "multiprocessing.get_context",
        "time.monotonic",
    },
    "eventlab/lessons/judging/apart.py": {"os.getpid", "time.monotonic"},
    "eventlab/lessons/judging/progress.py": {"time.sleep"},
    # What the works of a year take: kept in a file, and measured anew only by whoever asks for it.
    "eventlab/lessons/lesson11/year.py": {"time.process_time"},
    "eventlab/lessons/judging/time_limit.py": {
        "_thread.interrupt_main", "threading.Thread", "threading.Event", "threading.current_thread",
        "threading.main_thread", "threading.__file__", "time.monotonic", "time.process_time",
    },
}  # fmt: skip


def clock_or_chance(node: ast.AST, path: Path) -> str | None:
    """A source of anything that differs between two runs with one seed."""
    allowed = MAY.get(path.relative_to(REPO).as_posix(), set()) if path.is_relative_to(REPO) else set()
    for module in imported(node):
        plainly = isinstance(node, ast.Import) and all(alias.asname is None for alias in node.names)
        if module in CLOCKS and not (plainly and any(name.startswith(f"{module}.") for name in allowed)):
            return f"imports {module}"
        if module.split(".")[0] in CLOCKS - {module} and not (plainly and module in allowed):
            return f"imports {module}"
    if isinstance(node, ast.ImportFrom) and node.module == "random":
        wrong = [alias.name for alias in node.names if alias.name != "Random"]
        if wrong:
            return f"imports {wrong} from random: a module-wide generator is nobody's; take sim.random or Random(seed)"
    if isinstance(node, ast.Attribute):
        name = ast.unparse(node)
        if name in allowed:
            return None
        if name.split(".")[0] in CLOCKS and isinstance(node.value, ast.Name):
            return f"uses {name}"
        if name in CHANCE or (name.startswith("random.") and name != "random.Random"):
            return f"uses {name}: take sim.random or random.Random(seed)"
        if node.attr in NOW and ast.unparse(node.value).split(".")[-1] in ("datetime", "date", "Timestamp"):
            return f"uses {name}: a wall clock"
    if isinstance(node, ast.Call):
        name = ast.unparse(node.func)
        if name in ("Random", "random.Random") and not node.args:
            return f"{name}() without a seed"
        if name in ("hash", "id") and path.name not in ("event.py",):
            return f"calls {name}(): it differs from process to process"
    return None


# The function that escapes, and the one page that is written as HTML; everything else goes through them, but for the
# table that must show itself as pandas's does, below the views.
ESCAPES = (
    "eventlab/views/drawing/text.py", "eventlab/views/player/page.py", "eventlab/classroom/markup.py",
    "eventlab/airports/frame.py",
)  # fmt: skip


# Pictures are written as SVG, HTML and for plotly in one module, which escapes every word that it did not write itself.
DRAWS = "eventlab/views/drawing/writing.py"
MARKUP = re.compile(
    r"<(?:svg|text|rect|g|title|poly\w+|path|div|p|a|b|br|i|span|table|t[dhr]|img|script|style|html)[\s/>]"
)
PLOTLY = {"text", "hovertext", "hovertemplate", "texttemplate", "name", "title", "ticktext", "labels"}


def raw_html(node: ast.AST, path: Path) -> str | None:
    """HTML, SVG or words for plotly that did not come through the one function that escapes."""
    if path in [REPO / name for name in ESCAPES]:
        return None
    if isinstance(node, ast.Constant) and isinstance(node.value, str) and path != REPO / DRAWS:
        if MARKUP.search(node.value):
            return "writes markup: draw it with a Picture"
    if isinstance(node, ast.JoinedStr):
        for before, value in itertools.pairwise(node.values):
            if isinstance(before, ast.Constant) and re.search(r"""(?<![-\w])id=["']?$""", before.value):
                return f"makes an id from {ast.unparse(value)}"
    if isinstance(node, ast.Dict) and path in (REPO / DRAWS, Path("picture.py")):
        for key, value in zip(node.keys, node.values, strict=True):
            if isinstance(key, ast.Constant) and key.value in PLOTLY and not _escaped(value):
                return f"gives plotly {ast.unparse(value)} as it stands"
    if isinstance(node, ast.ImportFrom) and {alias.name for alias in node.names} & {"HTML", "HTMLMath", "Javascript"}:
        return f"imports HTML from {node.module}"
    if isinstance(node, ast.Attribute) and node.attr in ("HTML", "HTMLMath", "Javascript"):
        return f"uses {ast.unparse(node)}"
    if (
        isinstance(node, ast.keyword)
        and node.arg == "escape"
        and isinstance(node.value, ast.Constant)
        and not node.value.value
    ):
        return "escape=False"
    if isinstance(node, ast.FunctionDef) and node.name == "_repr_html_":
        return "defines _repr_html_"
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        if node.value == "text/html" and path != REPO / DRAWS:
            return "gives text/html"
        if any(word in node.value for word in ("innerHTML", "outerHTML", "insertAdjacentHTML", "document.write")):
            return "writes HTML from JavaScript: use textContent"
    return None


def _escaped(value: ast.expr) -> bool:
    """Whether it is put together from what was escaped: a call of `escape` or `_folded`, or the name of its result."""
    match value:
        case ast.Call(func=ast.Name("escape" | "_folded")) | ast.Name("text"):
            return True
        case ast.IfExp():
            return _escaped(value.body) and _escaped(value.orelse)
        case ast.JoinedStr():
            return all(_escaped(part.value) for part in value.values if isinstance(part, ast.FormattedValue))
    return False


# Where they hold ------------------------------------------------------------------------------------------------------


def imported(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    return [node.module] if isinstance(node, ast.ImportFrom) and node.module and not node.level else []


def broken(rule: Rule, source: str, path: Path) -> list[str]:
    found = ((node, rule(node, path)) for node in ast.walk(ast.parse(source, str(path))))
    return [f"{path.name}:{getattr(node, 'lineno', '?')}: {what}" for node, what in found if what]


def python_files(*places: str) -> list[Path]:
    files = [path for place in places for path in [*sorted((REPO / place).rglob("*.py")), REPO / place]]
    return [path for path in files if path.suffix == ".py"]


def notebook_cells() -> Iterator[tuple[Path, str]]:
    for path in sorted((REPO / "notebooks").glob("*.ipynb")):
        for cell in json.loads(path.read_text("utf-8"))["cells"]:
            if cell["cell_type"] == "code":
                lines = "".join(cell["source"]).splitlines()
                # `await` at the top of a cell is legal there: parsed as the body of a function
                yield (
                    path,
                    "async def cell():\n"
                    + "\n".join("    " + line for line in lines if not line.startswith("%"))
                    + "\n    pass",
                )


def committed() -> list[Path]:
    if not shutil.which("git") or not (REPO / ".git").exists():
        pytest.skip("not a git checkout")
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(command, cwd=REPO, capture_output=True, check=True, text=True).stdout.split("\0")
    return [REPO / name for name in names if name and (REPO / name).is_file()]


@pytest.mark.parametrize(
    "path",
    python_files("eventlab", "tools", "data", "benchmarks", "workbook.py"),
    ids=lambda p: str(p.relative_to(REPO)),
)
def test_nothing_that_was_read_is_ever_executed(path: Path) -> None:
    assert broken(runs_foreign_code, path.read_text("utf-8"), path) == []


@pytest.mark.parametrize("path", python_files("eventlab"), ids=lambda p: str(p.relative_to(REPO)))
def test_no_clock_and_no_chance_below_the_engines(path: Path) -> None:
    if "engines" in path.parts or (path.parts[-2] == "lesson13" and path.stem in ("cluster", "measure")):
        pytest.skip("real engines live in real time")
    assert broken(clock_or_chance, path.read_text("utf-8"), path) == []


@pytest.mark.parametrize("path", python_files("eventlab"), ids=lambda p: str(p.relative_to(REPO)))
def test_html_comes_from_one_function_only(path: Path) -> None:
    assert broken(raw_html, path.read_text("utf-8"), path) == []


ROOMS = ("eventlab/lessons", "eventlab/measures", "eventlab/airports", "eventlab/views", "eventlab/control_room")


@pytest.mark.parametrize("path", python_files(*ROOMS), ids=lambda p: str(p.relative_to(REPO)))
def test_a_module_and_its_functions_are_short_enough_to_read(path: Path) -> None:
    text = path.read_text("utf-8")
    assert text.count("\n") <= 300
    functions = [each for each in ast.walk(ast.parse(text)) if isinstance(each, ast.FunctionDef | ast.AsyncFunctionDef)]
    assert [each.name for each in functions if (each.end_lineno or 0) - each.lineno >= 40] == []


def test_the_components_write_text_not_html() -> None:
    for path in (REPO / "eventlab").rglob("*.js"):
        text = path.read_text("utf-8")
        assert not any(
            word in text for word in ("innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(")
        ), path


def test_notebooks_keep_the_rules_too() -> None:
    for path, source in notebook_cells():
        assert (
            broken(runs_foreign_code, source, path)
            + broken(raw_html, source, path)
            + broken(clock_or_chance, source, path)
            == []
        )


def test_tests_reach_what_a_store_keeps_to_itself_through_one_door() -> None:
    door = REPO / "tests" / "support" / "store_door.py"
    reach = re.compile(r"\b(?:store|copy|other|today|kept)\._(?:db|sql|last|forget)\b")
    found = [path for path in python_files("tests") if path != door and reach.search(path.read_text("utf-8"))]
    assert found == [], "look through tests/support/store_door.py"


def test_no_committed_file_names_a_folder_of_this_machine() -> None:
    places = [place for place in {str(REPO), str(Path.home())} if len(place) > 4]
    for path in committed():
        data = path.read_bytes()
        if b"\0" in data or path.suffix == ".gz":
            continue
        for place in places:
            assert f"{place}/".encode() not in data, f"{path.relative_to(REPO)} names {place}"


@pytest.mark.parametrize(
    ("rule", "source"),
    [
        (runs_foreign_code, "import pickle"),
        (runs_foreign_code, "from joblib import load"),
        (runs_foreign_code, "x = eval(text)"),
        (runs_foreign_code, "exec(text)"),
        (runs_foreign_code, "yaml.load(text)"),
        (runs_foreign_code, "pd.read_pickle(path)"),
        (clock_or_chance, "import time"),
        (clock_or_chance, "from uuid import uuid4"),
        (clock_or_chance, "import random\nx = random.random()"),
        (clock_or_chance, "from random import choice"),
        (clock_or_chance, "from random import Random\nr = Random()"),
        (clock_or_chance, "from datetime import datetime\nx = datetime.now()"),
        (clock_or_chance, "import datetime\nx = datetime.datetime.now(tz)"),
        (clock_or_chance, "import os\nx = os.urandom(8)"),
        (clock_or_chance, "import os\nx = os.getpid()"),
        (clock_or_chance, "import threading"),
        (clock_or_chance, "sorted(things, key=lambda t: hash(t))"),
        (raw_html, "from IPython.display import HTML"),
        (raw_html, "import ipywidgets as w\nw.HTML(text)"),
        (raw_html, "frame.to_html(escape=False)"),
        (raw_html, "class A:\n    def _repr_html_(self): return self.text"),
        (raw_html, "bundle = {'text/html': text}"),
        (raw_html, "ESM = 'el.innerHTML = text'"),
        (raw_html, "shown = f'<b>{name}</b>'"),
        (raw_html, "shown = '<svg width=\"3\">' + text"),
        (raw_html, "part = f'<g id=\"{name}\">'"),
        (raw_html, "part = f' id=\"{name}\"'"),
    ],
)
def test_each_rule_catches_what_it_forbids(rule: Rule, source: str) -> None:
    assert broken(rule, source, Path("example.py"))


@pytest.mark.parametrize(
    ("rule", "source"),
    [
        ("S301", "import pickle\n\npickle.loads(data)\n"),
        ("S302", "import marshal\n\nmarshal.loads(data)\n"),
        ("S307", "eval(data)\n"),
        ("S506", "import yaml\n\nyaml.load(data)\n"),
    ],
)
@pytest.mark.parametrize("place", ["eventlab/planted.py", "notebooks/planted.py", "workbook.py", "tools/planted.py"])
def test_the_linter_forbids_what_runs_foreign_code_everywhere(rule: str, source: str, place: str) -> None:
    command = [sys.executable, "-m", "ruff", "check", "--output-format=concise", f"--stdin-filename={place}", "-"]
    run = subprocess.run(command, cwd=REPO, input=source, capture_output=True, text=True, check=False)
    assert f" {rule} " in run.stdout


@pytest.mark.parametrize(
    "source",
    ["a = {'text': label.text}", "a = {'hovertext': line.words}", "a = {'text': f'<b>{label.text}</b>'}",
     "a = {'name': text if bold else title}"],
)  # fmt: skip
def test_words_for_plotly_that_are_not_escaped_are_found(source: str) -> None:
    assert broken(raw_html, source, Path("picture.py"))


def test_words_for_plotly_that_are_escaped_are_allowed() -> None:
    assert broken(raw_html, "a = {'text': escape(label.text), 'hovertext': _folded(words)}", Path("picture.py")) == []


def test_the_store_may_wait_but_not_read_the_clock() -> None:
    store = REPO / "eventlab" / "storefile.py"
    assert broken(clock_or_chance, "import time\ntime.sleep(1)", store) == []
    assert broken(clock_or_chance, "import time\ntime.time()", store)
    assert broken(clock_or_chance, "from time import sleep", store)


@pytest.mark.parametrize(
    "source",
    ["import random\nr = random.Random(7)", "from datetime import datetime\nx = datetime.fromtimestamp(0)", "sim.now"],
)
def test_seeded_chance_and_given_times_are_allowed(source: str) -> None:
    assert broken(clock_or_chance, source, Path("example.py")) == []
