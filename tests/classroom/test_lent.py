"""What an answer finds beside itself: all that notebooks import, and no right answer."""

from __future__ import annotations

import ast
import builtins
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from eventlab.classroom.judge import Answer, judged
from eventlab.classroom.notebooks import checked_in, read, source
from eventlab.classroom.program import _used
from eventlab.classroom.shelf import fill
from eventlab.lessons.judging import model
from tests.classroom.test_student_book import SHOWN_BY_THE_LESSON, found_in
from tests.support import REPO

NOTEBOOKS = sorted((REPO / "notebooks").glob("[01][0-9]-*.ipynb"))
BUILTIN = set(dir(builtins))  # before another test of this process runs a notebook, which adds `display`
OF_THE_LEARNER = ("eventlab.lessons", "eventlab.lessons.own", "eventlab.control_room")  # check, hint, progress, …
IMPORTED = """
from importlib import import_module
for module, name in wanted:
    try:
        found = import_module(module)
        if name and not hasattr(found, name):
            import_module(f"{module}.{name}")
    except Exception as problem:
        missing.append(f"{module}.{name}: {problem!r}")
"""
GIVEN = """
from eventlab.classroom.program import Program
from eventlab.classroom.program import _used
for cells, where in wanted:
    try:
        Program(cells, where).run()
    except Exception as problem:
        missing.append(f"{where[1]}: {problem!r}")
"""


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("shelf")
    fill(folder)
    return folder


def in_a_child(place: Path, program: str, wanted: object) -> object:
    """What is missing, by a program that sees what an answer sees."""
    begin = "import json, sys; wanted, missing = json.load(sys.stdin), []"
    command = [sys.executable, "-P", "-B", "-c", f"{begin}\n{program}\nprint(json.dumps(missing))"]
    path = {"PYTHONPATH": str(place), "PATH": ""}
    done = subprocess.run(command, input=json.dumps(wanted), cwd=place, env=path, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


def imported() -> Iterator[tuple[str, str]]:
    """What notebooks import of eventlab: module and name."""
    for path in NOTEBOOKS:
        for cell in read(path)["cells"]:
            for node in ast.walk(ast.parse(source(cell))) if cell["cell_type"] == "code" else ():
                if isinstance(node, ast.ImportFrom) and node.module not in OF_THE_LEARNER:
                    if str(node.module).startswith("eventlab"):
                        yield from ((str(node.module), each.name) for each in node.names)
                elif isinstance(node, ast.Import):
                    yield from ((each.name, "") for each in node.names if each.name.startswith("eventlab"))


def test_all_that_notebooks_import_is_there(place: Path) -> None:
    wanted = sorted(set(imported()))
    assert len(wanted) > 100 and ("eventlab.lessons.lesson09.ex5_correct", "account") in wanted
    assert in_a_child(place, IMPORTED, wanted) == []


def used_by_given_cells() -> Iterator[tuple[list[tuple[int, str]], str, list[str]]]:
    """For each exercise: the cells up to its own, its id, and the names that its own cell uses."""
    for path in NOTEBOOKS:
        cells: list[tuple[int, str]] = []
        for cell in read(path)["cells"]:
            if cell["cell_type"] != "code":
                continue
            cells.append((len(cells) + 1, source(cell)))
            if id := checked_in(cell):
                yield list(cells), id, sorted(_used(ast.parse(source(cell))) - BUILTIN - {"check"})


def test_every_name_in_the_given_cell_of_an_exercise_is_there(place: Path) -> None:
    known = list(used_by_given_cells())
    assert len(known) == sum(len(model.lesson(number).exercises) for number in model.lessons())
    assert ["account", "correct", "display", "source"] in [names for _, _, names in known]
    wanted = [
        [[*cells, (0, f'check("{id}", [{", ".join(names)}])')], [len(cells), id, ""]] for cells, id, names in known
    ]
    assert in_a_child(place, GIVEN, wanted) == []


def test_no_right_answer_is_on_the_shelf(place: Path) -> None:
    files = {
        path.relative_to(place).as_posix(): path.read_bytes()
        for path in place.rglob("*") if path.suffix in (".py", ".toml", ".json")
    }  # fmt: skip
    assert "eventlab/lessons/lesson09/ex5_correct.py" in files
    assert not set(found_in(files)) - SHOWN_BY_THE_LESSON
    for name, content in files.items():
        if "/ex" in name and "lessons/lesson" in name:
            assert not {"EXERCISE", "EXERCISES", "judge"} & set(dir_of(content)), name


def dir_of(content: bytes) -> Iterator[str]:
    for node in ast.walk(ast.parse(content)):
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            yield node.name
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id


def test_an_answer_uses_what_its_notebook_has_imported_from_the_lesson(place: Path) -> None:
    cells = [
        (1, "from eventlab import *\nfrom eventlab.lessons import check"),
        (1, "from eventlab.lessons.lesson09.ex5_correct import account"),
        (2, "from eventlab.views import table\nfrom eventlab.lessons.lesson09.money_back import HOUR"),
        (3, """def correct(wrong, amount, now):
    assert HOUR > 0 and callable(account) and callable(table)
    display(amount)
    undo = Event("charge.reversed", {"charge": wrong.id}, time=now, causationid=wrong.id)
    return [undo, Event("card.charged", {"amount": amount}, time=now, causationid=wrong.id)]

check("09.5", correct)"""),
    ]  # fmt: skip
    result = judged(model.exercise("09.5"), Answer("09.5", cells, 3), place, key="any")
    assert result.verdict == "right", result.message
