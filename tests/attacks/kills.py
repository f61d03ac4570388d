"""kill -9 of three writers at random moments, a reader beside them, and every unanswered append tried again.

Each writer notes what it begins and what it was answered in a file of its own, which outlives it. The story is then
held against the store by `eventlab.histories`. Controls: a writer that answers before it appends, and one that appends
a batch event by event.
"""

from __future__ import annotations

import os
import signal
import tempfile
import time
from collections import Counter
from pathlib import Path
from random import Random

from eventlab.event import Event
from eventlab.histories import ACKNOWLEDGED, CONFLICTED, UNKNOWN, Append, anomalies
from eventlab.rows import Appended
from eventlab.store import ANY, Store
from tests.attacks.children import forked
from tests.attacks.notes import gather, log, noted, opened, unanswered

WRITERS = 3


def write(path: Path, notes: Path, seed: int, kind: str, again: list[Append]) -> None:
    """Append until somebody kills this process; first of all what nobody knows about."""
    chance, store, n, out = Random(seed), Store(path, durable=kind != "fast"), 0, opened(notes)

    def do() -> Appended:
        events = [Event("noted", {"text": "x" * (len(id) * 37 % 900)}, id=id) for id in append.ids]
        if kind == "answers first":
            return Appended(append.stream, 0, 0)
        if kind == "one by one":
            return [store.append(append.stream, event) for event in events][-1]
        done = store.append(append.stream, events, ANY if append.expected is None else append.expected)
        if chance.random() < 0.1:
            time.sleep(0.005)  # the answer is slow, and a kill may come before it
        return done

    while True:
        if again:
            append = again.pop()
        else:
            stream, n = f"s-{chance.randrange(3)}", n + 1
            expected = store.version(stream) if chance.random() < 0.5 else None
            append = Append(stream, tuple(f"{seed}-{n}-{k}" for k in range(chance.randint(1, 5))), 0, expected=expected)
        noted(out, append, do)
        if kind == "answers first":
            store.append(append.stream, [Event("noted", id=id) for id in append.ids])


def attack(cycles: int, kind: str = "store", seed: int = 1) -> tuple[list[str], Counter[str]]:
    """The kinds of anomalies found, and how many kills struck between the beginning of an append and its answer."""
    chance, counts = Random(seed), Counter[str]()
    story: dict[str, Append] = {}
    tail: list[int] = []
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "events.db")
        Store(path).close()
        unknown: list[Append] = []
        for cycle in range(cycles):
            notes = [Path(folder, f"notes-{cycle}-{n}") for n in range(WRITERS)]
            shares = [unknown[n::WRITERS] if kind in ("store", "fast") else [] for n in range(WRITERS)]
            children = [forked(write, path, notes[n], cycle * WRITERS + n, kind, shares[n]) for n in range(WRITERS)]
            end = time.monotonic() + 0.03 + chance.random() / 12
            with Store(path) as store:
                while time.monotonic() < end:
                    tail += [each.position for each in store.read_all(after=tail[-1] if tail else 0)]
                for child in children:
                    os.kill(child, signal.SIGKILL)
                counts["kills"] += sum(os.WTERMSIG(os.waitpid(child, 0)[1]) == signal.SIGKILL for child in children)
                tail += [each.position for each in store.read_all(after=tail[-1] if tail else 0)]
                notes = [file for file in notes if file.exists()]
                gather(notes, story)
                unknown = [append for append in story.values() if append.outcome == UNKNOWN]
                for append in filter(None, map(unanswered, notes)):
                    counts["struck, stored" if store.find(append.ids[0]) else "struck, not stored"] += 1
        with Store(path) as store:
            store.verify()
            places = log(store)
    counts["acknowledged"] = sum(append.outcome == ACKNOWLEDGED for append in story.values())
    counts["conflicted"] = sum(append.outcome == CONFLICTED for append in story.values())
    counts["events"] = len(places)
    return sorted({each.kind for each in anomalies(list(story.values()), places, tails={"beside": tail})}), counts


CONTROLS = {"answers first": "lost append", "one by one": "torn batch"}


def main(long: bool) -> int:
    cycles, enough, broken = (170, 10, 0) if long else (34, 1, 0)
    for kind in ("store", "fast"):
        wrong, counts = attack(cycles, kind)
        struck = min(counts["struck, stored"], counts["struck, not stored"]) >= enough
        print(
            f"{kind}: {dict(counts)}; anomalies: {wrong or 'none'}{'' if struck else '; INVALID: too few kills struck'}"
        )
        broken += len(wrong) + (not struck)
    for kind, expected in CONTROLS.items():
        wrong, counts = attack(cycles, kind)
        print(f"control, {kind}: {counts['kills']} kills, found {wrong}")
        broken += expected not in wrong
    return broken
