"""A class of any size by a script, every student with answers of his own: right ones and known wrong ones."""

from __future__ import annotations

from pathlib import Path

from tests.classroom import known_sources
from tests.classroom.class_of_thirty import notebook
from tests.classroom.known_sources import Handed

EXERCISES = ("01.1", "01.3", "01.4", "03.2", "09.2", "09.5")
PLAN = """lessons = ["01", "03", "09"]
[points]
{unasked}
[grading]
key = "words of the instructor"
"""


def make(folder: Path, students: int, ids: tuple[str, ...] = EXERCISES) -> Path:
    """So many submissions in `folder`/in; the plan's file. Two of three answers are right."""
    right = {each.id: each for each in known_sources.models()}
    wrong: dict[str, list[Handed]] = {id: [each for each in known_sources.wrong() if each.id == id] for id in ids}
    (folder / "in").mkdir(parents=True)
    for student in range(students):
        cells = []
        for place, id in enumerate(ids):
            known = wrong[id]
            other = known[student % len(known)] if known else right[id]
            chosen = other if (student + place) % 3 == 0 else right[id]
            # in one cell, so that nothing of another exercise is taken for its own
            cells.append("\n".join([f"# student {student}", *(text for _, text in chosen.cells)]))
        (folder / "in" / f"student{student:03}.ipynb").write_bytes(notebook(*cells))
    asked = {f"{lesson}.{number}" for lesson in ("01", "03", "09") for number in range(1, 7)} - set(ids)
    unasked = "\n".join(f'"{id}" = 0' for id in sorted(asked))
    (folder / "plan.toml").write_text(PLAN.format(unasked=unasked), "utf-8")
    return folder / "plan.toml"
