"""nbgrader's metadata in the students' notebooks: by its own schema's rules, and by its own round trip where it is."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from eventlab.classroom import student
from eventlab.classroom.plan import Plan
from tests.classroom.nbgrader_round_trip import round_trip
from tests.support import REPO

# As nbgrader 0.9.6 has it (nbgraderformat/v3.json). A student's copy has a checksum and a cell_type on top.
SCHEMA = {
    "type": "object",
    "properties": {
        "schema_version": {"type": "integer", "minimum": 3, "maximum": 3},
        "grade": {"type": "boolean"}, "locked": {"type": "boolean"}, "solution": {"type": "boolean"},
        "task": {"type": "boolean"}, "grade_id": {"type": "string", "pattern": "^[a-zA-Z0-9_\\-]*$"},
        "points": {"type": "number", "minimum": 0}, "checksum": {"type": "string", "minLength": 32, "maxLength": 32},
        "cell_type": {"enum": ["raw", "code", "markdown"]},
    },
    "required": ["schema_version", "grade", "locked", "solution"],
    "additionalProperties": False,
}  # fmt: skip
PLAN = Plan(lessons=["01", "03"], points={"01.2": 4, "bakery.1": 2}, own=[str(REPO / "docs" / "own-exercise")])


def refused(notebook: Any) -> str:
    """Why nbgrader would refuse this notebook; empty if it would not. (nbgraderformat/v3.py, `validate_nb`)"""
    seen: set[str] = set()
    for cell in notebook["cells"]:
        if (meta := cell["metadata"].get("nbgrader")) is None:
            continue
        try:
            jsonschema.validate(meta, SCHEMA)
        except jsonschema.ValidationError as problem:
            return str(problem.message)
        if not (meta["grade"] or meta["solution"] or meta["locked"]):
            continue
        if not meta.get("grade_id"):
            return "no grade_id"
        if meta["grade_id"] in seen:
            return "a grade_id twice"
        seen.add(meta["grade_id"])
        if meta["grade"] and "points" not in meta:
            return "no points"
        if cell["cell_type"] == "markdown" and meta["grade"] != meta["solution"]:
            return "prose that is graded or solved, and not both"
    return "" if seen else "nothing in it is nbgrader's"


def test_nbgraders_rules_hold_for_each_notebook_of_a_book() -> None:
    notebooks = {name: json.loads(content) for name, content in student.book(PLAN).items() if name.endswith(".ipynb")}
    of_lessons = {name: each for name, each in notebooks.items() if "00-start" not in name}
    assert len(of_lessons) == 3 and not any(map(refused, of_lessons.values()))
    notebook = of_lessons["notebooks/own-exercises.ipynb"]
    (marked,) = [each["metadata"]["nbgrader"] for each in notebook["cells"] if "points" in each["id"]]
    for change in ({"schema_version": 2}, {"grade_id": "eventlab-bakery-1"}, {"grade_id": "a b"}, {"more": 1}):
        before = dict(marked)
        marked.update(change)
        assert refused(notebook), change
        marked.clear()
        marked.update(before)


@pytest.mark.slow
def test_nbgrader_hands_out_collects_and_grades_it(tmp_path: Path) -> None:
    """EVENTLAB_NBGRADER names its command, which is in an environment of its own: it is none of our packages."""
    command = os.environ.get("EVENTLAB_NBGRADER") or shutil.which("nbgrader")
    if command is None:
        pytest.skip("nbgrader is not installed here; EVENTLAB_NBGRADER=/path/to/nbgrader names it")
    line = round_trip(Path(command).resolve(), tmp_path)
    assert (float(line["score"]), float(line["max_score"])) == (4.0, 8.0), line
