"""Between any two statements of a store another process may write: what belongs together is read together all the same.

The other process is a second store on the same file, which writes before every single statement of the first one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from eventlab.aggregate import Aggregate
from eventlab.decider import Decider
from eventlab.event import Command, Event
from eventlab.histories import ACKNOWLEDGED, Append, anomalies
from eventlab.projection import Projection
from eventlab.store import Store
from tests.attacks.notes import log
from tests.support import store_door

counter = Decider(0, lambda command, state: [Event("counted")] * 2, lambda state, event: state + 1)


class Busy:
    """Somebody who, whenever he may, appends an event and saves a checkpoint and a snapshot that fit it."""

    def __init__(self, path: Path) -> None:
        self.store = Store(path, durable=False)
        self.board = Projection("board", lambda state, event: {"n": state["n"] + 1}, {"n": 0})
        self.written = 0

    def write(self) -> None:
        self.written += 1
        done = self.store.append("thing-1", Event("counted", id=f"busy-{self.written}"))
        self.board.catch_up(self.store)
        self.board.save(self.store)
        self.store.save_snapshot("thing-1", done.version, done.version)


@pytest.fixture
def busy(tmp_path: Path) -> Iterator[Busy]:
    made = Busy(tmp_path / "events.db")
    made.write()
    yield made
    made.store.close()


@pytest.fixture
def store(busy: Busy, tmp_path: Path) -> Iterator[Store]:
    with Store(tmp_path / "events.db", durable=False) as store:
        end = store_door.before_each_statement(store, busy.write)
        yield store
        end()
        busy.store.verify()


def test_a_projection_is_restored_to_a_state_and_its_own_position(store: Store, busy: Busy) -> None:
    for _ in range(20):
        board = Projection("board", busy.board.evolve, {"n": 0})
        board.restore(store)
        assert board.state["n"] == board.position > 0
        found = store.load_checkpoint("board")
        assert found.state["n"] == found.position


def test_control_position_and_state_read_one_after_the_other_do_not_belong_together(store: Store) -> None:
    assert store.checkpoint("board") != store.checkpoint_state("board")["n"]


def test_a_snapshot_is_of_its_own_version(store: Store) -> None:
    things = Aggregate(store, "thing", counter, snapshot_every=1_000_000)
    for _ in range(20):
        found = store.snapshot("thing-1")
        assert found and found.state == found.version
        state, version = things.load("1")
        assert state == version


def test_verify_finds_nothing_wrong_and_ends(store: Store, busy: Busy) -> None:
    busy.store.append("thing-1", [Event("counted", id=f"before-{n}") for n in range(1_200)])
    before = busy.written
    store.verify()
    assert busy.written >= before + 7  # it looked that often


@pytest.mark.parametrize("count", [498, 499, 500, 999])
def test_a_reading_ends_where_it_ended_when_it_began(store: Store, busy: Busy, count: int) -> None:
    busy.store.append("thing-1", [Event("counted", id=f"before-{n}") for n in range(count)])
    for read in (store.read_all, lambda: store.read("thing-1"), lambda: store.read_category("thing")):
        reading, end = read(), busy.store.position
        assert [recorded.position for recorded in reading] == list(range(1, end + 1))


@pytest.mark.parametrize("category", [None, "thing", "nothing"])
def test_a_projection_that_caught_up_has_seen_all_up_to_its_position(store: Store, category: str | None) -> None:
    seen = Projection("seen", lambda state, event: state + 1, 0, category=category)
    for _ in range(5):
        seen.catch_up(store)
        assert seen.state == (0 if category == "nothing" else seen.position)


def test_every_answer_to_an_append_is_true(store: Store, busy: Busy) -> None:
    told = []
    for n in range(60):
        stream, ids = ("mine", f"mine-{n}") if n % 2 else ("thing-1", f"theirs-{n}")
        done = store.append(stream, [Event("noted", id=ids), Event("noted", id=f"{ids}-b")])
        told.append(Append(stream, (ids, f"{ids}-b"), n, n, ACKNOWLEDGED, None, done.version, done.position))
    told += [Append(place.stream, (place.id,), 0) for place in log(busy.store) if place.id.startswith("busy")]
    assert anomalies(told, log(busy.store)) == []


def test_two_workers_decide_and_answer_with_what_stands(store: Store, busy: Busy) -> None:
    things = Aggregate(store, "other", counter, snapshot_every=3)
    theirs = Aggregate(busy.store, "other", counter, snapshot_every=2)
    for n in range(30):
        command = Command("count", id=f"c-{n // 2}")
        answer = things.handle("1", command)
        assert answer == [busy.store.find(f"c-{n // 2}/{k}") for k in (1, 2)] == theirs.handle("1", command)
        assert things.load("1") == Aggregate(store, "other", counter).load("1") == (2 + n // 2 * 2,) * 2


def test_a_backup_is_a_clean_beginning(store: Store, tmp_path: Path) -> None:
    store.backup(tmp_path / "copy.db")
    with Store(tmp_path / "copy.db") as copy:
        copy.verify()
        found = copy.load_checkpoint("board")
        assert found.position == found.state["n"] == copy.position


def test_closing_notes_an_end_that_is_there(store: Store, busy: Busy, tmp_path: Path) -> None:
    store.append("mine", Event("noted", id="mine"))
    store.close()
    busy.store.verify()


def test_the_busy_one_comes_between_all_statements(store: Store, busy: Busy) -> None:
    """Or these tests would prove nothing."""
    uses: list[Callable[[], Any]] = [
        lambda: store.version("thing-1"), lambda: store.position, lambda: store.load_checkpoint("board"),
        lambda: list(store.read_all()), lambda: store.save_checkpoint("mine", 1), lambda: store.streams(),
    ]  # fmt: skip
    for use in uses:
        before = busy.written
        use()
        assert busy.written > before
