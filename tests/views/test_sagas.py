"""The diagram of a saga: how each step stands after each event, at any instant, and what is said where none is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from eventlab.event import Event
from eventlab.process import Process, Step
from eventlab.stage import SECOND
from eventlab.views import saga_diagram
from eventlab.views.sagas import MOST, layout
from tests.support.pictures import assert_harmless, assert_readable

STEPS = [Step("seat", "seats", "seat.reserve", "seat.release"), Step("hotel", "hotels", "hotel.book", "hotel.cancel")]
TRIP = Process("trip", STEPS)
NASTY = "<script>alert(1)</script>"


def story(types: str, name: str = "anna") -> list[Event]:
    return [Event(type, {}, name, time=n * SECOND) for n, type in enumerate(types.split())]


def stands(events: Sequence[Event], **choice: Any) -> dict[str, str]:
    """How each step stands at the end."""
    return {step: how for step, how in layout(TRIP, events, **choice)["columns"][-1]["steps"].items() if how}


@pytest.mark.parametrize(
    ("types", "expected", "says"),
    [
        ("trip.asked", {"seat": "waiting"}, "trip of anna: waits for seat"),
        ("trip.asked seat.done", {"seat": "done", "hotel": "waiting"}, "waits for hotel"),
        ("trip.asked seat.done hotel.done", {"seat": "done", "hotel": "done"}, "done"),
        ("trip.asked seat.done hotel.refused", {"seat": "taking back", "hotel": "refused"}, "takes seat back"),
        ("trip.asked seat.done hotel.refused seat.undone", {"seat": "undone", "hotel": "refused"}, "all taken back"),
        ("trip.asked seat.done hotel.refused seat.kept", {"seat": "kept", "hotel": "refused"}, "stuck with seat"),
        ("trip.asked seat.done seat.done", {"seat": "done", "hotel": "waiting"}, "waits for hotel"),
        ("trip.asked" + 3 * " trip.overdue", {"seat": "taking back"}, "takes seat back"),
        ("trip.asked" + 13 * " trip.overdue", {"seat": "kept"}, "stuck with seat"),
    ],
)
def test_a_step_stands_as_its_events_say(types: str, expected: dict[str, str], says: str) -> None:
    assert stands(story(types)) == expected
    assert layout(TRIP, story(types))["conclusion"].endswith(says)
    picture = saga_diagram(TRIP, story(types))
    assert_readable(picture)
    assert says.removeprefix("trip of anna: ") in picture.text


def test_the_state_at_an_earlier_instant_is_that_of_the_events_until_then() -> None:
    events = story("trip.asked seat.done hotel.refused seat.undone trip.compensated")
    assert stands(events, when=1) == {"seat": "done", "hotel": "waiting"}
    assert layout(TRIP, events, when=1.5)["columns"] == layout(TRIP, events[:2])["columns"]


def test_time_outs_in_a_row_are_one_column_and_an_answer_that_comes_late_is_shown_as_such() -> None:
    plan = layout(TRIP, story("trip.asked trip.overdue trip.overdue seat.done seat.done"))
    assert [(column["says"], column["count"], column["counts"]) for column in plan["columns"]] == [
        ("asked", 1, True), ("overdue", 2, True), ("done", 1, True), ("done", 1, False),
    ]  # fmt: skip
    assert "(2 times)" in (
        text := saga_diagram(TRIP, story("trip.asked trip.overdue trip.overdue seat.done seat.done")).text
    )
    assert "changes nothing" in text


def test_many_events_keep_their_room_and_those_before_are_counted() -> None:
    steps = [Step(f"step {n}", f"service {n}", f"do {n}", f"undo {n}") for n in range(15)]
    events = story("trip.asked") + [Event(f"step {n}.done", {}, "anna", time=n * SECOND) for n in range(15)]
    picture = saga_diagram(Process("trip", steps), events, marks={15: "the last one", 0: "not shown"})
    assert f"… {16 - MOST} events before these" in "".join(label.text for label in picture.labels)
    assert_readable(picture)


def test_a_mark_says_what_is_wrong_where_it_is_wrong() -> None:
    picture = saga_diagram(TRIP, story("trip.asked seat.done"), marks={1: "two seats were taken"})
    assert "✕ two seats were taken" in picture.text
    assert len(picture.lines) == len(saga_diagram(TRIP, story("trip.asked seat.done")).lines) + 2


def test_foreign_words_stay_words() -> None:
    odd = Process(NASTY, [Step("seat", NASTY, "do")])
    assert_harmless(saga_diagram(odd, [Event(f"{NASTY}.asked", {}, NASTY)], title=NASTY, marks={0: NASTY}))
