"""One event in three versions: its contracts, and the steps from each version to the next one and back.

version 1    flight, people, late             late: minutes after the plan
version 2    flight, people, late, airline    a field more
version 3    flight, people, minutes, airline the same under another name
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from msgspec import Struct

from eventlab.downcast import Downcast, Downcasters
from eventlab.event import Event
from eventlab.upcast import Upcast, Upcasters

TYPE, NEW = "flight.delayed", "flight.postponed"
VERSIONS = (1, 2, 3)


class Delay(NamedTuple):
    """What operations knows: so many minutes late, told at an instant, and how many people wait."""

    at: int
    flight: str
    minutes: int
    people: int


class Delayed1(Struct):
    """The contract of version 1."""

    flight: str
    people: int
    late: int


class Delayed2(Struct):
    """Version 2: a field more, which need not be there."""

    flight: str
    people: int
    late: int
    airline: str = "unknown"


class Delayed3(Struct):
    """Version 3: a field renamed."""

    flight: str
    people: int
    minutes: int
    airline: str = "unknown"


def with_airline(data: Mapping[str, Any]) -> dict[str, Any]:
    """Version 1 as version 2: a flight's name begins with its airline."""
    return {**data, "airline": data["flight"][:2]}


def without_airline(data: Mapping[str, Any]) -> dict[str, Any]:
    """Version 2 as version 1, which has no place for the airline."""
    return {key: value for key, value in data.items() if key != "airline"}


def renamed(data: Mapping[str, Any], old: str = "late", new: str = "minutes") -> dict[str, Any]:
    """The same with a field under another name."""
    return {new if key == old else key: value for key, value in data.items()}


UPCASTS = (Upcast(TYPE, 1, 2, with_airline), Upcast(TYPE, 2, 3, renamed))
UP = {version: Upcasters(*UPCASTS[: version - 1]) for version in VERSIONS}  # a program knows no version after its own
DOWN = Downcasters(
    Downcast(TYPE, 3, 2, lambda data: renamed(data, "minutes", "late")), Downcast(TYPE, 2, 1, without_airline)
)


def told(delay: Delay, version: int) -> Event:
    """The event as a producer of this version writes it."""
    data = {"flight": delay.flight, "people": delay.people, "late": delay.minutes}
    first = Event(TYPE, data, delay.flight, dataschema=f"{TYPE}:1")
    return UP[version](first)
