"""What the learner has done so far, kept in one local file: no account, nothing leaves the machine.

The file is `.eventlab-progress.json` where the notebooks are, or what EVENTLAB_PROGRESS names; ":memory:" is no file.
Notebooks that are open together keep it together. Whatever is wrong with the file, the lesson goes on, and says so.
"""

from __future__ import annotations

import errno
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from itertools import count
from pathlib import Path
from typing import Any

import msgspec

from eventlab.errors import Invalid
from eventlab.lessons.judging import model


class Done(msgspec.Struct, forbid_unknown_fields=True):
    """Attempts and solutions by exercise, answers by question."""

    attempts: dict[str, int] = {}
    solved: dict[str, int] = {}  # at which attempt
    chosen: dict[str, str] = {}


LARGEST = 1 << 20  # bytes of a record of progress; all exercises together need some thousands
TRIES = 50  # to get the lock, a fiftieth of a second each: whoever holds it needs some thousandths
_memory = Done()  # what could not be written, or is to be kept nowhere else
_said: set[str] = set()


def _file() -> Path | None:
    name = os.environ.get("EVENTLAB_PROGRESS", "") or ".eventlab-progress.json"
    return None if name == ":memory:" else Path(os.path.realpath(name))


def read() -> Done:
    """What has been done. A file that is no record of progress is put aside: renamed, and left as it is."""
    path = _file()
    return _both(Done() if path is None else _kept(path), _memory)


def load(path: Path) -> Done:
    """The record in a file, an empty one if there is no file; what is no record of progress raises `Invalid`."""
    try:
        with path.open("rb") as file:
            content = file.read(LARGEST + 1)
        if len(content) > LARGEST:
            raise ValueError(f"more than {LARGEST:,} bytes")
        return msgspec.json.decode(content, type=Done)
    except FileNotFoundError:
        return Done()
    except (msgspec.DecodeError, ValueError, RecursionError) as error:
        raise Invalid("progress", where=str(path), expected="a record of progress", found=str(error)) from error


def note_attempt(id: str, solved: bool) -> None:
    """Count an attempt, and remember at which one it was solved."""

    def noted(done: Done) -> None:
        done.attempts[id] = done.attempts.get(id, 0) + 1
        if solved:
            done.solved.setdefault(id, done.attempts[id])

    _change(noted)


def note_choice(id: str, key: str) -> None:
    """Remember which option was chosen."""
    _change(lambda done: done.chosen.update({id: key}))


def beside(name: str, content: bytes) -> Path:
    """Write a file where the record of progress is, or where the notebook is, if there is none; its path."""
    kept = _file()
    path = (Path.cwd() if kept is None else kept.parent) / name
    write_whole(path, content)
    return path


def reset() -> None:
    """Forget everything."""
    _forget()
    if (path := _file()) is not None:
        try:
            with _locked(path):
                path.unlink(missing_ok=True)
        except OSError as error:
            _say(f"Your progress in {path} could not be forgotten ({error.strerror}).")


def as_rows(numbers: Sequence[str]) -> list[dict[str, Any]]:
    """A row for each exercise of these lessons."""
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


# The file -------------------------------------------------------------------------------------------------------------


def _change(noted: Callable[[Done], object]) -> None:
    """Read, change and write in one step. What cannot be written is remembered until this notebook is closed."""
    path = _file()
    if path is None:
        noted(_memory)
        return
    try:
        with _locked(path):
            done = _both(_read_or_put_aside(path), _memory)
            noted(done)
            _write(path, done)
            _forget()
    except OSError as error:
        done = read()
        noted(done)
        _memory.attempts, _memory.solved, _memory.chosen = done.attempts, done.solved, done.chosen
        _say(f"Your progress cannot be written to {path} ({error.strerror}): it is kept until this notebook is closed.")


def _kept(path: Path) -> Done:
    """What the file says, as far as it can be read."""
    try:
        try:
            return load(path)
        except Invalid:
            with _locked(path):
                return _read_or_put_aside(path)
    except OSError as error:
        _say(f"Your progress in {path} cannot be read ({error.strerror}): the lesson goes on without it.")
        return Done()


def _read_or_put_aside(path: Path) -> Done:
    """What the file says; nobody else may change it meanwhile, or a whole one could be put aside."""
    try:
        return load(path)
    except Invalid as broken:
        _put_aside(path, broken.found)
        return Done()


def _put_aside(path: Path, why: object) -> None:
    """Give a broken file another name, which no file has yet."""
    aside = next(name for n in count(1) if not (name := path.with_name(f"{path.name}.broken-{n}")).exists())
    path.rename(aside)
    _say(f"{path} was no record of progress ({why}). It is called {aside.name} now, and a new record begins.")


def _write(path: Path, done: Done) -> None:
    """Write a file that `load` reads."""
    content = msgspec.json.format(msgspec.json.encode(done)) + b"\n"
    if len(content) > LARGEST:
        raise OSError(errno.EFBIG, f"it would have more than {LARGEST:,} bytes")
    write_whole(path, content)


def write_whole(path: Path, content: bytes) -> None:
    """A file that appears whole or not at all, whoever else writes one; only its owner may read it."""
    number, name = tempfile.mkstemp(prefix=f"{path.name}.", suffix=".part", dir=path.parent)
    try:
        with open(number, "wb") as file:
            file.write(content)
        os.replace(name, path)
    finally:
        with suppress(OSError):
            os.unlink(name)


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    """Nobody else changes the file meanwhile. After a second it is changed all the same: the holder must be asleep."""
    with open(path.with_name(f"{path.name}.lock"), "ab") as file:
        for _ in range(TRIES):
            if _lock(file.fileno()):
                break
            time.sleep(0.02)
        yield


def _lock(number: int) -> bool:
    """Try to lock an open file; closing it unlocks it."""
    try:
        if os.name == "nt":
            import msvcrt

            msvcrt.locking(number, msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined, unused-ignore]
        else:
            import fcntl

            if sys.platform != "emscripten":  # one process alone, whose module has no locks
                fcntl.flock(number, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:
        return os.name != "nt"  # a file system without locks
    return True


def _both(one: Done, other: Done) -> Done:
    """What one or the other record has; the other one's choices are newer."""
    attempts = {
        id: max(one.attempts.get(id, 0), other.attempts.get(id, 0)) for id in {**one.attempts, **other.attempts}
    }
    return Done(attempts, {**other.solved, **one.solved}, {**one.chosen, **other.chosen})


def _forget() -> None:
    for kept in (_memory.attempts, _memory.solved, _memory.chosen):
        kept.clear()


def _say(sentence: str) -> None:
    """Say it once."""
    if sentence not in _said:
        _said.add(sentence)
        print(sentence)
