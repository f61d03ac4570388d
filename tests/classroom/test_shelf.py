"""The shelf, and what a killed grader leaves: nothing, after the next start. Groups, as docs/GRADING.md says."""

from __future__ import annotations

import os
import select
import signal
import subprocess
import sys
import tempfile
from contextlib import suppress
from pathlib import Path

import pytest

from eventlab.classroom import shelf as shelves
from eventlab.classroom.answers import Found
from eventlab.classroom.course import Course, Grading
from eventlab.classroom.grade import EXEMPT, of_groups
from eventlab.classroom.judge import Result
from eventlab.classroom.limits import why_no_user
from eventlab.classroom.line import Line
from eventlab.classroom.submissions import Cell, Notebook, Submission
from tests.support import REPO

SLEEPS = """
import os, sys
from eventlab.classroom import limits
limits.end_with_parent()
print(os.getpid(), flush=True)
sys.stdin.read()
while True: pass
"""
STARTS = """
import subprocess, sys
child = subprocess.Popen([sys.executable, "-c", sys.argv[1]], stdout=subprocess.PIPE, stdin=subprocess.PIPE, text=True)
print(child.stdout.readline(), flush=True)
sys.stdin.read()
"""


@pytest.mark.skipif(sys.platform == "win32", reason="without such locks nothing is cleared away")
def test_a_shelf_whose_grader_was_killed_is_gone_at_the_next_start_and_a_held_one_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setattr(shelves, "fill", lambda folder: (folder / "eventlab").mkdir())
    for name in ("left", "unknown"):
        (tmp_path / f"{shelves.BEGINS}{name}" / "eventlab").mkdir(parents=True)
    (tmp_path / f"{shelves.BEGINS}left" / shelves.LOCK).touch()
    (tmp_path / f"{shelves.BEGINS}pointer").symlink_to(tmp_path / f"{shelves.BEGINS}unknown")
    with shelves.shelf() as first, shelves.shelf() as second:
        assert first != second and (first / "eventlab").is_dir() and (second / "eventlab").is_dir()
        names = {path.name.removeprefix(shelves.BEGINS) for path in tmp_path.iterdir()}
        assert names == {"unknown", "pointer", *(each.name.removeprefix(shelves.BEGINS) for each in (first, second))}
    assert not first.exists() and not second.exists()


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux ends a process with the one that started it")
def test_a_process_that_loops_ends_with_the_killed_one_that_started_it() -> None:
    command = [sys.executable, "-c", STARTS, SLEEPS]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stdin=subprocess.PIPE, text=True, cwd=REPO) as starter:
        assert starter.stdout is not None
        number = int(starter.stdout.readline())
        ends = os.pidfd_open(number)  # readable as soon as it has ended
        starter.kill()
    try:
        assert select.select([ends], [], [], 60)[0], "it is still there"
    finally:
        with suppress(ProcessLookupError):
            signal.pidfd_send_signal(ends, signal.SIGKILL)
        os.close(ends)


def test_it_is_said_why_an_answer_has_no_user_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if not hasattr(os, "geteuid") or sys.platform != "linux":
        assert "none to lend" in why_no_user([])
        return
    (tmp_path / "shut" / "python").mkdir(parents=True)
    (tmp_path / "shut").chmod(0o700)
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    assert "only root" in why_no_user(["/usr"])
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    assert why_no_user(["/usr"]) == "" and "nobody else may read /" in why_no_user([str(tmp_path / "shut" / "python")])


def test_a_group_shares_points_with_whoever_has_handed_in_nothing() -> None:
    def handed_in(student: str, group: str) -> Submission:
        return Submission(student, [Notebook("01.ipynb", [Cell("code", f"# Group: {group}")])])

    submissions = [handed_in("anna", "ben, Cleo, dan"), handed_in("cleo", "dan, eva")]
    lines = [Line(student, "01.3", 1.0, Found(None, []), Result("right", 1.0), kept) for student, kept in (
        ("anna", 0.8), ("cleo", 0.5))]  # fmt: skip
    course = Course(["01"], grading=Grading(groups=True, exempt={"eva": ["01.3"]}))
    found = {line.student: line for line in of_groups(lines, submissions, course)}
    assert set(found) == {"ben", "dan", "eva"}  # Cleo has handed in something
    assert found["ben"].points == found["dan"].points == 0.8  # what late days left; and the first that names one counts
    assert (found["eva"].points, found["eva"].most, found["eva"].result.verdict) == (0.0, 0.0, EXEMPT)
    assert found["dan"].notes == ["Handed in by anna for the group."]
