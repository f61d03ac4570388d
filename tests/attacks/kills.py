"""kill -9 of three writers at random moments, a reader beside them, and every unanswered append tried again.

Each writer notes what it begins and what it was answered in a file of its own, which outlives it. The story is then
held against the store by `eventlab.histories`. Controls: a writer that answers before it appends, and one that appends
a batch event by event.
"""

from __future__ import annotations

import json
import os
import signal
import tempfile
import time
from collections import Counter
from pathlib import Path
from random import Random
from typing import Any

from eventlab.errors import WrongExpectedVersion
from eventlab.event import Event
from eventlab.histories import ACKNOWLEDGED, CONFLICTED, Append, Place, check
from eventlab.store import ANY, Store

WRITERS = 3
Note = dict[str, Any]


def write(path: Path, notes: Path, seed: int, kind: str, again: list[Note]) -> None:
    """Append until somebody kills this process; first of all what nobody knows about."""
    chance, store, n = Random(seed), Store(path, durable=kind != "fast"), 0
    out = os.open(notes, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    while True:
        if again:
            note = {**again.pop(), "begun": time.monotonic_ns()}
        else:
            stream, n = f"s-{chance.randrange(3)}", n + 1
            ids = [f"{seed}-{n}-{k}" for k in range(chance.randint(1, 5))]
            expected = store.version(stream) if chance.random() < 0.5 else None
            note = {"stream": stream, "ids": ids, "begun": time.monotonic_ns(), "expected": expected}
        os.write(out, json.dumps(note).encode() + b"\n")
        events = [Event("noted", {"text": "x" * (len(id) * 37 % 900)}, id=id) for id in note["ids"]]
        try:
            if kind == "answers first":
                said = {"outcome": ACKNOWLEDGED, "version": 0, "position": 0, "ended": time.monotonic_ns()}
                os.write(out, json.dumps({**note, **said}).encode() + b"\n")
                store.append(note["stream"], events)
                continue
            if kind == "one by one":
                for event in events:
                    done = store.append(note["stream"], event)
            else:
                done = store.append(note["stream"], events, ANY if note["expected"] is None else note["expected"])
            said = {"outcome": ACKNOWLEDGED, "version": done.version, "position": done.position}
        except WrongExpectedVersion as error:
            said = {"outcome": CONFLICTED, "version": error.actual}
        os.write(out, json.dumps({**note, **said, "ended": time.monotonic_ns()}).encode() + b"\n")


def _child(work: Any, *arguments: Any) -> int:
    if (child := os.fork()) == 0:
        try:
            work(*arguments)
        finally:
            os._exit(1)
    return child


def attack(cycles: int, kind: str = "store", seed: int = 1) -> tuple[list[str], Counter[str]]:
    """The kinds of anomalies found, and how often the kills struck where it hurts."""
    chance, story, counts = Random(seed), {}, Counter[str]()
    tail: list[int] = []
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "events.db")
        Store(path).close()
        unknown: list[Note] = []
        for cycle in range(cycles):
            notes = [Path(folder, f"notes-{cycle}-{n}") for n in range(WRITERS)]
            shares = [unknown[n::WRITERS] if kind in ("store", "fast") else [] for n in range(WRITERS)]
            children = [_child(write, path, notes[n], cycle * WRITERS + n, kind, shares[n]) for n in range(WRITERS)]
            end = time.monotonic() + 0.03 + chance.random() / 12
            with Store(path) as store:
                while time.monotonic() < end:
                    tail += [each.position for each in store.read_all(after=tail[-1] if tail else 0)]
                for child in children:
                    os.kill(child, signal.SIGKILL)
                counts["kills"] += sum(os.WTERMSIG(os.waitpid(child, 0)[1]) == signal.SIGKILL for child in children)
                tail += [each.position for each in store.read_all(after=tail[-1] if tail else 0)]
                unknown = []
                for line in (line for file in notes if file.exists() for line in file.read_bytes().splitlines(True)):
                    if line.endswith(b"\n"):
                        note = json.loads(line)
                        before = story.get(note["ids"][0])
                        if before and "outcome" in note and "outcome" not in before:
                            note["begun"] = before["begun"]  # tried again: the append began with the first try
                        if not (before and "outcome" not in note):
                            story[note["ids"][0]] = note
                for note in story.values():
                    if "outcome" not in note:
                        unknown.append(note)
                        counts["unknown, stored" if store.find(note["ids"][0]) else "unknown, not stored"] += 1
        with Store(path) as store:
            store.verify()
            log = [Place(each.position, each.stream, each.version, each.event.id) for each in store.read_all()]
    appends = [Append(**{**note, "ids": tuple(note["ids"])}) for note in story.values()]
    counts["acknowledged"] = sum(append.outcome == ACKNOWLEDGED for append in appends)
    counts["conflicted"] = sum(append.outcome == CONFLICTED for append in appends)
    counts["events"] = len(log)
    return sorted({each.kind for each in check(appends, log, tails={"beside": tail})}), counts


CONTROLS = {"answers first": "lost append", "one by one": "torn batch"}


def main(long: bool) -> int:
    cycles, broken = 170 if long else 34, 0
    for kind in ("store", "fast"):
        wrong, counts = attack(cycles, kind)
        struck = counts["unknown, stored"] and counts["unknown, not stored"]
        print(f"{kind}: {dict(counts)}; anomalies: {wrong or 'none'}{'' if struck else '; INVALID: no kill struck'}")
        broken += len(wrong) + (not struck)
    for kind, expected in CONTROLS.items():
        wrong, counts = attack(cycles, kind)
        print(f"control, {kind}: {counts['kills']} kills, found {wrong}")
        broken += expected not in wrong
    return broken
