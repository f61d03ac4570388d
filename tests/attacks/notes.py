"""What writers note in files of their own, which outlive them: each append as it begins, and again with its answer."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable
from pathlib import Path

import msgspec

from eventlab.errors import WrongExpectedVersion
from eventlab.histories import ACKNOWLEDGED, CONFLICTED, UNKNOWN, Append, Place
from eventlab.rows import Appended
from eventlab.store import Store

encode = msgspec.json.Encoder().encode
decode = msgspec.json.Decoder(Append).decode
replaced = msgspec.structs.replace


class GaveUp(Exception):
    """A writer rolled its append back on purpose. It was noted as `CONFLICTED` from the beginning."""


def opened(path: Path) -> int:
    return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND)


def noted(out: int, append: Append, doing: Callable[[], Appended]) -> bool:
    """Do it, and note it before and after; whether it was acknowledged. One write for a line: a kill tears none."""
    begun = replaced(append, begun=time.monotonic_ns())
    os.write(out, encode(begun) + b"\n")
    try:
        done = doing()
        answer = replaced(begun, outcome=ACKNOWLEDGED, version=done.version, position=done.position)
    except WrongExpectedVersion as error:
        answer = replaced(begun, outcome=CONFLICTED, version=error.actual)
    except GaveUp:
        answer = begun
    os.write(out, encode(replaced(answer, ended=time.monotonic_ns())) + b"\n")
    return answer.outcome == ACKNOWLEDGED


def gather(files: Iterable[Path], story: dict[str, Append]) -> None:
    """Add what the files say to the story, by the appends' first ids. What is tried again began with the first try."""
    for path in files:
        with open(path, "rb") as file:
            for line in file:
                if not line.endswith(b"\n"):
                    continue
                append = decode(line)
                first = story.get(append.ids[0])
                if first is None:
                    story[append.ids[0]] = append
                elif append.outcome != UNKNOWN:
                    story[append.ids[0]] = replaced(append, begun=first.begun)


def unanswered(path: Path) -> Append | None:
    """The append in which a writer's notes break off; None if they end with an answer."""
    with open(path, "rb") as file:
        last = [line for line in file if line.endswith(b"\n")][-1:]
    return next((append for append in map(decode, last) if append.outcome == UNKNOWN), None)


def log(store: Store) -> list[Place]:
    """The whole store as the checker of histories takes it."""
    return [Place(each.position, each.stream, each.version, each.event.id) for each in store.read_all()]
