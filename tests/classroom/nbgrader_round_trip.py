"""nbgrader's own round trip with a students' notebook: generate, release, fetch, submit, collect, autograde, export.

    python -m tests.classroom.nbgrader_round_trip /path/to/nbgrader

nbgrader is none of our packages: the path is that of its command, in an environment of its own. Answers are run by this
Python.
"""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from eventlab.classroom import student
from eventlab.classroom.notebooks import checked_in, source, with_source
from eventlab.classroom.plan import Plan
from tests.classroom.class_of_thirty import RIGHT
from tests.support import REPO

NAME = "01-request-driven.ipynb"
PLAN = Plan(lessons=["01"], points={"01.3": 4})
CONFIG = """
c = get_config()
c.CourseDirectory.course_id = "events"
c.CourseDirectory.root = {root!r}
c.Exchange.root = {exchange!r}
c.Exchange.timezone = "UTC"
c.ClearSolutions.enabled = False
c.ExecutePreprocessor.timeout = 600
"""


def round_trip(nbgrader: Path, folder: Path) -> dict[str, str]:
    """The line of nbgrader's own table for a student who has answered 01.3 rightly, and nothing else."""
    course, own, exchange = folder / "course", folder / "student", folder / "exchange"
    for each in (course / "source" / "week", own, exchange):
        each.mkdir(parents=True)
    exchange.chmod(0o777)
    for place in (course, own):
        (place / "nbgrader_config.py").write_text(CONFIG.format(root=str(place), exchange=str(exchange)), "utf-8")
    (course / "source" / "week" / NAME).write_bytes(student.book(PLAN)[f"notebooks/{NAME}"])
    environment = _environment(folder, nbgrader)
    who = subprocess.run(["id", "-un"], capture_output=True, text=True, check=True).stdout.strip()

    def run(place: Path, *command: str) -> None:
        done = subprocess.run([nbgrader, *command], cwd=place, env=environment, capture_output=True, text=True)
        assert done.returncode == 0, f"nbgrader {' '.join(command)}:\n{done.stderr[-3000:]}"

    run(course, "generate_assignment", "week", "--create")
    run(course, "release_assignment", "week")
    run(own, "fetch_assignment", "week", "--course", "events")
    answer(own / "week" / NAME)
    run(own, "submit", "week", "--course", "events")
    run(course, "collect", "week")
    run(course, "db", "student", "add", who)
    run(course, "autograde", "week")
    run(course, "generate_feedback", "week")
    run(course, "export", "--to", "grades.csv")
    with (course / "grades.csv").open(encoding="utf-8", newline="") as file:
        (line,) = [row for row in csv.DictReader(file) if row["student_id"] == who]
    return line


def answer(path: Path) -> None:
    """Answer 01.3 in a notebook that was fetched, as a student would."""
    notebook: Any = json.loads(path.read_text("utf-8"))
    cells = [cell for cell in notebook["cells"] if "points" not in cell["id"] and checked_in(cell) == "01.3"]
    assert len(cells) == 1
    place = notebook["cells"].index(cells[0])
    before = source(cells[0]).split("def ")[0]
    notebook["cells"][place] = with_source(cells[0], before + RIGHT)
    path.write_text(json.dumps(notebook), "utf-8")


def _environment(folder: Path, nbgrader: Path) -> dict[str, str]:
    """Folders of its own for Jupyter, and a kernel that is this Python with this package."""
    kernel = folder / "jupyter" / "kernels" / "python3"
    kernel.mkdir(parents=True)
    argv = [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    said = {"argv": argv, "display_name": "Python 3", "language": "python", "env": {"PYTHONPATH": str(REPO)}}
    (kernel / "kernel.json").write_text(json.dumps(said), "utf-8")
    home, path = str(folder / "home"), os.pathsep.join([str(nbgrader.parent), os.environ.get("PATH", "")])
    return {
        **os.environ, "PATH": path, "HOME": home, "JUPYTER_CONFIG_DIR": home, "JUPYTER_PREFER_ENV_PATH": "0",
        "JUPYTER_PATH": str(folder / "jupyter"), "JUPYTER_DATA_DIR": str(folder / "jupyter"),
        "EVENTLAB_PROGRESS": ":memory:",
    }  # fmt: skip


def main(arguments: Sequence[str]) -> int:
    """Make the round trip and print the line."""
    with tempfile.TemporaryDirectory() as folder:
        print(round_trip(Path(arguments[0]).resolve(), Path(folder)))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
