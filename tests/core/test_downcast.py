"""Downcasters turn today's events back for yesterday's consumers, step by step, or say which step is missing."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eventlab import Downcast, Downcasters, Event, Invalid, Upcast, Upcasters

UP = Upcasters(
    Upcast("gate.changed", 1, 2, lambda data: {**data, "terminal": 8}),
    Upcast("gate.changed", 2, 3, lambda data: {"flight": data["flight"], "at": [data["terminal"], data["gate"]]}),
)
DOWN = Downcasters(
    Downcast(
        "gate.changed", 3, 2, lambda data: {"flight": data["flight"], "terminal": data["at"][0], "gate": data["at"][1]}
    ),
    Downcast("gate.changed", 2, 1, lambda data: {key: data[key] for key in ("flight", "gate")}),
)


@given(st.text(max_size=5), st.text(max_size=5))
def test_an_old_event_brought_up_and_turned_back_is_the_old_event(flight: str, gate: str) -> None:
    old = Event("gate.changed", {"flight": flight, "gate": gate}, dataschema="gate.changed:1")
    assert DOWN(UP(old), 1) == old


def test_what_the_old_shape_has_no_place_for_is_lost() -> None:
    new = Event("gate.changed", {"flight": "UA1", "at": [4, "7"]}, dataschema="gate.changed:3")
    assert DOWN(new, 2).data == {"flight": "UA1", "terminal": 4, "gate": "7"}
    assert DOWN(new, 2).dataschema == "gate.changed:2"
    assert UP(DOWN(new, 1)).data["at"] == (8, "7")


def test_an_event_in_the_version_asked_for_is_itself() -> None:
    event = Event("flight.cancelled", {"flight": "UA1"})
    assert DOWN(event, 1) is event


def test_a_missing_step_and_a_newer_version_are_named() -> None:
    with pytest.raises(Invalid, match="a step from version 3 to 2"):
        Downcasters()(Event("gate.changed", {}, dataschema="gate.changed:3"), 1)
    with pytest.raises(Invalid, match="at most 1: a newer shape is made by upcasters"):
        DOWN(Event("gate.changed", {}), 2)
    with pytest.raises(Invalid, match="two from version 2"):
        Downcasters(*[Downcast("gate.changed", 2, 1, dict)] * 2)


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: Downcast("gate.changed", 3, 1, dict), lambda: Downcast("gate.changed", 1, 0, dict),
        lambda: Downcast("", 2, 1, dict), lambda: Downcast("gate.changed", 2, True, dict),
        lambda: Downcast("gate.changed", 2, 1, None), lambda: Downcasters("no step"), lambda: DOWN("no event", 1),
        lambda: DOWN(Event("gate.changed", {}), 0),
    ],
)  # fmt: skip
def test_a_wrong_step_is_refused_when_it_is_made(wrong: Callable[[], Mapping[str, Any]]) -> None:
    with pytest.raises(Invalid):
        wrong()
