"""Grading killed with -9 in the middle, again and again: the same bytes at the end as without a kill, and no rest."""

from __future__ import annotations

import hashlib
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.classroom.large_class import make

CARELESS = """
import sys, time, msgspec
from eventlab.classroom.judge import Result
from eventlab.classroom.results import Results

def write(self, name, result):
    content = msgspec.json.encode(result)
    with open(self.folder / f"{name}.json", "wb", buffering=0) as file:
        file.write(content[:-2].replace(b'"share":1.0', b'"share":0.5'))
        time.sleep(0.3)
        file.seek(0)
        file.write(content)

def read(self, name):
    try:
        content = (self.folder / f"{name}.json").read_bytes()
        return msgspec.json.decode(content if content.endswith(b"}") else content + b'"}')
    except OSError:
        return None
    except msgspec.DecodeError:
        return Result("lost")

Results.write, Results.read = write, lambda self, name: (
    None if (found := read(self, name)) is None else msgspec.convert(msgspec.to_builtins(found), Result)
)
"""
RUN = "import sys\nfrom eventlab.classroom.__main__ import main\nsys.exit(main(sys.argv[1:]))\n"
IDS = ("01.1", "01.3", "09.5")


def main(long: bool) -> int:
    """A small class, killed three times, or a larger one, twelve times; and one with careless results."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        plan = make(folder, 30 if long else 6, IDS)
        (folder / "tmp").mkdir()
        finished(plan, folder / "whole.csv", RUN)
        whole = digest(folder / "whole.csv")
        struck, same = killed(plan, folder / "killed.csv", RUN, 12 if long else 3, whole)
        print(f"killed {struck} times in the middle: {'the same bytes' if same else 'OTHER BYTES'}")
        left = [path.name for path in (folder / "tmp").iterdir() if path.name.startswith("eventlab-")]
        print(f"left in the temporary folder: {left or 'nothing'}")
        caught = any(not killed(plan, folder / f"careless{turn}.csv", CARELESS + RUN, 6, whole)[1] for turn in range(5))
        print(f"control, results written in place and believed: {'found out' if caught else 'NOT FOUND OUT'}")
    return (not same) + (struck < 2) + bool(left) + (not caught)


def command(plan: Path, out: Path, program: str) -> list[str]:
    return [sys.executable, "-c", program, "grade", str(plan.parent / "in"), "--plan", str(plan), "--out", str(out)]


def finished(plan: Path, out: Path, program: str) -> int:
    """Grade to the end; the exit code."""
    return subprocess.run(command(plan, out, program), capture_output=True, env=surroundings(plan)).returncode


def surroundings(plan: Path) -> dict[str, str]:
    """The environment, with a temporary folder in which one sees what is left."""
    return {**os.environ, "TMPDIR": str(plan.parent / "tmp")}


def killed(plan: Path, out: Path, program: str, times: int, whole: str) -> tuple[int, bool]:
    """How often a kill struck while some answers were judged and others not, and whether the end is the same."""
    draws, struck = random.Random(out.name), 0
    results = out.with_name(f"{out.stem}-files") / "results"
    for _ in range(times):
        before = len(list(results.glob("*.json")))
        process = subprocess.Popen(
            command(plan, out, program), stdout=-3, stderr=-3, start_new_session=True, env=surroundings(plan)
        )
        while process.poll() is None and len(list(results.glob("*.json"))) <= before:
            time.sleep(0.01)
        time.sleep(draws.random() * 0.3)
        if process.poll() is None and not out.exists():
            os.killpg(process.pid, signal.SIGKILL)
            struck += 1
        process.wait()
    ended = finished(plan, out, program)
    return struck, ended == 0 and digest(out) == whole


def digest(out: Path) -> str:
    """Of the table and all pages."""
    whole = hashlib.sha256(out.read_bytes() if out.exists() else b"")
    for path in sorted(out.with_name(f"{out.stem}-files").rglob("*.html")):
        whole.update(path.name.encode() + path.read_bytes())
    return whole.hexdigest()
