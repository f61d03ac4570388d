"""Every method of a store, used by a forked process, by another thread, or after it was closed: each use is refused.

The owner goes on appending meanwhile, and half of the forked processes end as Python ends, with everything put away.
The control is a store that does not ask who uses it.
"""

from __future__ import annotations

import os
import sys
import tempfile
import threading
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from random import Random

from eventlab.errors import StoreUnavailable
from eventlab.event import Event
from eventlab.store import Store
from tests.attacks.children import children, hear, tell

ROUNDS, USES_EACH = 200, 10
WAYS = ("fork", "thread", "after close")
COPY = "copy.db"

USES: dict[str, Callable[[Store, str], object]] = {
    "append": lambda store, id: store.append("strange-1", Event("noted", id=id)),
    "append to a known stream": lambda store, id: store.append(
        "own-1", [Event("noted", id=id)], store.version("own-1")
    ),
    "append a long batch": lambda store, id: store.append(
        "own-1", [Event("noted", id=f"{id}-{n}") for n in range(600)]
    ),
    "append again": lambda store, id: store.append("own-1", Event("noted", id="own-0")),
    "read": lambda store, id: list(store.read("own-1")),
    "read_category": lambda store, id: list(store.read_category("own")),
    "read_all": lambda store, id: list(store.read_all()),
    "find": lambda store, id: store.find("own-0"),
    "version": lambda store, id: store.version("own-1"),
    "position": lambda store, id: store.position,
    "len": lambda store, id: len(store),
    "streams": lambda store, id: store.streams(),
    "save_snapshot": lambda store, id: store.save_snapshot("own-1", 1, {}),
    "snapshot": lambda store, id: store.snapshot("own-1"),
    "save_checkpoint": lambda store, id: store.save_checkpoint("strange", 1),
    "checkpoint": lambda store, id: store.checkpoint("strange"),
    "load_checkpoint": lambda store, id: store.load_checkpoint("strange"),
    "claim": lambda store, id: store.claim("strange"),
    "claimed": lambda store, id: store.claimed("strange"),
    "checkpoint_state": lambda store, id: store.checkpoint_state("strange"),
    "reset_checkpoint": lambda store, id: store.reset_checkpoint("own"),
    "verify": lambda store, id: store.verify(),
    "backup": lambda store, id: store.backup(Path(store.path).with_name(COPY)),
    "watch": lambda store, id: store.watch(lambda: None),
    "close": lambda store, id: store.close(),  # the last one: closing twice is allowed
}


class Unguarded(Store):
    """Does not ask who uses it."""

    _db = property(lambda self: self._connection)


def misuse(store: Store, chance: Random, names: list[str], reason: str) -> list[str]:
    """What was not refused, of some random uses."""
    wrong = []
    for name in chance.choices(names, k=USES_EACH):
        try:
            USES[name](store, f"strange-{chance.random()}")
            wrong.append(f"{name}: not refused")
        except StoreUnavailable as error:
            if reason not in error.reason:
                wrong.append(f"{name}: {error}")
        except Exception as error:
            wrong.append(f"{name}: {error!r}")
    return wrong


def left_behind(store: Store, count: int) -> list[str]:
    """What strangers changed in a store to which its owner appended so many events."""
    store.verify()
    found = {
        "events": [each.event.id for each in store.read_all()] != [f"own-{n}" for n in range(count)],
        "a checkpoint": store.checkpoint("own") != 1 or store.checkpoint("strange") > 0,
        "a claim": store.claimed("strange") > 0,
        "a snapshot": store.snapshot("own-1") is not None,
        "a copy": Path(store.path).with_name(COPY).exists(),
    }
    return [f"{what}: changed" for what, changed in found.items() if changed]


def suffer(me: str, path: str, kind: str, rounds: str, way: str) -> None:
    """Run in a process of its own: be used by strangers, and say after each round what was not refused."""
    kept, number = Unguarded if kind == "unguarded" else Store, 1
    store = kept(path, durable=False)
    store.append("own-1", Event("noted", id="own-0"))
    store.save_checkpoint("own", 1)
    for n in range(int(rounds)):
        chance = Random(f"{way} {n}")
        if way == "fork":
            if (child := os.fork()) == 0:
                tell(misuse(store, chance, [*USES], "another process"))
                if chance.random() < 0.5:
                    os._exit(0)
                sys.exit()
            while os.waitpid(child, os.WNOHANG) == (0, 0):
                store.append("own-1", Event("noted", id=f"own-{number}"))
                number += 1
        elif way == "thread":
            thread = threading.Thread(
                target=lambda *given: tell(misuse(*given)), args=(store, chance, [*USES], "thread")
            )
            thread.start()
            thread.join()
        else:
            store.close()
            tell(misuse(store, chance, [*USES][:-1], "it is closed"))
            store = kept(path, durable=False)
    tell(left_behind(store, number) if kind == "store" else [])


def attack(way: str, rounds: int, kind: str = "store") -> Counter[str]:
    """What was not refused when strangers came by this way, and what was left behind."""
    with tempfile.TemporaryDirectory() as folder:
        with children(1, suffer, Path(folder, "events.db"), kind, rounds, way) as (child,):
            return Counter(what for _ in range(rounds + 1) for what in hear(child))


def main(long: bool) -> int:
    rounds, broken = ROUNDS if long else 10, 0
    for way in WAYS:
        wrong = attack(way, rounds)
        print(f"{way}: {rounds * USES_EACH:,} uses; not refused, or left behind: {dict(wrong) or 'nothing'}")
        broken += wrong.total()
    for way in WAYS[:2]:
        wrong = attack(way, 10, "unguarded")
        print(f"control, not asking who it is, {way}: {wrong.total()} of {10 * USES_EACH} uses not refused")
        broken += wrong.total() == 0
    return broken
