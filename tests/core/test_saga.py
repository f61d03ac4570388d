"""A saga: a trip is a flight, a hotel and a car; when one of them fails, the others are given back."""

from __future__ import annotations

from typing import Any

import hypothesis.strategies as st
import pytest
from hypothesis import given

from eventlab.errors import Invalid
from eventlab.event import Command, Event, Message
from eventlab.saga import Saga, advance

PARTS = ("flight", "hotel", "car")


def evolve(state: Any, event: Event) -> Any:
    part, _, what = event.type.partition(".")
    if part not in PARTS:
        return state
    return {**state, part: what}


def react(state: Any, event: Event) -> Message | list[Message] | None:
    match event:
        case Event("trip.asked", {"trip": trip}):
            return Command("flight.book", {"trip": trip})
        case Event("flight.booked" | "hotel.booked" | "car.booked", {"trip": trip}):
            for part in PARTS:
                if part not in state:
                    return Command(f"{part}.book", {"trip": trip})
            return Event("trip.ready", {"trip": trip})
        case Event("flight.failed" | "hotel.failed" | "car.failed", {"trip": trip}):
            booked = [part for part in reversed(PARTS) if state.get(part) == "booked"]
            return [
                *(Command(f"{part}.cancel", {"trip": trip}) for part in booked),
                Event("trip.failed", {"trip": trip}),
            ]
    return None


trip = Saga({}, react, evolve)


def event(type: str, **attributes: Any) -> Event:
    return Event(type, {"trip": "t-1"}, id=f"{type}-1", **attributes)


def story(*types: str) -> list[str]:
    """Given these events in turn, the types of what is sent."""
    state, sent = trip.initial, []
    for type in types:
        state, messages = advance(trip, state, event(type))
        sent += [message.type for message in messages]
    return sent


def test_given_each_part_is_booked_then_the_next_one_is_asked_for() -> None:
    assert story("trip.asked") == ["flight.book"]
    assert story("trip.asked", "flight.booked", "hotel.booked") == ["flight.book", "hotel.book", "car.book"]
    assert story("trip.asked", "flight.booked", "hotel.booked", "car.booked")[-1] == "trip.ready"


def test_given_the_last_part_fails_then_what_was_booked_is_given_back_in_reverse() -> None:
    sent = story("trip.asked", "flight.booked", "hotel.booked", "car.failed")
    assert sent[-3:] == ["hotel.cancel", "flight.cancel", "trip.failed"]


def test_given_the_first_part_fails_then_there_is_nothing_to_give_back() -> None:
    assert story("trip.asked", "flight.failed")[-1:] == ["trip.failed"]


def test_what_does_not_concern_it_leads_to_nothing() -> None:
    assert advance(trip, {"flight": "booked"}, event("weather.changed")) == ({"flight": "booked"}, [])


def test_messages_know_which_event_led_to_them() -> None:
    failed = event("car.failed", time=5, correlationid="story-1")
    _, messages = advance(trip, {"flight": "booked", "hotel": "booked"}, failed)
    assert [message.id for message in messages] == ["car.failed-1/1", "car.failed-1/2", "car.failed-1/3"]
    assert {(message.causationid, message.correlationid, message.time) for message in messages} == {
        (failed.id, "story-1", 5)
    }


@given(st.lists(st.sampled_from(["trip.asked", "flight.booked", "hotel.booked", "car.booked", "car.failed"])))
def test_an_event_delivered_again_leads_to_the_same_commands(types: list[str]) -> None:
    state = trip.initial
    for type in types:
        first = advance(trip, state, event(type))
        assert advance(trip, state, event(type)) == first
        again_later = advance(trip, first[0], event(type))
        if type.startswith("trip"):
            assert again_later == first
        state = first[0]


def test_an_event_without_id_cannot_lead_to_commands() -> None:
    with pytest.raises(Invalid, match="message without id"):
        advance(trip, trip.initial, Event("trip.asked", {"trip": "t-1"}))
