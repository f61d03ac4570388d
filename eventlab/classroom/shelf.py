"""The folder from which a submission's process runs: eventlab without answers and judges, and the record of 2013."""

from __future__ import annotations

import compileall
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from eventlab.classroom import lent

PACKAGE = Path(__file__).parents[1]
BEGINS, LOCK = "eventlab-grading-", ".lock"
ROOMS = ("lessons", "control_room", "classroom")  # left out, but for these modules of them:
NEEDED = {
    "lessons/judging": ("instead", "memory", "model", "own_state", "prose", "reading", "testbed", "watching"),
    "classroom": ("inside", "limits", "program", "server", "wire"),
}


@contextmanager
def shelf() -> Iterator[Path]:
    """Such a folder, for as long as somebody is being graded; those that a killed grader left are cleared away."""
    _clear()
    with tempfile.TemporaryDirectory(prefix=BEGINS) as name, (Path(name) / f"{LOCK}.part").open("wb") as lock:
        folder = Path(name).resolve()
        if _held(lock):
            os.rename(lock.name, folder / LOCK)  # so a lock that stands there is held, for as long as its grader lives
        fill(folder)
        folder.chmod(0o755)
        yield folder


def _clear() -> None:
    """Remove the shelves that nobody holds any more. Where there is no such lock (Windows), none is removed."""
    for folder in Path(tempfile.gettempdir()).glob(f"{BEGINS}*"):
        with suppress(OSError):  # somebody else's, or being cleared away by another
            if not folder.is_symlink() and _is_left(folder / LOCK):
                shutil.rmtree(folder)


def _is_left(path: Path) -> bool:
    with path.open("rb") as lock:
        return _held(lock)


def _held(lock: IO[bytes]) -> bool:
    """Whether this process has the lock now. A judge that it starts has it too."""
    if sys.platform == "win32":
        return False
    import fcntl

    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def fill(folder: Path) -> None:
    """Copy what an answer may import, and what serves it."""
    to = folder / "eventlab"
    shutil.copytree(PACKAGE, to, ignore=_left_out)
    if (PACKAGE.parent / "data").is_dir():
        shutil.copytree(PACKAGE.parent / "data", folder / "data", ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    for room, names in NEEDED.items():
        place = to
        for part in room.split("/"):
            place = place / part
            place.mkdir(exist_ok=True)
            (place / "__init__.py").write_text(lent.EMPTY, "utf-8")
        for name in names:
            shutil.copy2(PACKAGE / room / f"{name}.py", place / f"{name}.py")
    lent.lend(PACKAGE / "lessons", to / "lessons")
    compileall.compile_dir(folder, quiet=2)


def _left_out(folder: str, names: list[str]) -> list[str]:
    """The rooms that are not copied. What Python has compiled of others is: it need not be compiled again."""
    return [name for name in names if name in ROOMS and Path(folder) == PACKAGE]
