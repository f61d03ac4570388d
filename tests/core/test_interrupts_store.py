"""An interrupt at any moment of a store's work: what was begun is done whole or not at all, and going on is right.

Python looks for interrupts after calls, where functions begin, and where loops go round. Each such moment in the
store's own modules is tried, one after the other, until the work ends without having been interrupted.
"""

from __future__ import annotations

import dis
import gc
import sys
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from types import CodeType, FrameType
from typing import Any

import pytest

import eventlab
from eventlab.aggregate import Aggregate
from eventlab.decider import Decider
from eventlab.event import Command, Event
from eventlab.keyfile import Keys
from eventlab.projection import Projection
from eventlab.store import Store
from eventlab.storefile import alone
from tests.support import store_door

HOME = str(Path(eventlab.__file__).parent)


@cache
def moments(code: CodeType) -> frozenset[int]:
    """The offsets in front of which an interrupt may come: behind a call, and where a loop has gone round."""
    found, after = set(), False
    for instruction in dis.get_instructions(code):
        if after:
            found.add(instruction.offset)
        if instruction.opname.startswith("JUMP_BACKWARD"):
            found.add(instruction.argval)
        after = instruction.opname.startswith("CALL")
    return frozenset(found)


def interrupted_at(nth: int, work: Callable[[], Any]) -> bool:
    """Do it, and interrupt at the nth moment; whether there was one."""
    count = 0

    def count_one(frame: FrameType) -> None:
        nonlocal count
        count += 1
        if count == nth:
            sys.settrace(None)
            raise KeyboardInterrupt

    def inside(frame: FrameType, event: str, argument: Any) -> Any:
        if event == "opcode" and frame.f_lasti in moments(frame.f_code):
            count_one(frame)
        return inside

    def begins(frame: FrameType, event: str, argument: Any) -> Any:
        if not frame.f_code.co_filename.startswith(HOME):
            return None
        frame.f_trace_opcodes, frame.f_trace_lines = True, False
        count_one(frame)
        return inside

    before = sys.gettrace()
    gc.disable()  # what other tests left behind is no part of the work: an interrupt of its end would be lost
    sys.settrace(begins)
    try:
        work()
    except KeyboardInterrupt:
        return True
    finally:
        sys.settrace(before)
        gc.enable()
    return count >= nth


def every_moment(make: Callable[[], Any], work: Callable[[Any], Any], judge: Callable[[Any], None]) -> int:
    """Interrupt the work on something fresh at each moment, judge how that left it; how many moments there were."""
    for nth in range(1, 100_000):
        thing = make()
        struck = interrupted_at(nth, lambda thing=thing: work(thing))
        judge(thing)
        if not struck:
            return nth - 1
    raise AssertionError("it never ended")


def numbered(count: int, name: str = "e") -> list[Event]:
    return [Event("counted", {"n": n}, id=f"{name}-{n}") for n in range(count)]


@pytest.fixture
def files(tmp_path: Path) -> Iterator[Callable[[], Store]]:
    """Stores in new files, each beside another one that wrote last."""
    made: list[Store] = []

    def make() -> Store:
        path = tmp_path / f"{len(made)}.db"
        store, other = Store(path, durable=False), Store(path, durable=False)
        made.append(store)
        store.append("thing-1", numbered(2, "first"))
        other.append("thing-1", numbered(1, "second"))
        other.close()
        return store

    yield make
    for store in made:
        store.close()


def sound(store: Store) -> None:
    """No transaction is open, nobody else is kept out, and all is as it should be."""
    assert not store_door.connection(store).in_transaction
    store.verify()
    with Store(store.path, durable=False) as other:
        other.save_checkpoint("another", 1)


@pytest.mark.parametrize("count", [1, 3, 5])
def test_an_append_is_whole_and_can_be_repeated(
    files: Callable[[], Store], monkeypatch: pytest.MonkeyPatch, count: int
) -> None:
    monkeypatch.setattr("eventlab.store.ROWS", 3)  # five events take two statements
    events = numbered(count)

    def judge(store: Store) -> None:
        heard: list[int] = []
        store.watch(lambda: heard.append(store.position))
        assert store.position in (3, 3 + count)
        sound(store)
        done = store.append("thing-1", events, 3)
        assert (done.version, done.position) == (3 + count, 3 + count)
        assert store.append("thing-1", Event("counted", id="next"), done.version).position == 4 + count
        assert heard
        sound(store)
        store.close()

    assert every_moment(files, lambda store: store.append("thing-1", events, 3), judge) > 20


def test_a_watcher_hears_of_what_was_stored_at_the_latest_with_the_repetition() -> None:
    def make() -> tuple[Store, list[int]]:
        store, heard = Store(), []
        store.watch(lambda: heard.append(store.position))
        return store, heard

    def judge(thing: tuple[Store, list[int]]) -> None:
        store, heard = thing
        store.append("thing-1", numbered(2))
        assert heard and set(heard) == {2}

    assert every_moment(make, lambda thing: thing[0].append("thing-1", numbered(2)), judge) > 10


counter = Decider(0, lambda command, state: [Event("counted")] * 2, lambda state, event: state + 1)


def test_a_command_is_handled_once() -> None:
    command = Command("count", id="c-1")

    def make() -> Store:
        store = Store()
        store.append("thing-1", numbered(3))
        return store

    def things(store: Store) -> Aggregate:
        return Aggregate(store, "thing", counter, snapshot_every=2)

    def judge(store: Store) -> None:
        store.verify()
        answer = things(store).handle("1", command)
        assert answer == [store.find("c-1/1"), store.find("c-1/2")]
        assert things(store).load("1") == Aggregate(store, "thing", counter).load("1") == (5, 5)

    assert every_moment(make, lambda store: things(store).handle("1", command), judge) > 60


def test_a_projection_goes_on_with_state_and_position_that_belong_together() -> None:
    store = Store()
    store.append("thing-1", numbered(5))

    def judge(board: Projection) -> None:
        assert board.state == board.position
        board.catch_up(store)
        assert board.state == board.position == 5
        board.save(store)
        again = Projection("board", counter.evolve, 0)
        again.restore(store)
        assert again.state == again.position == 5
        store.reset_checkpoint("board")

    def work(board: Projection) -> None:
        board.catch_up(store)
        board.save(store)
        board.rebuild(store)
        board.restore(store)

    assert every_moment(lambda: Projection("board", counter.evolve, 0), work, judge) > 60


def test_saving_is_done_whole_or_not(files: Callable[[], Store]) -> None:
    def work(store: Store) -> None:
        store.save_checkpoint("board", 2, {"n": 2})
        store.save_snapshot("thing-1", 2, {"n": 2})
        store.claim("work")

    def judge(store: Store) -> None:
        found, snapshot = store.load_checkpoint("board"), store.snapshot("thing-1")
        assert (found.position, found.state) in ((0, None), (2, {"n": 2}))
        assert snapshot is None or (snapshot.version, snapshot.state) == (2, {"n": 2})
        sound(store)

    assert every_moment(files, work, judge) > 20


def test_a_backup_is_whole_or_not_there(files: Callable[[], Store], tmp_path: Path) -> None:
    copy = tmp_path / "copy.db"

    def judge(store: Store) -> None:
        sound(store)
        if copy.exists():
            with Store(copy) as other:
                other.verify()
                assert other.position == 3
            copy.unlink()
        assert not [left for left in tmp_path.iterdir() if ".part" in left.name]

    assert every_moment(files, lambda store: store.backup(copy), judge) > 10


def test_whoever_does_something_alone_leaves_the_store_to_others(files: Callable[[], Store]) -> None:
    def work(store: Store) -> None:
        alone(store_door.connection(store), store.path, lambda: None)

    def judge(store: Store) -> None:
        with Store(store.path, durable=False) as other:
            assert other.append("thing-2", numbered(1)).version == 1

    assert every_moment(files, work, judge) >= 3


def test_keys_are_made_and_forgotten_whole_or_not() -> None:
    def make() -> Keys:
        keys = Keys()
        keys.made("anna")
        return keys

    def work(keys: Keys) -> None:
        keys.made("bert")
        keys.forget("anna")

    def judge(keys: Keys) -> None:
        assert not keys._connection.in_transaction
        assert keys.has_forgotten("anna") == (keys.key("anna") is None)
        assert keys.made("bert") == keys.key("bert")

    assert every_moment(make, work, judge) > 30


def test_opening_and_closing_leave_a_store_that_opens(tmp_path: Path) -> None:
    path = tmp_path / "events.db"

    def work(_: None) -> None:
        with Store(path, durable=False) as store:
            store.append("thing-1", Event("counted", id="e-1"))

    def judge(_: None) -> None:
        with Store(path, durable=False) as store:
            store.verify()
            assert store.position in (0, 1)

    assert every_moment(lambda: None, work, judge) > 30


def test_the_long_log_is_emptied_without_a_trace_of_an_interrupt(
    files: Callable[[], Store], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("eventlab.storefile.LOG", 0)

    def judge(store: Store) -> None:
        sound(store)
        assert store.append("thing-1", numbered(1), 3).position == 4

    assert every_moment(files, lambda store: store.append("thing-1", numbered(1), 3), judge) > 20


def test_control_two_assignments_are_found() -> None:
    class Careless(Projection):
        state = position = None  # type: ignore[assignment]

        def catch_up(self, store: Store, as_of: int | None = None) -> int:
            for recorded in store.read_all(after=self.position):
                self.state = self.evolve(self.state, recorded.event)
                self.position = int(recorded.position)
            return 0

    store = Store()
    store.append("thing-1", numbered(3))
    torn = 0
    for nth in range(1, 200):
        board = Careless("board", counter.evolve, 0)
        board.state, board.position = 0, 0
        if not interrupted_in(__file__, nth, lambda board=board: board.catch_up(store)):
            break
        torn += board.state != board.position
    assert torn


def interrupted_in(home: str, nth: int, work: Callable[[], Any]) -> bool:
    """The same for code that stands in this file."""
    here, globals()["HOME"] = HOME, home
    try:
        return interrupted_at(nth, work)
    finally:
        globals()["HOME"] = here
