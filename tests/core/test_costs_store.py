"""What the store's work costs grows as the work does: counted in SQLite's steps and statements, not in seconds."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from eventlab.aggregate import Aggregate
from eventlab.decider import Decider
from eventlab.event import Command, Event
from eventlab.histories import ACKNOWLEDGED, Append, Place, anomalies
from eventlab.projection import Projection
from eventlab.store import Store
from tests.support import store_door

counter = Decider(0, lambda command, state: Event("counted"), lambda state, event: state + 1)


def steps(store: Store, work: Callable[[], Any]) -> int:
    """How many hundred steps of SQLite's machine it takes."""
    count = 0

    def step() -> bool:
        nonlocal count
        count += 1
        return False

    db = store_door.connection(store)
    db.set_progress_handler(step, 100)
    work()
    db.set_progress_handler(None)
    return count


def filled(count: int) -> Store:
    store = Store()
    for start in range(0, count, 100):
        events = [Event("counted", {"n": n}, id=f"e-{n}", time=n) for n in range(start, start + 100)]
        store.append(f"thing-{start % 700}", events)
    return store


def snapshots(store: Store) -> None:
    for version in range(1, store.version("thing-0") + 1):
        store.save_snapshot("thing-0", version, version)


def commands(store: Store) -> None:
    things = Aggregate(store, "counted", counter, snapshot_every=20)
    for n in range(store.position):
        things.handle("1", Command("count", id=f"c-{n}"))
        things.handle("1", Command("count", id=f"c-{n}"))


WORKS: dict[str, Callable[[Store], Any]] = {
    "reading all": lambda store: list(store.read_all()),
    "reading a stream": lambda store: list(store.read("thing-0")),
    "reading a category": lambda store: list(store.read_category("thing")),
    "following": lambda store: Projection("board", counter.evolve, 0).catch_up(store),
    "verifying": lambda store: store.verify(),
    "keeping snapshots": snapshots,
    "verifying snapshots": lambda store: snapshots(store) or store.verify(),
    "handling commands twice": commands,
    "appending and repeating": lambda store: [
        store.append("new", Event("counted", id=f"new-{n % store.position}")) for n in range(2 * store.position)
    ],
    "naming streams": lambda store: store.streams(),
}


@pytest.mark.parametrize("work", WORKS)
def test_twice_the_work_costs_twice_as_much(work: str) -> None:
    small, large = filled(1_400), filled(2_800)
    cost, more = (steps(store, lambda store=store: WORKS[work](store)) for store in (small, large))
    assert cost > 5
    assert more < 2.5 * cost


def test_control_a_quadratic_reader_is_found() -> None:
    def again_and_again(store: Store) -> None:
        for position in range(0, store.position, 50):
            list(store.read_all(upto=position))

    small, large = filled(1_400), filled(2_800)
    cost, more = (steps(store, lambda store=store: again_and_again(store)) for store in (small, large))
    assert more > 3 * cost


def test_a_long_history_is_checked_in_one_go() -> None:
    def story(count: int) -> tuple[list[Append], list[Place]]:
        told = [Append(f"s-{n % 7}", (f"e-{n}",), 3 * n, 3 * n + 1, ACKNOWLEDGED, None, n // 7 + 1, n + 1)
                for n in range(count)]  # fmt: skip
        again = [Append(a.stream, a.ids, a.ended + 1, a.ended + 2, a.outcome, 99, a.version, a.position) for a in told]
        return told + again, [Place(n + 1, f"s-{n % 7}", n // 7 + 1, f"e-{n}") for n in range(count)]

    assert anomalies(*story(20_000)) == []  # a quadratic checker would not come to its end
