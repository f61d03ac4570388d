"""Who opens the file of a store in use, past the SQLite that uses it? Watched in every test (see conftest.py).

A process that closes a file anywhere drops all its POSIX locks on it. SQLite minds that within itself, but knows
nothing of a plain `open`, nor of the second SQLite that the standard library brings: afterwards another process may
write what this one believes to hold locked, and acknowledged events are lost.
"""

from __future__ import annotations

import os
import sys
from typing import Any

import apsw

BESIDE = ("", "-wal", "-shm", "-journal")
_seen: list[str] = []


def watch() -> None:
    """Begin to look at every file that Python opens; nothing can end that."""
    sys.addaudithook(_look)


def taken() -> list[str]:
    """What was opened since the last call."""
    seen = [*_seen]
    _seen.clear()
    return seen


def _look(event: str, arguments: tuple[Any, ...]) -> None:
    if event not in ("open", "sqlite3.connect") or not isinstance(arguments[0], str | bytes | os.PathLike):
        return
    in_use = {os.path.realpath(each.filename) for each in apsw.connections() if each.filename}
    path = os.fsdecode(arguments[0])
    if in_use and os.path.realpath(path) in {file + beside for file in in_use for beside in BESIDE}:
        _seen.append(f"{event} {path}")
