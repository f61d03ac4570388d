"""State rebuilt from events: the same as the laboratory's own fold at any instant, with and without a snapshot."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eventlab.aggregate import Aggregate
from eventlab.airports import Scenario, flights, rules, run
from eventlab.decider import Decider
from eventlab.errors import Invalid
from eventlab.event import Event
from eventlab.stage import Stage
from eventlab.store import Store
from eventlab.trace import Trace
from eventlab.views import rebuild
from eventlab.views.drawing.wording import told
from eventlab.views.rebuilt import layout
from tests.support.pictures import NASTY, assert_harmless, assert_readable

SECOND = 10**9


def count(state: dict[str, Any], event: Event) -> dict[str, Any]:
    return {**state, "total": state.get("total", 0) + event.data["n"], "last": event.type}


def thing(*numbers: int, subject: str = "T1") -> list[Event]:
    return [Event("thing.counted", {"n": n}, subject, f"{subject}-{n}-{place}", "test", 100 * place * SECOND)
            for place, n in enumerate(numbers, 1)]  # fmt: skip


@pytest.fixture
def store() -> Iterator[Store]:
    with Store() as store:
        yield store


def state(plan: dict[str, Any]) -> dict[str, str]:
    return {entry["key"]: entry["value"] for entry in plan["state"]}


# The fold -------------------------------------------------------------------------------------------------------------


@given(st.lists(st.integers(0, 9), min_size=1, max_size=12), st.integers(1, 12), st.booleans(), st.integers(1, 4))
def test_at_any_instant_it_is_the_state_that_the_aggregate_loads(
    numbers: list[int], upto: int, snapshots: bool, every: int
) -> None:
    with Store() as store:
        things = Aggregate(store, "thing", Decider({}, lambda command, state: None, count), snapshot_every=every)
        for version, event in enumerate(thing(*numbers), 1):
            store.append("thing-T1", event)
            if version % every == 0:
                loaded, _ = things.load("T1")
                store.save_snapshot("thing-T1", version, loaded)
        as_of = 100 * min(upto, len(numbers)) * SECOND + 7
        loaded, version = things.load("T1", as_of=as_of)
        plan = layout(store, count, stream="thing-T1", as_of=as_of, snapshots=snapshots)
        assert state(plan) == {key: told(value, Stage(), key) for key, value in loaded.items()}
        assert plan["events"] == version
        assert plan["snapshot"] == ((version // every * every or None) if snapshots else None)
        assert plan["folded"] == version - (plan["snapshot"] or 0)


def test_events_recorded_events_a_trace_and_a_store_give_the_same_state(store: Store) -> None:
    for number, event in enumerate(thing(3, 4, 5), 1):
        store.append("thing-T1", event, number - 1)
    trace = Trace()
    for version, event in enumerate(thing(3, 4, 5), 1):
        trace.add(event.time, "appended", "store", event, packet=version, note="thing-T1")
    for source in (thing(3, 4, 5), list(store.read_all()), trace, store):
        plan = layout(source, count, subject="T1", as_of=250 * SECOND)
        assert state(plan) == {"total": "7", "last": "thing.counted"}
        assert [row["event"].data["n"] for row in plan["later"]] == [5]


def test_each_event_says_what_it_changed_and_nothing_else() -> None:
    plan = layout(thing(3, 0, 4), count)
    changes = [[(c["key"], c["before"], c["after"]) for c in row["changes"]] for row in plan["rows"]]
    assert changes == [[("total", "", "3"), ("last", "", "thing.counted")], [], [("total", "3", "7")]]
    assert [entry["key"] for entry in plan["state"] if entry["changed"]] == ["total"]
    assert "2, 00:03:20.000, thing.counted: nothing" in rebuild(thing(3, 0, 4), count).text


def test_a_key_that_goes_is_a_change_too() -> None:
    def last_only(state: dict[str, Any], event: Event) -> dict[str, Any]:
        return {f"n{event.data['n']}": True}

    plan = layout(thing(1, 2), last_only)
    assert plan["rows"][1]["changes"] == [
        {"key": "n2", "before": "", "after": "yes"}, {"key": "n1", "before": "yes", "after": "nothing"},
    ]  # fmt: skip


def test_a_decider_brings_its_own_initial_state_and_a_state_may_be_a_number() -> None:
    plan = layout(thing(3, 4), Decider(100, lambda command, state: None, lambda state, event: state + event.data["n"]))
    assert state(plan) == {"state": "107"}


def test_an_evolve_that_changes_what_it_was_given_is_told_so_and_its_changes_are_seen() -> None:
    def careless(state: dict[str, Any], event: Event) -> dict[str, Any]:
        state["total"] = state.get("total", 0) + event.data["n"]
        return state

    picture = rebuild(thing(3, 4), careless)
    assert "total 3 → 7" in picture.text
    assert "evolve changed the state that it was given" in picture.text
    assert "evolve changed" not in rebuild(thing(3, 4), count).text


def test_the_state_of_any_flight_of_the_year_at_any_instant() -> None:
    flight = next(f for f in flights.flights("2013-07-04") if f.arrival)
    events = list(flights.iter_events("2013-07-04", "2013-07-04"))
    before = layout(events, rules.evolve, subject=flight.key, as_of=flight.planned_departure - 3600 * SECOND)
    assert state(before)["status"] == "scheduled"
    after = layout(events, rules.evolve, subject=flight.key)
    assert state(after)["status"] == flight.status == "arrived"
    assert after["folded"] == int(state(after)["version"]) > before["folded"]


def test_the_snapshot_that_a_run_left_behind_is_used_and_named() -> None:
    storm = Scenario(flights=["9E3422-JFK-0208", "B61004-JFK-0208"], questions=0)
    with Store() as store:
        run(storm, "event sourcing", store=store, snapshot_every=2)
        picture = rebuild(store, rules.evolve, stream="flight-B61004-JFK-0208")
        again = rebuild(store, rules.evolve, stream="flight-B61004-JFK-0208", snapshots=False)
    assert "1 event folded.\nfrom the snapshot at version 2: without it, 3 events" in picture.text
    assert "3 events folded.\nfrom the first event on, without a snapshot" in again.text
    assert picture.text.split("The state then: ")[1] != ""
    assert set(picture.text.split("The state then: ")[1].strip(".").split(", ")) == set(
        again.text.split("The state then: ")[1].strip(".").split(", ")
    )


# The picture ----------------------------------------------------------------------------------------------------------


def test_of_a_long_history_the_last_events_are_shown_and_the_others_counted() -> None:
    plan = layout(thing(*range(1000)), count, as_of=100 * 900 * SECOND)
    assert (len(plan["rows"]), plan["above"], plan["folded"], len(plan["later"])) == (12, 888, 900, 3)
    assert "888 events before these, folded too" in rebuild(thing(*range(1000)), count, as_of=90_000 * SECOND).text


@pytest.mark.parametrize("numbers", [(1,), tuple(range(30))])
def test_rows_do_not_lie_on_each_other(numbers: tuple[int, ...]) -> None:
    def wordy(state: dict[str, Any], event: Event) -> dict[str, Any]:
        return {**state, **{f"a long name of a key {n}": f"value {event.data['n']}" for n in range(9)}}

    assert_readable(rebuild(thing(*numbers), wordy, as_of=1500 * SECOND))


def broken(state: Any, event: Event) -> Any:
    return state["gate"]


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        (lambda: rebuild([], count), "at least one event, found 'none'"),
        (lambda: rebuild(Trace(), count), "at least one event"),
        (lambda: rebuild(Store(), count, stream="thing-T1"), "at least one event, found 'thing-T1'"),
        (lambda: rebuild(thing(1), count, subject="T2"), "unknown subject in rebuild: expected one of T1, found 'T2'"),
        (lambda: rebuild(7, count), "a store, a trace, or a list of events, found 7"),
        (lambda: rebuild(["x"], count), "events, as such or as recorded, found 'x'"),
        (lambda: rebuild(thing(1), 3), "a function of a state and an event, found 3"),
        (lambda: rebuild(thing(1), count, as_of=5), "an instant from the first event on, 00:01:40"),
        (lambda: rebuild(thing(1), broken), "thing.counted in evolve: expected a state, found \"KeyError: 'gate'"),
    ],
)  # fmt: skip
def test_what_cannot_be_rebuilt_is_said_in_the_pictures_place(asked: Any, words: str) -> None:
    picture = asked()
    assert picture.text.startswith("Nothing can be rebuilt: ")
    assert words in picture.text


def test_an_unknown_stream_names_those_there_are(store: Store) -> None:
    store.append("thing-T1", thing(1))
    with pytest.raises(Invalid, match="unknown stream in rebuild: expected one of thing-T1"):
        layout(store, count, stream="thing-T9")


def test_hostile_text_stays_text() -> None:
    event = Event(NASTY, {"n": 1, NASTY: NASTY}, NASTY, "e", NASTY, SECOND)
    assert_harmless(rebuild([event], lambda state, event: {**state, **event.data}, subject=NASTY))
