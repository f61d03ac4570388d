"""Many processes try to write the same version of a stream at the same moment, again and again: one of them wins.

The control reads the version, finds it as expected and inserts: several win.
"""

from __future__ import annotations

import tempfile
import time
from collections import Counter
from contextlib import closing
from itertools import pairwise
from pathlib import Path
from random import Random
from typing import Any

import apsw

from eventlab.errors import WrongExpectedVersion
from eventlab.event import Event
from eventlab.histories import ACKNOWLEDGED, CONFLICTED, Append, anomalies
from eventlab.rows import Appended
from eventlab.store import Store
from tests.attacks.children import children, hear, say, tell, told
from tests.attacks.notes import log

EARLY = 1_500_000  # nanoseconds from the call to the start: all racers have heard it by then


class Naive:
    """Reads the version, and writes if it is the expected one."""

    def __init__(self, path: str) -> None:
        self.db = apsw.Connection(path)
        self.db.set_busy_timeout(30_000)
        self.db.pragma("synchronous", 0)

    def append(self, stream: str, events: list[Event], expected: int) -> Appended:
        version: Any = self.db.execute("SELECT count(*) FROM events WHERE stream = ?", (stream,)).get
        if version != expected:
            raise WrongExpectedVersion(stream, expected, version)
        time.sleep(0.0005)  # what was read is thought about; without it a busy machine may let nobody in between
        for event in events:
            version += 1
            self.db.execute("INSERT INTO events VALUES (?, ?, ?)", (stream, version, event.id))
        return Appended(stream, version, 0)


def race(me: str, path: str, kind: str) -> None:
    """Run in a process of its own: start when told, and say what came of it and when."""
    store = Naive(path) if kind == "naive" else Store(path, durable=False)
    tell("ready")
    while (heard := told()) is not None:
        stream, expected, count, start = heard
        events = [Event("raced", {"by": me}, id=f"{stream}/{expected}/{me}/{n}") for n in range(count)]
        time.sleep(max(0, start - time.monotonic_ns()) / 1e9)
        begun = time.monotonic_ns()
        try:
            done = store.append(stream, events, expected)
            answer = [ACKNOWLEDGED, done.version, done.position]
        except WrongExpectedVersion as error:
            answer = [CONFLICTED, error.actual, 0]
        tell([begun, time.monotonic_ns(), *answer])


def attack(processes: int, rounds: int, kind: str = "store", seed: int = 3) -> tuple[list[str], Counter[str]]:
    """What went wrong, and how many rounds were real races: two tries or more at the same time."""
    chance, versions, counts, wrong = Random(seed), Counter[str](), Counter[str](), Counter[str]()
    story: list[Append] = []
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "events.db")
        if kind == "naive":
            with closing(apsw.Connection(str(path))) as db:
                db.execute("PRAGMA journal_mode = wal; CREATE TABLE events (stream, version, id)").fetchall()
        with children(processes, race, path, kind) as racers:  # all open the file at once, and it is not there yet
            assert [hear(racer) for racer in racers] == ["ready"] * processes
            for n in range(rounds):
                # An old stream or a new one; the control, which loses count, always takes a new one.
                stream = f"race-{n if kind == 'naive' else chance.randrange(n // 10 + 3)}"
                count, expected = chance.randint(1, 3), versions[stream]
                start = time.monotonic_ns() + EARLY
                for racer in racers:
                    say(racer, [stream, expected, count, start])
                versions[stream] += count
                answers = [hear(racer) for racer in racers]
                winners = sum(answer[2] == ACKNOWLEDGED for answer in answers)
                if winners != 1:
                    wrong["more than one winner" if winners else "no winner"] += 1
                if any(version != versions[stream] for *_, version, _ in answers):
                    wrong["another version named"] += 1
                counts["races"] += any(a[1] > b[0] for a, b in pairwise(sorted(answers)))
                counts["tries"] += processes
                for me, (begun, ended, outcome, version, position) in enumerate(answers):
                    ids = tuple(f"{stream}/{expected}/{me}/{k}" for k in range(count))
                    story.append(Append(stream, ids, begun, ended, outcome, expected, version, position))
            for racer in racers:
                say(racer, None)
        if kind == "store":
            with Store(path) as store:
                store.verify()
                wrong.update(each.kind for each in anomalies(story, log(store)))
    return [f"{what}: {times}" for what, times in sorted(wrong.items())], counts


def main(long: bool) -> int:
    processes, rounds = (16, 5_000) if long else (8, 150)
    wrong, counts = attack(processes, rounds)
    print(f"{processes} processes, {rounds} rounds: {dict(counts)}; wrong: {wrong or 'nothing'}")
    found, counts = attack(processes, rounds // 10, "naive")
    print(f"control, reading and then writing, {rounds // 10} rounds: {dict(counts)}; wrong: {found}")
    return len(wrong) + (counts["races"] < rounds // 20) + (not any("more than one" in each for each in found))
