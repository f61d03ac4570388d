"""Ways to live with versions: how an event is written, how it is read, and who listens to what.

read(event, mine)      the data of an event, or of what was kept, as a program of version `mine` takes them
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from eventlab.errors import Refused, unknown
from eventlab.event import Event
from eventlab.lessons.lesson08.shapes import DOWN, NEW, TYPE, UP, Delay, told
from eventlab.upcast import version_of

Read = Callable[[Event, int], Mapping[str, Any]]


def exact(event: Event, mine: int) -> Mapping[str, Any]:
    """Take the own version, and no other."""
    if version_of(event) != mine:
        raise Refused(f"version {version_of(event)}, and this program is for version {mine}")
    return event.data


def tolerant(event: Event, mine: int) -> Mapping[str, Any]:
    """Take what comes, look for what is needed, overlook the rest."""
    return event.data


def upcast(event: Event, mine: int) -> Mapping[str, Any]:
    """Turn old events into the own version; newer ones cannot be read."""
    return UP[mine](event).data


def up_and_down(event: Event, mine: int) -> Mapping[str, Any]:
    """Old events are turned up; newer ones were turned down where they came in."""
    return DOWN(event, mine).data if version_of(event) > mine else UP[mine](event).data


def _beside(event: Event, mine: int) -> Mapping[str, Any]:
    """Programs that know the new type keep the handler for the old one, and turn it up; older ones are tolerant."""
    return UP[3](event).data if mine == 3 else event.data


def _one(delay: Delay, version: int) -> list[Event]:
    return [told(delay, version)]


def _new_type(delay: Delay, version: int) -> list[Event]:
    return [_postponed(delay)] if version == 3 else _one(delay, version)


def _both_types(delay: Delay, version: int) -> list[Event]:
    return [told(delay, 2), _postponed(delay)] if version == 3 else _one(delay, version)


def _thin(delay: Delay, version: int) -> list[Event]:
    return [Event(TYPE, {"flight": delay.flight}, delay.flight)]


def _postponed(delay: Delay) -> Event:
    return Event(NEW, told(delay, 3).data, delay.flight)


@dataclass(frozen=True)
class Way:
    """How programs of three versions write and read. With `typed`, version 3 is a type of its own.

    `thin`: the event says which flight alone, and whoever wants to know more asks operations.
    """

    read: Read
    write: Callable[[Delay, int], list[Event]] = _one
    typed: bool = False
    thin: bool = False
    own: bool = False  # with a `read` from a cell

    def listens(self, mine: int) -> str:
        """The types that a program of this version subscribes to."""
        return f"{TYPE} {NEW}" if self.typed and mine == 3 else TYPE

    def keys(self, flight: str, mine: int) -> tuple[str, ...]:
        """Where a program of this version keeps what it knows, and where else it looks."""
        return (f"{flight} ({NEW})", flight) if self.typed and mine == 3 else (flight,)


WAYS: dict[str, Way] = {
    "own version only": Way(exact),
    "tolerant reader": Way(tolerant),
    "upcasters": Way(upcast),
    "upcasters and downcasters": Way(up_and_down),
    "a new type instead": Way(_beside, _new_type, typed=True),
    "both types for a while": Way(_beside, _both_types, typed=True),
    "thin events": Way(tolerant, _thin, thin=True),
}


def way(name: str | Way | Read) -> Way:
    """A way by its name; or with a `read` of one's own."""
    if isinstance(name, Way):
        return name
    if callable(name):
        return Way(name, own=True)
    if name not in WAYS:
        raise unknown("way", name, WAYS, where="lesson 08")
    return WAYS[name]
