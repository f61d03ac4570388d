"""What of the lessons is on the shelf: what a notebook imports from them, without judges and right answers.

An answer may use what stands in its notebook. A lesson's module is lent as it stands; of one that holds an exercise,
only what a notebook takes from it, and what that needs.
"""

from __future__ import annotations

import ast
import re
import shutil
from collections.abc import Iterable
from pathlib import Path

from eventlab.classroom.program import needed

OF_EXERCISES = {  # what notebooks import from the modules of exercises
    "lesson02/ex5_tune": ("trial",),
    "lesson04/ex5_settings": ("trial",),
    "lesson05/ex5_order": ("trial",),
    "lesson06/ex6_designs": ("shown",),
    "lesson07/ex5_copy_or_ask": ("requirements",),
    "lesson08/ex5_plan": ("trial",),
    "lesson09/ex1_order": ("loose",),
    "lesson09/ex5_correct": ("account",),
    "lesson09/ex6_streams": ("measured",),
    "lesson10/ex5_switch": ("measured",),
    "lesson11/ex5_plan": ("rows",),
    "lesson12/ex5_to_ex8_briefs": ("brief_rows",),
    "lesson13/ex5_plan": ("record", "rows"),
}
NOT_LENT = ("exercises.toml", "questions.toml", "__init__.py")
EXERCISE = re.compile(r"ex\d+_")
EMPTY = '"""A part of eventlab, as far as an answer needs it."""\n'


def lend(lessons: Path, to: Path) -> None:
    """Copy what is lent of every lesson."""
    for folder in sorted(lessons.glob("lesson[0-9]*")):
        place = to / folder.name
        place.mkdir(parents=True, exist_ok=True)
        (place / "__init__.py").write_text(EMPTY, "utf-8")
        for path in sorted(each for each in folder.iterdir() if each.is_file()):
            names = OF_EXERCISES.get(f"{folder.name}/{path.stem}", ())
            if names:
                (place / path.name).write_text(part(path.read_text("utf-8"), names), "utf-8")
            elif path.name not in NOT_LENT and not EXERCISE.match(path.name):
                shutil.copy2(path, place / path.name)


def part(source: str, names: Iterable[str]) -> str:
    """The statements of a module that make these names, and no others."""
    tree = ast.parse(source)
    wanted: ast.expr = ast.Tuple([ast.Name(name, ast.Load()) for name in names], ast.Load())
    future = [each for each in tree.body if isinstance(each, ast.ImportFrom) and each.module == "__future__"]
    kept = needed(wanted, [each for each in tree.body if each not in future], [])
    return ast.unparse(ast.Module([*future, *kept], [])) + "\n"
