"""Aggregates: load, decide, append; again when somebody was faster; the same through snapshots as without."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

import hypothesis.strategies as st
import pytest
from hypothesis import given, settings

from eventlab.aggregate import Aggregate
from eventlab.decider import Decider, fold
from eventlab.errors import EventIdConflict, Invalid, Refused, StoreUnavailable, WrongExpectedVersion
from eventlab.event import Command, Event
from eventlab.projection import Projection
from eventlab.store import Store
from eventlab.upcast import Upcast, Upcasters


def decide(command: Command, state: Any) -> Event | list[Event] | None:
    match command:
        case Command("account.fill", {"amount": amount}):
            return Event("account.filled", {"amount": amount})
        case Command("account.pay", {"amount": amount}):
            if amount > state["balance"]:
                raise Refused(f"not enough: {state['balance']}")
            return [
                Event("account.paid", {"amount": amount}),
                Event("account.noted", {"rest": state["balance"] - amount}),
            ]
    return None


def evolve(state: Any, event: Event) -> Any:
    match event:
        case Event("account.filled", {"amount": amount}):
            return {"balance": state["balance"] + amount, "last": (*state["last"], amount)[-3:]}
        case Event("account.paid", {"amount": amount}):
            return {"balance": state["balance"] - amount, "last": (*state["last"], -amount)[-3:]}
    return state


account = Decider({"balance": 0, "last": ()}, decide, evolve)


def fill(amount: int, id: str, **attributes: Any) -> Command:
    return Command("account.fill", {"amount": amount}, id=id, **attributes)


def pay(amount: int, id: str) -> Command:
    return Command("account.pay", {"amount": amount}, id=id)


@pytest.fixture
def store() -> Store:
    return Store()


@pytest.fixture
def accounts(store: Store) -> Aggregate:
    return Aggregate(store, "account", account)


def test_a_command_becomes_events_in_the_things_own_stream(store: Store, accounts: Aggregate) -> None:
    accounts.handle("a", fill(10, "c-1"))
    recorded = accounts.handle("a", pay(4, "c-2"))
    assert recorded == list(store.read("account-a", after=1))
    assert [(each.event.id, each.version, each.position) for each in recorded] == [("c-2/1", 2, 2), ("c-2/2", 3, 3)]
    assert accounts.load("a") == ({"balance": 6, "last": (10, -4)}, 3)
    assert accounts.load("nobody") == (account.initial, 0)


def test_events_carry_where_they_came_from(accounts: Aggregate) -> None:
    (first,) = accounts.handle("a", fill(10, "c-1", time=7, correlationid="story"))
    assert (first.event.time, first.event.correlationid, first.event.causationid) == (7, "story", "c-1")
    (second,) = accounts.handle("a", fill(10, "c-2"))
    assert second.event.correlationid == "c-2"


def test_a_command_handled_again_has_happened_once(store: Store, accounts: Aggregate) -> None:
    accounts.handle("a", fill(10, "c-0"))
    first = accounts.handle("a", pay(8, "c-1"))
    accounts.handle("a", fill(1, "c-2"))
    assert accounts.handle("a", pay(8, "c-1")) == first  # decided again, it would be refused
    assert store.position == 4


def test_a_command_that_leads_to_nothing_appends_nothing(store: Store, accounts: Aggregate) -> None:
    assert accounts.handle("a", Command("account.look", id="c-1")) == []
    assert store.position == 0


def test_a_refusal_goes_to_the_caller_and_appends_nothing(store: Store, accounts: Aggregate) -> None:
    with pytest.raises(Refused, match="not enough: 0"):
        accounts.handle("a", pay(1, "c-1"))
    assert store.position == 0


def test_a_command_without_id_gets_one_from_the_stream_and_its_version(store: Store, accounts: Aggregate) -> None:
    deposit = Command("account.fill", {"amount": 1})
    for version in (1, 2):  # it cannot be known again: twice is two
        (recorded,) = accounts.handle("a", deposit)
        assert (recorded.event.id, recorded.version) == (f"account-a@{version - 1}/1", version)
        assert recorded.event.correlationid == recorded.event.causationid == f"account-a@{version - 1}"
    assert accounts.load("a")[0]["balance"] == 2
    (recorded,) = accounts.handle("a", deposit, stamp=lambda event, n: event.with_(id=f"own-{n}", source="desk"))
    assert (recorded.event.id, recorded.event.source) == ("own-1", "desk")


def test_two_workers_with_like_commands_without_ids_do_both(store: Store, accounts: Aggregate) -> None:
    deposit = Command("account.fill", {"amount": 1})
    meddled(store, 1, lambda n: accounts.handle("a", deposit))
    (recorded,) = accounts.handle("a", deposit)
    assert (recorded.version, recorded.event.id) == (2, "account-a@1/1")
    assert accounts.load("a")[0]["balance"] == 2


def test_a_command_id_used_for_another_thing_is_a_conflict(accounts: Aggregate) -> None:
    accounts.handle("a", fill(1, "c-1"))
    with pytest.raises(EventIdConflict):
        accounts.handle("b", fill(1, "c-1"))


def meddled(store: Store, times: int, meddle: Callable[[int], Any]) -> list[int]:
    """Let `meddle(n)` happen between a load and an append, so many times."""
    original, calls = store.append, []

    def append(stream: str, events: Any, expected: Any) -> Any:
        if len(calls) < times:
            calls.append(len(calls))
            store.append = original  # type: ignore[method-assign]
            meddle(len(calls))
            store.append = append  # type: ignore[method-assign]
        return original(stream, events, expected)

    store.append = append  # type: ignore[method-assign]
    return calls


def test_when_somebody_was_faster_it_decides_again(store: Store, accounts: Aggregate) -> None:
    accounts.handle("a", fill(10, "c-0"))
    meddled(store, 2, lambda n: accounts.handle("a", pay(1, f"other-{n}")))
    accounts.handle("a", pay(5, "c-1"))
    assert [each.event.data["rest"] for each in store.read("account-a") if "rest" in each.event.data] == [9, 8, 3]


def test_decided_again_it_may_be_refused(store: Store, accounts: Aggregate) -> None:
    accounts.handle("a", fill(10, "c-0"))
    meddled(store, 1, lambda n: accounts.handle("a", pay(7, "other")))
    with pytest.raises(Refused, match="not enough: 3"):
        accounts.handle("a", pay(5, "c-1"))


def test_it_gives_up_after_its_retries(store: Store) -> None:
    accounts = Aggregate(store, "account", account, retries=2)
    calls = meddled(store, 99, lambda n: store.append("account-a", Event("account.filled", {"amount": 1}, id=f"o-{n}")))
    with pytest.raises(WrongExpectedVersion):
        accounts.handle("a", fill(5, "c-1"))
    assert len(calls) == 3


def test_the_same_command_in_two_processes_at_once_happens_once(store: Store, accounts: Aggregate) -> None:
    accounts.handle("a", fill(10, "c-0"))

    def other_process(_: int) -> None:
        accounts.handle("a", fill(1, "c-9"))
        accounts.handle("a", pay(5, "c-1"))

    meddled(store, 1, other_process)
    recorded = accounts.handle("a", pay(5, "c-1"))
    assert [(each.event.id, each.version) for each in recorded] == [("c-1/1", 3), ("c-1/2", 4)]
    assert store.position == 4


commands = st.lists(st.tuples(st.booleans(), st.integers(0, 9), st.integers(0, 3)), max_size=40)


@given(commands, st.integers(1, 7), st.data())
@settings(max_examples=60)
def test_snapshot_and_tail_are_the_full_replay(commands: list[Any], every: int, data: st.DataObject) -> None:
    """At any version and as of any instant, whatever order the events' times have."""
    store = Store()
    with_snapshots = Aggregate(store, "account", account, snapshot_every=every)
    without = Aggregate(store, "account", account)
    for n, (fills, amount, time) in enumerate(commands):
        try:
            command = fill(amount, f"c-{n}") if fills else pay(amount, f"c-{n}")
            with_snapshots.handle("a", command.with_(time=n + 4 * time))
        except Refused:
            pass
    last = store.version("account-a")
    kept = store.snapshot("account-a")
    assert (kept is not None) == (last >= every)
    assert with_snapshots.load("a") == without.load("a")
    version, instant = data.draw(st.integers(0, last + 1)), data.draw(st.integers(0, 60))
    assert with_snapshots.load("a", version=version) == without.load("a", version=version)
    assert with_snapshots.load("a", as_of=instant)[0] == without.load("a", as_of=instant)[0]
    events = [each.event for each in store.read("account-a")]
    assert without.load("a") == (fold(account, events), last)
    assert without.load("a", version=version)[0] == fold(account, events[:version])
    assert without.load("a", as_of=instant)[0] == fold(account, [event for event in events if event.time <= instant])


def test_a_snapshot_is_really_used_and_another_schema_is_not(store: Store) -> None:
    accounts = Aggregate(store, "account", account, snapshot_every=2)
    for n in range(1, 6):
        accounts.handle("a", fill(1, f"c-{n}"))
    assert store.snapshot("account-a").version == 4  # type: ignore[union-attr]
    store.save_snapshot("account-a", 4, {"balance": 1000, "last": []})
    assert accounts.load("a")[0]["balance"] == 1001
    assert Aggregate(store, "account", account, snapshot_every=2, schema="2").load("a")[0]["balance"] == 5
    assert Aggregate(store, "account", account).load("a")[0]["balance"] == 5


@dataclass(frozen=True)
class Sum:
    total: int = 0


def test_a_state_that_is_no_plain_data_is_dumped_and_restored(store: Store) -> None:
    decider = Decider(Sum(), decide, lambda state, event: Sum(state.total + event.data["amount"]))
    sums = Aggregate(store, "sum", decider, snapshot_every=2, dump=asdict, restore=lambda data: Sum(**data))
    for n in range(5):
        sums.handle("a", fill(n, f"c-{n}"))
    assert store.snapshot("sum-a").state == {"total": 6}  # type: ignore[union-attr]
    assert sums.load("a") == (Sum(10), 5)


def test_events_are_read_in_todays_shape(store: Store) -> None:
    store.append("account-a", Event("account.filled", {"euros": 3}, id="old"))
    upcasters = Upcasters(Upcast("account.filled", 1, 2, lambda data: {"amount": data["euros"]}))
    assert Aggregate(store, "account", account, upcasters=upcasters).load("a")[0]["balance"] == 3


@pytest.mark.parametrize("category", ["", "account-a"])
def test_a_category_has_no_dash(store: Store, category: str) -> None:
    with pytest.raises(Invalid, match='a name without "-"'):
        Aggregate(store, category, account)


cents = Upcasters(Upcast("money.paid", 1, 2, lambda data: {"amount": data["amount"] * 100}))
purse = Decider(
    0,
    lambda command, state: Event("money.paid", {"amount": command.data["cents"]}, dataschema=command.dataschema),
    lambda state, event: state + event.data["amount"],
)


def paid(amount: int, id: str, dataschema: str = "") -> Command:
    return Command("pay", {"cents": amount}, id=id, dataschema=dataschema)


@pytest.mark.parametrize("every", [None, 1, 2, 3])
def test_what_today_makes_is_not_taken_for_yesterdays(store: Store, every: int | None) -> None:
    store.append("purse-1", Event("money.paid", {"amount": 3}, id="old"))  # euros
    purses = Aggregate(store, "purse", purse, upcasters=cents, snapshot_every=every)
    for n in range(4):
        (recorded,) = purses.handle("1", paid(5, f"c-{n}"))
        assert recorded.event.dataschema == "money.paid:2"
        assert purses.load("1")[0] == 300 + 5 * (n + 1)
        board = Projection("board", purse.evolve, 0, upcasters=cents)
        board.catch_up(store)
        assert board.state == purses.load("1")[0]


def test_an_event_may_say_itself_that_it_is_of_yesterday(store: Store) -> None:
    purses = Aggregate(store, "purse", purse, upcasters=cents, snapshot_every=1)
    purses.handle("1", paid(7, "c-1", dataschema="money.paid:1"))
    assert purses.load("1")[0] == Aggregate(store, "purse", purse, upcasters=cents).load("1")[0] == 700
    with pytest.raises(Invalid, match="at most 2"):
        purses.handle("1", paid(7, "c-2", dataschema="money.paid:3"))
    assert store.position == 1


def test_a_snapshot_that_yesterdays_program_kept_is_not_used_by_todays(store: Store) -> None:
    yesterday = Aggregate(store, "purse", purse, snapshot_every=1)
    yesterday.handle("1", paid(3, "c-1"))
    board = Projection("board", purse.evolve, 0)
    board.catch_up(store)
    board.save(store)
    assert store.snapshot("purse-1").state == 3  # type: ignore[union-attr]
    today = Aggregate(store, "purse", purse, snapshot_every=1, upcasters=cents)
    assert today.load("1") == (300, 1)
    renewed = Projection("board", purse.evolve, 0, upcasters=cents)
    renewed.restore(store)
    assert (renewed.state, renewed.position) == (0, 0)
    renewed.catch_up(store)
    assert renewed.state == 300
    today.handle("1", paid(5, "c-2"))
    snapshot = store.snapshot("purse-1", schema=today.snapshot_schema)
    assert (today.snapshot_schema, snapshot and snapshot.state) == ("money.paid:2", 305)


def test_what_cannot_be_kept_is_found_before_anything_is_stored(store: Store) -> None:
    things = Aggregate(store, "thing", Decider(0, lambda c, s: Event("done"), lambda s, e: object()), snapshot_every=1)
    with pytest.raises(Invalid, match="snapshot of stream 'thing-1'"):
        things.handle("1", Command("do", id="c-1"))
    assert store.position == 0


def test_a_snapshot_that_cannot_be_written_does_not_undo_what_is_done(store: Store) -> None:
    accounts = Aggregate(store, "account", account, snapshot_every=1)

    def full(*arguments: Any) -> None:
        raise StoreUnavailable("events.db", "the disk is full")

    store.save_snapshot, original = full, store.save_snapshot  # type: ignore[method-assign]
    (recorded,) = accounts.handle("a", fill(10, "c-1"))
    assert recorded == store.find("c-1/1")
    store.save_snapshot = original  # type: ignore[method-assign]
    accounts.handle("a", fill(1, "c-2"))
    assert accounts.load("a") == Aggregate(store, "account", account).load("a")


def test_what_decide_says_of_the_cause_does_not_hide_the_answer(store: Store) -> None:
    decider = Decider(0, lambda command, state: [Event("did", causationid="else")] * 2, lambda state, event: state + 1)
    things = Aggregate(store, "thing", decider)
    first = things.handle("1", Command("do", id="c-1"))
    assert [recorded.event.causationid for recorded in first] == ["c-1", "c-1"]
    store.append("thing-1", Event("did", id="other"))
    assert things.handle("1", Command("do", id="c-1")) == first


def test_it_shows_what_it_is_of(store: Store) -> None:
    assert repr(Aggregate(store, "account", account)) == "<Aggregate account in <Store :memory:>>"
    assert repr(Aggregate(store, "account", account, snapshot_every=5)).endswith("a snapshot every 5>")
    assert repr(cents) == "<Upcasters money.paid:2>"
