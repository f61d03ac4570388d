"""Upcasters: the chain is checked when it is built, and each event takes the steps that it needs."""

from __future__ import annotations

from typing import Any

import hypothesis.strategies as st
import pytest
from hypothesis import given

from eventlab.errors import Invalid
from eventlab.event import Event
from eventlab.upcast import Upcast, Upcasters, version_of


def note(version: int) -> Any:
    return lambda data: {**data, "steps": [*data.get("steps", ()), version]}


cancelled = [Upcast("flight.cancelled", n, n + 1, note(n)) for n in (1, 2, 3)]
upcasters = Upcasters(*cancelled, Upcast("flight.delayed", 1, 2, lambda data: {"seconds": data["minutes"] * 60}))


@pytest.mark.parametrize(
    ("schema", "steps"),
    [("", (1, 2, 3)), ("flight.cancelled:1", (1, 2, 3)), ("flight.cancelled:2", (2, 3)), ("flight.cancelled:3", (3,))],
)
def test_an_event_takes_the_steps_from_its_version_on(schema: str, steps: tuple[int, ...]) -> None:
    event = Event("flight.cancelled", {"flight": "UA1"}, id="e-1", time=7, dataschema=schema)
    today = upcasters(event)
    assert today == event.with_(data={"flight": "UA1", "steps": steps}, dataschema="flight.cancelled:4")


def test_an_event_in_todays_shape_is_left_alone() -> None:
    for event in (
        Event("flight.cancelled", dataschema="flight.cancelled:4"),
        Event("flight.departed"),
        Event("flight.departed", dataschema="flight.departed:1"),
    ):
        assert upcasters(event) is event
    assert (upcasters.newest("flight.cancelled"), upcasters.newest("flight.departed")) == (4, 1)


@given(st.integers(1, 4))
def test_upcasting_twice_is_upcasting_once(version: int) -> None:
    event = Event("flight.cancelled", dataschema=f"flight.cancelled:{version}")
    assert upcasters(upcasters(event)) == upcasters(event)


def test_other_types_have_their_own_chain() -> None:
    assert upcasters(Event("flight.delayed", {"minutes": 2})).data == {"seconds": 120}


@pytest.mark.parametrize(
    ("steps", "what"),
    [
        ([(2, 3)], "gap"),
        ([(1, 2), (3, 4)], "gap"),
        ([(0, 1)], "second step"),
        ([(1, 2), (1, 2)], "second step"),
        ([(1, 2), (2, 3), (2, 3)], "second step"),
        ([(1, 2), (2, 1)], "step"),
        ([(1, 1)], "step"),
        ([(1, 3)], "step"),
    ],
)
def test_a_broken_chain_is_refused_when_it_is_built(steps: list[tuple[int, int]], what: str) -> None:
    with pytest.raises(Invalid) as caught:
        Upcasters(*(Upcast("flight.cancelled", old, new, note(old)) for old, new in steps))
    assert caught.value.what == what
    assert caught.value.where == "upcasters of 'flight.cancelled'"


def test_the_order_in_which_steps_are_given_does_not_matter() -> None:
    assert Upcasters(*reversed(cancelled))(Event("flight.cancelled")).data == {"steps": (1, 2, 3)}


@pytest.mark.parametrize("event", [Event("flight.cancelled", dataschema="flight.cancelled:5"),
                                   Event("flight.departed", dataschema="flight.departed:2")])  # fmt: skip
def test_a_version_from_the_future_is_refused(event: Event) -> None:
    with pytest.raises(Invalid, match="expected at most"):
        upcasters(event)


@pytest.mark.parametrize(
    "schema", ["flight.cancelled", "flight.cancelled:", "flight.cancelled:0", "flight.cancelled:-1",
               "flight.cancelled:01", "flight.cancelled:٣", "flight.cancelled:2.0", "flight.delayed:2",
               "https://example.org/2"]
)  # fmt: skip
def test_a_schema_that_is_no_version_of_the_type_is_refused(schema: str) -> None:
    with pytest.raises(Invalid) as caught:
        version_of(Event("flight.cancelled", dataschema=schema))
    assert caught.value.found == schema
