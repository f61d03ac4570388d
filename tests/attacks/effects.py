"""kill -9 of a subscriber: what it keeps in the store is done exactly once, what it does elsewhere at least once.

A writer goes on beside it. A subscriber's state is saved with its position in one step. An effect elsewhere comes
before the position is saved, so a kill in between makes it happen again, under the same position, by which the other
side can tell. Controls: state and position in two steps, and the position saved before the effect.
"""

from __future__ import annotations

import itertools
import mmap
import os
import signal
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random
from typing import Any

import apsw

from eventlab.event import Event
from eventlab.projection import Projection
from eventlab.store import Store
from tests.attacks.children import forked

SHORT, LONG = 60, 1_000
STARTING, IDLE, WORKING, BETWEEN = range(4)  # what the subscriber was doing when it was killed
Stage = Callable[[int], None]


def evolve(state: Any, event: Event) -> Any:
    """Counts what it sees: `next` is the number that should come now."""
    n, expected = event.data["n"], state["next"]
    return {
        "next": max(expected, n + 1),
        "missing": state["missing"] + max(0, n - expected),
        "double": state["double"] + (n < expected),
    }


NAMES = ("board", "position", "state", "mails")  # of the checkpoints
INITIAL = {"next": 1, "missing": 0, "double": 0}


# -- subscribers, each for ever ----------------------------------------------------------------------------------------


def in_one_step(store: Store, outside: Path, stage: Stage) -> None:
    board = Projection("board", evolve, INITIAL)
    board.restore(store)
    while True:
        stage(WORKING)
        news = board.catch_up(store)
        stage(BETWEEN if news else IDLE)
        if news:
            pause()
            board.save(store)


def in_two_steps(store: Store, outside: Path, stage: Stage, state_first: bool = False) -> None:
    """Control: what is right alone, one after the other."""
    board = Projection("board", evolve, INITIAL)
    board._now = store.checkpoint_state("state") or INITIAL, store.checkpoint("position")
    steps = [
        lambda: store.save_checkpoint("position", board.position),
        lambda: store.save_checkpoint("state", board.position, board.state),
    ]
    while True:
        stage(WORKING)
        if board.catch_up(store):
            for step in reversed(steps) if state_first else steps:
                step()
                stage(BETWEEN)
                pause()


def state_then_position(store: Store, outside: Path, stage: Stage) -> None:
    in_two_steps(store, outside, stage, state_first=True)


def new(store: Store, stage: Stage) -> Iterator[tuple[int, Event]]:
    """Every event behind the checkpoint, for ever."""
    while True:
        stage(IDLE)
        for recorded in store.read_all(after=store.checkpoint("mails")):
            stage(WORKING)
            yield recorded.position, recorded.event


def effect_then_position(store: Store, outside: Path, stage: Stage) -> None:
    """Send a mail for every event: a line in a file, which cannot be taken back."""
    file = os.open(outside, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    for position, _ in new(store, stage):
        os.write(file, b"%d\n" % position)
        stage(BETWEEN)
        pause()
        store.save_checkpoint("mails", position)


def position_then_effect(store: Store, outside: Path, stage: Stage) -> None:
    """Control: the same in the other order."""
    file = os.open(outside, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    for position, _ in new(store, stage):
        store.save_checkpoint("mails", position)
        stage(BETWEEN)
        pause()
        os.write(file, b"%d\n" % position)


def effect_known_by_position(store: Store, outside: Path, stage: Stage) -> None:
    """Add to a total in another database, which remembers the positions that it has seen."""
    other = apsw.Connection(str(outside))
    other.execute("""PRAGMA journal_mode = wal; PRAGMA synchronous = NORMAL;
                     CREATE TABLE IF NOT EXISTS seen (position INTEGER PRIMARY KEY);
                     CREATE TABLE IF NOT EXISTS totals (effects, sum, again);
                     INSERT INTO totals SELECT 0, 0, 0 WHERE NOT EXISTS (SELECT * FROM totals)""").fetchall()
    for position, event in new(store, stage):
        with other:
            other.execute("INSERT OR IGNORE INTO seen VALUES (?)", (position,))
            if other.changes():
                other.execute("UPDATE totals SET effects = effects + 1, sum = sum + ?", (event.data["n"],))
            else:
                other.execute("UPDATE totals SET again = again + 1")
        stage(BETWEEN)
        pause()
        store.save_checkpoint("mails", position)


def pause() -> None:
    time.sleep(0.001)  # an effect elsewhere takes its time: most kills come here


# -- what came of it ---------------------------------------------------------------------------------------------------


def in_state(store: Store, outside: Path) -> dict[str, int]:
    state = store.checkpoint_state("board") or store.checkpoint_state("state")
    return {"missing": state["missing"] + store.position + 1 - state["next"], "double": state["double"]}


def in_mails(store: Store, outside: Path) -> dict[str, int]:
    sent = Counter(map(int, outside.read_text().split()))
    return {"missing": store.position - len(sent), "double": sent.total() - len(sent)}


def in_total(store: Store, outside: Path) -> dict[str, int]:
    other = apsw.Connection(str(outside))
    ((effects, total, again),) = other.execute("SELECT * FROM totals").fetchall()
    other.close()
    right = sum(recorded.event.data["n"] for recorded in store.read_all())
    return {
        "missing": max(0, store.position - effects) + (total < right),
        "double": max(0, effects - store.position) + (total > right),
        "again": again,
    }


KINDS = {
    "state in one step": (in_one_step, in_state),
    "effect elsewhere": (effect_then_position, in_mails),
    "effect elsewhere, known by position": (effect_known_by_position, in_total),
    "control, position, then state": (in_two_steps, in_state),
    "control, state, then position": (state_then_position, in_state),
    "control, position, then effect": (position_then_effect, in_mails),
}


def attack(name: str, kills: int, seed: int = 1) -> dict[str, int]:
    """So many kills, then a subscriber that is left in peace: effects missing or done twice, and where kills struck."""
    work, judge = KINDS[name]
    chance, counts, numbers = Random(seed), Counter[str](), itertools.count(1)
    stage = mmap.mmap(-1, 1)  # shared with the subscriber
    with tempfile.TemporaryDirectory() as folder:
        path, outside = Path(folder, "events.db"), Path(folder, "outside")
        Store(path).close()
        while True:
            stage[0], last = STARTING, counts["kills"] == kills
            child = _subscriber(work, path, outside, stage)
            with Store(path, durable=False) as store:
                while stage[0] == STARTING and lives(child):
                    time.sleep(0.001)
                end = time.monotonic() + 0.004 + chance.random() / 50
                while not last and time.monotonic() < end:
                    n = next(numbers)
                    store.append(f"flight-{n % 3}", Event("noted", {"n": n}, id=f"e-{n}"))
                    time.sleep(0.0005)
                while last and lives(child) and max(map(store.checkpoint, NAMES)) < store.position:
                    time.sleep(0.01)
                if last:
                    time.sleep(0.05)  # the second of two steps
                elif chance.random() < 0.7:  # take aim, or a busy machine would seldom let one strike there
                    end += 0.05
                    while stage[0] != BETWEEN and time.monotonic() < end:
                        pass
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
            if last:
                break
            counts["kills"] += 1
            counts["struck between"] += stage[0] == BETWEEN
        with Store(path) as store:
            store.verify()
            return {**counts, "events": store.position, **judge(store, outside)}


def lives(child: int) -> bool:
    assert os.waitpid(child, os.WNOHANG) == (0, 0), "the subscriber ended by itself"
    return True


def _subscriber(work: Callable[..., None], path: Path, outside: Path, stage: mmap.mmap) -> int:
    return forked(lambda: work(Store(path, durable=False), outside, lambda now: stage.__setitem__(0, now)))


def broken(name: str, found: dict[str, int]) -> list[str]:
    """What is not as it should be: a promise broken, a fault that never struck, a control that saw nothing."""
    wrong = [] if found["struck between"] > found["kills"] // 10 else ["too few kills struck between two steps"]
    if name.startswith("control"):
        return wrong if found["missing"] or found["double"] else [*wrong, "the control saw nothing"]
    if found["missing"]:
        wrong.append("effects are missing")
    if found["double"] > (found["kills"] if name == "effect elsewhere" else 0):
        wrong.append("effects were done twice")
    if name.startswith("effect") and not found.get("again", found["double"]):
        wrong.append("no effect came twice: then nothing need tell them apart")
    return wrong


def main(long: bool) -> int:
    failed = 0
    for name in KINDS:
        found = attack(name, LONG if long else SHORT)
        wrong = broken(name, found)
        print(f"{name}: {found}{'; BROKEN: ' + ', '.join(wrong) if wrong else ''}", flush=True)
        failed += len(wrong)
    return failed
