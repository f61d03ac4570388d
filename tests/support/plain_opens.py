"""Who opens the file of a store in use, past the SQLite that uses it? Watched in every test (see conftest.py).

A process that closes a file anywhere drops all its POSIX locks on it. SQLite minds that within itself, but knows
nothing of a plain `open`, nor of the second SQLite that the standard library brings: afterwards another process may
write what this one believes to hold locked, and acknowledged events are lost.
"""

from __future__ import annotations

import os
import sys
from typing import Any
from weakref import WeakKeyDictionary

import apsw

BESIDE = ("", "-wal", "-shm", "-journal")
_seen: list[str] = []
# A connection at work in another thread does not say which file it holds, so each says it when it is opened.
_files: WeakKeyDictionary[apsw.Connection, str] = WeakKeyDictionary()


def watch() -> None:
    """Begin to look at every file that Python opens; nothing can end that."""
    apsw.connection_hooks.append(_note)
    sys.addaudithook(_look)


def taken() -> list[str]:
    """What was opened since the last call."""
    seen = [*_seen]
    _seen.clear()
    return seen


def _note(connection: apsw.Connection) -> None:
    if connection.filename:
        _files[connection] = os.path.realpath(connection.filename)


def _look(event: str, arguments: tuple[Any, ...]) -> None:
    if event not in ("open", "sqlite3.connect") or not isinstance(arguments[0], str | bytes | os.PathLike):
        return
    in_use = {_files[each] for each in apsw.connections() if each in _files}
    path = os.fsdecode(arguments[0])
    if in_use and os.path.realpath(path) in {file + beside for file in in_use for beside in BESIDE}:
        _seen.append(f"{event} {path}")
