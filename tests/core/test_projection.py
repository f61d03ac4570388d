"""Projections: a fold with a position; made again from the start they are what they were."""

from __future__ import annotations

from typing import Any

import hypothesis.strategies as st
import pytest
from hypothesis import given, settings

from eventlab.errors import Invalid
from eventlab.event import Event
from eventlab.projection import Projection
from eventlab.store import Store
from eventlab.upcast import Upcast, Upcasters


def evolve(state: Any, event: Event) -> Any:
    return {**state, event.subject: (*state.get(event.subject, ()), event.id)}


def seen(**options: Any) -> Projection:
    return Projection("seen", evolve, {}, **options)


def note(store: Store, n: int, category: str = "flight", time: int = 0) -> None:
    store.append(f"{category}-{n % 2}", Event("noted", {"n": n}, subject=category, id=f"e-{n}", time=time))


def test_it_reads_what_is_new_and_no_event_twice() -> None:
    store, board = Store(), seen()
    assert board.catch_up(store) == 0
    note(store, 1)
    note(store, 2)
    assert (board.catch_up(store), board.state, board.position) == (2, {"flight": ("e-1", "e-2")}, 2)
    note(store, 3)
    assert board.state == {"flight": ("e-1", "e-2")}  # behind, until it catches up
    assert (board.catch_up(store), board.catch_up(store)) == (1, 0)
    assert (board.state, board.position) == ({"flight": ("e-1", "e-2", "e-3")}, 3)
    assert repr(board) == "<Projection seen at position 3>"


def test_it_may_follow_one_category_alone() -> None:
    store, board = Store(), seen(category="gate")
    for n, category in enumerate(["flight", "gate", "gate", "flight"], 1):
        note(store, n, category)
    assert (board.catch_up(store), board.state) == (2, {"gate": ("e-2", "e-3")})
    assert board.position == 4  # nothing of its category is left behind


def test_as_of_an_instant_it_stops_and_can_go_on_from_there() -> None:
    store, board = Store(), seen()
    for n, time in enumerate([10, 20, 40, 30, 50], 1):
        note(store, n, time=time)
    assert (board.catch_up(store, as_of=30), board.position) == (2, 2)  # the fourth waits behind the third
    assert (board.catch_up(store, as_of=45), board.position) == (2, 4)
    assert (board.catch_up(store), board.position) == (1, 5)
    assert board.state == {"flight": ("e-1", "e-2", "e-3", "e-4", "e-5")}


def test_it_sees_events_in_todays_shape() -> None:
    store = Store()
    note(store, 1)
    upcasters = Upcasters(Upcast("noted", 1, 2, lambda data: {"number": data["n"]}))
    board = Projection("numbers", lambda state, event: [*state, event.data["number"]], [], upcasters=upcasters)
    board.catch_up(store)
    assert board.state == [1]


stories = st.lists(st.tuples(st.sampled_from(["flight", "gate"]), st.integers(0, 9), st.booleans()), max_size=30)


@given(stories, st.sampled_from([None, "gate"]), st.integers(0, 9))
@settings(max_examples=60)
def test_rebuilt_saved_or_followed_live_it_is_the_same(story: list[Any], category: str | None, instant: int) -> None:
    store, live, saved = Store(), seen(category=category), seen(category=category)
    for n, (name, time, catches_up) in enumerate(story):
        note(store, n, name, time)
        if catches_up:
            live.catch_up(store, as_of=instant)
            saved.save(store)
            saved = seen(category=category)  # a new process
            saved.restore(store)
            saved.catch_up(store)
    live.catch_up(store)
    saved.catch_up(store)
    fresh = seen(category=category)
    fresh.catch_up(store)
    assert live.state == saved.state == fresh.state
    assert live.position == saved.position == fresh.position == store.position
    live.rebuild(store)
    assert (live.state, live.position) == (fresh.state, fresh.position)
    expected = [f"e-{n}" for n, (name, _, _) in enumerate(story) if category in (None, name)]
    assert sorted(id for ids in fresh.state.values() for id in ids) == sorted(expected)


def test_restoring_without_anything_saved_begins_at_the_start() -> None:
    board = seen()
    board.restore(Store())
    assert (board.state, board.position) == ({}, 0)


def test_an_event_that_comes_again_is_applied_once() -> None:
    store, board = Store(), seen()
    note(store, 1)
    note(store, 2)
    for recorded in [*store.read_all(), *store.read_all()]:
        board.apply(recorded)
    assert (board.state, board.position) == ({"flight": ("e-1", "e-2")}, 2)


def test_a_store_that_ends_before_what_it_has_read_is_another_one() -> None:
    store, board = Store(), seen()
    note(store, 1)
    board.catch_up(store)
    with pytest.raises(Invalid, match="goes to position 1 or further"):
        board.catch_up(Store())
    assert (board.state, board.position) == ({"flight": ("e-1",)}, 1)
