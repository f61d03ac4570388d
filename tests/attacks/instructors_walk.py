"""An instructor's walk by docs/INSTRUCTORS.md alone: every command as it is written there, from a clone to grades.

Only what the document asks a person to do is done here: the plan is its own, as are the words of docs/GRADING.md. The
long form makes the environment too, from a network, and takes every command, also those that ask twice for the like.
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
import time
import tomllib
from pathlib import Path

from eventlab.lessons.judging.handed_in import sealed
from eventlab.lessons.judging.progress import Done
from tests.classroom.class_of_thirty import make
from tests.support import REPO

INSTRUCTORS = (REPO / "docs" / "INSTRUCTORS.md").read_text("utf-8")
GRADING = (REPO / "docs" / "GRADING.md").read_text("utf-8")
COMMAND = re.compile(r"(?:python3 workbook\.py |`)(class (?:student|answers|instructor|grade) [^`\n|]*)")
WRITTEN = {  # what there must be after a command, seen from the clone
    "student": "{out}/workbook.py", "answers": "{out}/01-request-driven.ipynb", "instructor": "{out}/index.html",
    "grade": "../grades-files/class.html",
}  # fmt: skip
MOODLE = "Full name,Email address,Grade\n" + "".join(f"{name},{name}@x.edu,\n" for name in ("ada0", "gina", "nobody"))


def commands() -> list[list[str]]:
    """Each command of the two documents as its words, without `python3 workbook.py`."""
    found = [match.strip() for text in (INSTRUCTORS, GRADING) for match in COMMAND.findall(text)]
    return [shlex.split(each) for each in dict.fromkeys(found) if "…" not in each]


def plan() -> str:
    """The plan of docs/INSTRUCTORS.md, with what docs/GRADING.md sets in addition."""
    (whole,) = re.findall(r"```toml\n(.*?)```", INSTRUCTORS, re.DOTALL)
    indented = "\n".join(line[4:] for line in GRADING.splitlines() if line.startswith("    ") or not line)
    return f"{whole}\n{indented[indented.index('[grading]') :]}"


def filled_in(words: list[str], number: int) -> list[str]:
    """A command as somebody types it: a folder for OUT, his own for SUBMISSIONS, the optional words with it."""
    there = {"OUT": f"../out{number}", "SUBMISSIONS": "../handed-in", "grades.csv": "../grades.csv"}
    there |= {"week3.toml": "../week3.toml", "plan.toml": "../week3.toml", "exported.csv": "../exported.csv"}
    return [there.get(word, word) for word in (word.strip("[]") for word in words)]


def prepare(folder: Path) -> None:
    """What a person does: clones, writes the plan, copies the own exercise, unpacks what a class has handed in."""
    subprocess.run(["git", "clone", "-q", str(REPO), str(folder / "workbook")], check=True)
    (folder / "home").mkdir()
    (folder / "week3.toml").write_text(plan(), "utf-8")
    shutil.copytree(REPO / "docs" / "own-exercise", folder / tomllib.loads(plan())["own"][0])
    make(folder / "handed-in")
    (folder / "handed-in" / "Anna Smith.progress.json").write_bytes(sealed("Anna Smith", Done({"01.1": 1}, {}), {}))
    (folder / "exported.csv").write_text(MOODLE, "utf-8")


def typed(words: list[str], folder: Path, long: bool) -> str:
    """What is wrong with what comes of a command; nothing, if it does what the document says."""
    environment = {"PATH": os.environ["PATH"], "HOME": str(folder / "home"), "LANG": "C.UTF-8"}
    environment |= {} if long else {"EVENTLAB_VENV": sys.prefix}
    began, here = time.monotonic(), folder / "workbook"
    done = subprocess.run(
        [sys.executable, "workbook.py", *words], cwd=here, env=environment, capture_output=True, text=True
    )
    print(f"{time.monotonic() - began:6.0f} s  {' '.join(words)}", flush=True)
    if done.returncode:
        return f"{' '.join(words)}: {done.stderr[-2000:] or done.stdout[-2000:]}"
    wanted = WRITTEN.get(words[1], "").format(out=words[2] if words[2:] else "")
    return "" if (here / wanted).exists() else f"{' '.join(words)}: no {wanted}\n{done.stdout}"


def main(long: bool) -> int:
    """Walk; the number of commands that do not do what the document says."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        prepare(folder)
        known = [filled_in(words, number) for number, words in enumerate(commands())]
        known = known if long else [words for words in known if not words[2].startswith("../out")]
        said = [typed(words, folder, long) for words in (["class", "--help"], *known)]
        grades = (folder / "grades.csv").read_text("utf-8") if (folder / "grades.csv").exists() else ""
        filled = (folder / "exported-filled.csv").exists()
    broken = [each for each in said if each] + ["no column was filled"] * (not filled)
    print("\n".join(broken) or f"{len(said)} commands did what they say; {grades.count(chr(10)) - 1} lines of grades")
    return len(broken)
