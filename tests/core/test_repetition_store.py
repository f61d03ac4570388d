"""The law for repetition: whatever is done twice answers what stands, and leaves what doing it once leaves."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import hypothesis.strategies as st
import pytest
from hypothesis import given, settings

from eventlab.aggregate import Aggregate
from eventlab.decider import Decider
from eventlab.errors import EventIdConflict, StoreUnavailable, WrongExpectedVersion
from eventlab.event import Command, Event
from eventlab.histories import ACKNOWLEDGED, CONFLICTED, UNKNOWN, Append, anomalies
from eventlab.projection import Projection
from eventlab.store import Store
from tests.attacks.notes import log
from tests.support import store_door

account = Decider(
    0,
    lambda command, state: [Event("paid", {"amount": command.data["amount"], "before": state})] * command.data["times"],
    lambda state, event: state + event.data["amount"],
)
board = ("board", lambda state, event: {"n": state["n"] + 1}, {"n": 0})


def held(store: Store) -> list[Any]:
    store.verify()
    return store_door.tables(store)


def append(store: Store, stream: int, count: int, name: int) -> Any:
    return store.append(
        f"thing-{stream}", [Event("noted", {"n": name}, id=f"{stream}/{name}-{n}") for n in range(count)]
    )


def handle(store: Store, stream: int, times: int, name: int) -> Any:
    command = Command("pay", {"amount": 1, "times": times}, id=f"{stream}/c{name}")
    return Aggregate(store, "account", account, snapshot_every=2).handle(str(stream), command)


def follow(store: Store, *_: int) -> Any:
    reader = Projection(*board)
    reader.restore(store)
    reader.catch_up(store)
    return reader.save(store), reader.state


def save_checkpoint(store: Store, position: int, *_: int) -> Any:
    store.save_checkpoint("mine", min(position, store.position), {"at": position})
    return store.load_checkpoint("mine").position >= min(position, store.position)


def save_snapshot(store: Store, stream: int, *_: int) -> Any:
    version = store.version(f"thing-{stream}")
    return version and store.save_snapshot(f"thing-{stream}", version, {"version": version})


def reset(store: Store, *_: int) -> Any:
    store.reset_checkpoint("mine")


def read(store: Store, stream: int, *_: int) -> Any:
    return [*store.read(f"thing-{stream}"), *store.read_all(limit=5)], store.streams("thing")


DOINGS = [append, handle, follow, save_checkpoint, save_snapshot, reset, read]
stories = st.lists(
    st.tuples(st.sampled_from(DOINGS), st.integers(0, 2), st.integers(1, 3), st.integers(0, 9)), max_size=25
)


@given(stories, st.data())
@settings(max_examples=60)
def test_done_twice_at_once_or_much_later_it_is_as_if_done_once(story: list[Any], data: st.DataObject) -> None:
    once, twice = Store(), Store()
    appended: list[tuple[Callable[..., Any], tuple[int, ...], Any]] = []
    for do, *how in story:
        try:
            answer = do(once, *how)
        except (EventIdConflict, WrongExpectedVersion) as error:
            for _ in range(2):
                with pytest.raises(type(error)):
                    do(twice, *how)
            continue
        answers = [do(twice, *how) for _ in range(2)]
        for found in answers:
            assert plainly(found) == plainly(answer)
        if do in (append, handle):
            appended.append((do, tuple(how), answer))
            again, at, was = data.draw(st.sampled_from(appended))  # and an older one, once more
            assert plainly(again(twice, *at)) == plainly(was)
    assert held(once) == held(twice)


def plainly(answer: Any) -> Any:
    """An answer without the word that it is one to a repetition."""
    return (answer.stream, answer.version, answer.position) if hasattr(answer, "duplicate") else answer


who = st.sampled_from(["one", "two", "both"])
commands = st.lists(
    st.tuples(st.integers(0, 4), st.integers(1, 3), st.sampled_from(["one", "two", "both"])), max_size=20
)


def both(worker: Aggregate, *commands: Command) -> None:
    for command in commands:
        worker.handle("a", command)


@given(commands, st.integers(1, 4), st.integers(1, 4))
@settings(max_examples=60)
def test_two_workers_with_the_same_commands_answer_alike_and_load_what_the_events_say(
    story: list[Any], every: int, other: int
) -> None:
    """`both`: the other worker handles something else and the same command between the first one's look and append."""
    store = Store()
    meanwhile: list[Callable[[], Any]] = []

    def decide(command: Command, state: int) -> Any:
        if meanwhile:
            meanwhile.pop()()
        return account.decide(command, state)

    one = Aggregate(store, "account", Decider(0, decide, account.evolve), snapshot_every=every, retries=9)
    two = Aggregate(store, "account", account, snapshot_every=other)
    for n, (number, times, who) in enumerate(story):
        command = Command("pay", {"amount": 1, "times": times}, id=f"c-{number}/{times}")
        if who == "both":
            extra = Command("pay", {"amount": 10, "times": 1}, id=f"extra-{n}")
            meanwhile.append(partial(both, two, extra, command))
        answer = (two if who == "two" else one).handle("a", command)
        meanwhile.clear()
        assert answer == [store.find(f"{command.id}/{k}") for k in range(1, times + 1)]
        truth = Aggregate(store, "account", account).load("a")
        assert one.load("a") == two.load("a") == truth
    for version in range(store.version("account-a") + 1):
        snapshot = store.snapshot("account-a", as_of_version=version)
        assert (
            snapshot is None
            or snapshot.state == Aggregate(store, "account", account).load("a", version=snapshot.version)[0]
        )


how_told = st.sampled_from(["told", "lost", "twice"])
tries = st.lists(
    st.tuples(st.integers(0, 5), st.integers(0, 3), st.sampled_from(["told", "lost", "twice"])), max_size=30
)


@given(tries)
@settings(max_examples=100)
def test_the_checker_finds_nothing_in_what_a_store_answers_to_clients_that_try_again(story: list[Any]) -> None:
    """Answers get lost, the same append is tried again with the same or another expectation, after others."""
    store, told, clock = Store(), [], iter(range(10_000))
    for n, expected, how in story:
        events, wanted = [Event("noted", id=f"e{n}-{k}") for k in range(1 + n % 2)], expected if expected < 3 else None
        for _ in range(2 if how == "twice" else 1):
            begun, ids = next(clock), tuple(event.id for event in events)
            try:
                done = store.append("s", events, *([] if wanted is None else [wanted]))
                answer = Append("s", ids, begun, next(clock), ACKNOWLEDGED, wanted, done.version, done.position)
            except WrongExpectedVersion as error:
                answer = Append("s", ids, begun, next(clock), CONFLICTED, wanted, error.actual)
            told.append(Append("s", ids, begun, outcome=UNKNOWN, expected=wanted) if how == "lost" else answer)
    assert anomalies(told, log(store)) == []


def test_a_backup_is_written_once(tmp_path: Any) -> None:
    store = Store()
    store.backup(tmp_path / "copy.db")
    with pytest.raises(StoreUnavailable, match="exists"):
        store.backup(tmp_path / "copy.db")


def test_the_last_that_claimed_a_work_has_it(tmp_path: Any) -> None:
    with Store(tmp_path / "events.db") as one, Store(tmp_path / "events.db") as two:
        assert one.claimed("outbox") == 0
        first, second = one.claim("outbox"), two.claim("outbox")
        assert (first, second) == (1, 2)
        assert one.claimed("outbox") == two.claimed("outbox") == second
        assert one.claim("other") == 1  # each name has its own numbers
        assert one.claim("outbox") == 3  # the first one began again
        one.verify()


def test_an_older_save_answers_with_what_stands() -> None:
    store = Store()
    store.append("thing-1", [Event("noted", id=f"e-{n}") for n in range(5)])
    ahead, behind = Projection(*board), Projection(*board)
    ahead.catch_up(store)
    assert (ahead.save(store), behind.save(store)) == (5, 5)
    behind.restore(store)
    assert (behind.state, behind.position) == ({"n": 5}, 5)
