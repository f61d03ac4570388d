"""How long a class takes to be graded: 100 students with six exercises each, and one student's once more.

python -m benchmarks.grading [STUDENTS]
"""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.classroom.class_of_thirty import notebook
from tests.classroom.large_class import EXERCISES, make


def main(students: int = 100) -> None:
    """Print the seconds of the clock and of the processors, beside how busy the machine is."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        plan = make(folder, students)
        graded(folder, plan, f"{students} students, {len(EXERCISES)} exercises")
        one = folder / "in" / "student000.ipynb"
        one.write_bytes(one.read_bytes().replace(b"# student 0", b"# handed in again"))
        graded(folder, plan, "one student's again")
        (folder / "alone").mkdir()
        (folder / "alone" / "anna.ipynb").write_bytes(notebook('check("01.1", "c f e b d a")'))
        graded(folder, plan, "one answer of one student", "alone")


def graded(folder: Path, plan: Path, words: str, place: str = "in") -> None:
    """Grade, and print how long it took."""
    command = [sys.executable, "-m", "eventlab.classroom", "grade", str(folder / place), "--plan", str(plan)]
    began, before = time.monotonic(), resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([*command, "--out", str(folder / f"{place}.csv")], check=True, capture_output=True)
    after, seconds = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic() - began
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    busy = f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()}"
    print(f"{words}: {seconds:.0f} s, {cpu:.0f} s of processors; {busy}", flush=True)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
