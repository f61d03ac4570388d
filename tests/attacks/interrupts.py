"""SIGINT at random moments in a process that appends: no transaction stays open, no lock is held, no batch is torn.

A notebook's *Interrupt* sends it. The control begins a transaction, works a little, and only then promises to end it.
"""

from __future__ import annotations

import signal
import tempfile
import time
from collections import Counter
from contextlib import suppress
from pathlib import Path
from random import Random

from eventlab.errors import EventIdConflict
from eventlab.event import Event
from eventlab.store import Store
from tests.attacks.children import children, hear, say, tell, told
from tests.support import store_door

LONG_BATCH = 1000  # too long for one statement: a transaction


class Work:
    """Appends of every kind without end; `inside` says whether one is going on."""

    def __init__(self, store: Store) -> None:
        self.store, self.count, self.inside = store, 0, False
        store.append("short", Event("noted", id="0"))

    def step(self) -> None:
        self.count += 1
        self.inside = True
        self.append(self.count)
        self.inside = False

    def append(self, n: int) -> None:
        if n % 7 == 0:
            self.store.append("long", [Event("noted", id=f"{n}-{k}") for k in range(LONG_BATCH)])
        elif n % 7 == 1:
            with suppress(EventIdConflict):
                self.store.append("other", [Event("noted", {"again": n}, id="0")])
        else:
            self.store.append("short", Event("noted", id=str(n)))


class NaiveWork(Work):
    def append(self, n: int) -> None:
        db = store_door.connection(self.store)
        db.execute("BEGIN IMMEDIATE")
        rows = [(f"{n}-{k}", 0) for k in range(50)]  # an interrupt here: nobody has promised to roll back yet
        try:
            db.executemany("INSERT INTO checkpoints VALUES (?, ?, 'null')", rows)
            db.execute("COMMIT")
        except BaseException:
            if db.in_transaction:
                db.execute("ROLLBACK")
            raise


def work(me: str, path: str, kind: str) -> None:
    """Run in a process of its own: work until interrupted, and say how that left things."""
    store = Store(path, durable=False)
    working = NaiveWork(store) if kind == "naive" else Work(store)
    on = True
    while on:
        try:
            tell("working")
            while True:
                working.step()
        except KeyboardInterrupt:
            tell([working.inside, store_door.connection(store).in_transaction])
            if store_door.connection(store).in_transaction:
                store_door.connection(store).execute("ROLLBACK")
            on = told()
    store.close()


def attack(interrupts: int, kind: str = "store", seed: int = 8) -> Counter[str]:
    """How many interrupts fell into an append, and what they left; raises where others cannot go on at once."""
    chance, counts = Random(seed), Counter[str]()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "events.db")
        with children(1, work, path, kind) as (child,), Store(path, durable=False) as store:
            for n in range(1, interrupts + 1):
                assert hear(child) == "working"
                time.sleep(chance.random() / 200)
                child.send_signal(signal.SIGINT)
                inside, in_transaction = hear(child)
                counts["inside"] += inside
                counts["left open"] += in_transaction
                if kind == "store":  # a lock left behind would make this wait for half a minute, and fail
                    assert store.append("mine", Event("noted", id=f"mine-{n}")).version == n
                say(child, n < interrupts)
            store.verify()
            batches = Counter(each.event.id.split("-")[0] for each in store.read("long"))
            counts["torn"] = sum(size != LONG_BATCH for size in batches.values())
    return counts


def main(long: bool) -> int:
    interrupts = 20_000 if long else 150
    found = attack(interrupts)
    print(f"{interrupts:,} interrupts: {dict(found)}")
    control = attack(interrupts // 5, "naive")
    print(f"control, BEGIN before try, {interrupts // 5:,} interrupts: {dict(control)}")
    return found["left open"] + found["torn"] + (found["inside"] < interrupts // 3) + (control["left open"] == 0)
