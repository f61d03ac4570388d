"""What the learner has done so far, kept in one local file: no account, nothing leaves the machine.

The file is `.eventlab-progress.json` where the notebooks are, or what EVENTLAB_PROGRESS names; ":memory:" is no file.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec

from eventlab.errors import Invalid


class Done(msgspec.Struct, forbid_unknown_fields=True):
    """Attempts and solutions by exercise, answers by question."""

    attempts: dict[str, int] = {}
    solved: dict[str, int] = {}  # at which attempt
    chosen: dict[str, str] = {}


LARGEST = 1 << 20  # bytes of a record of progress; all exercises together need some thousands
_memory = Done()


def _file() -> Path | None:
    name = os.environ.get("EVENTLAB_PROGRESS", ".eventlab-progress.json")
    return None if name == ":memory:" else Path(name)


def read() -> Done:
    """What has been done. A file that is no record of progress raises `Invalid`, and is left as it is."""
    path = _file()
    if path is None:
        return _memory
    try:
        with path.open("rb") as file:
            content = file.read(LARGEST + 1)
        if len(content) > LARGEST:
            raise OSError(f"more than {LARGEST:,} bytes")
        return msgspec.json.decode(content, type=Done)
    except FileNotFoundError:
        return Done()
    except (msgspec.DecodeError, UnicodeDecodeError, OSError) as error:
        expected = "a record of progress; progress(reset=True) begins a new one"
        raise Invalid("progress", where=str(path), expected=expected, found=str(error)) from error


def write(done: Done) -> None:
    """Keep it: the file appears whole or not at all. Where it cannot be written, the lesson goes on without it."""
    path = _file()
    if path is None:
        return
    part = path.with_name(path.name + ".part")
    try:
        part.write_bytes(msgspec.json.format(msgspec.json.encode(done)) + b"\n")
        part.replace(path)
    except OSError:
        part.unlink(missing_ok=True)


def note_attempt(id: str, solved: bool) -> None:
    """Count an attempt, and remember at which one it was solved."""
    done = read()
    done.attempts[id] = done.attempts.get(id, 0) + 1
    if solved:
        done.solved.setdefault(id, done.attempts[id])
    write(done)


def note_choice(id: str, key: str) -> None:
    """Remember which option was chosen."""
    done = read()
    done.chosen[id] = key
    write(done)


def reset() -> None:
    """Forget everything."""
    for kept in (_memory.attempts, _memory.solved, _memory.chosen):
        kept.clear()
    path = _file()
    if path is not None:
        path.unlink(missing_ok=True)


def as_rows(numbers: Sequence[str]) -> list[dict[str, Any]]:
    """A row for each exercise of these lessons."""
    from eventlab.lessons.judging import model

    done = read()
    return [
        {
            "exercise": each.id,
            "what": each.title,
            "kind": each.kind,
            "attempts": done.attempts.get(each.id, 0),
            "solved": "yes" if each.id in done.solved else "",
        }
        for number in numbers
        for each in model.lesson(number).exercises
    ]
