"""Upcasters: yesterday's event in today's shape.

Stored events never change, but the programs that read them do. Each step turns the data of one event type from one
version to the next; reading applies as many steps as an event needs, so that handlers know today's shape alone.
What today's program makes is `stamped`, or it would be taken for yesterday's when it is read again.

    upcasters = Upcasters(Upcast("flight.cancelled", 1, 2, lambda data: {**data, "reason": "unknown"}))
    upcasters(Event("flight.cancelled", {"flight": "UA1"}))   # data with a reason, dataschema "flight.cancelled:2"
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from eventlab import borders
from eventlab.errors import Invalid
from eventlab.event import Event


@dataclass(frozen=True)
class Upcast:
    """How the data of a `type` in version `old` becomes data in version `new`, the next one."""

    type: str
    old: int
    new: int
    change: Callable[[Mapping[str, Any]], Mapping[str, Any]]

    def __post_init__(self) -> None:
        borders.text(self.type, "type", where="upcast", least=1)
        for version in (self.old, self.new):
            borders.integer(version, "version", where=f"upcast of {self.type!r}", least=0)
        borders.function(self.change, "change", where=f"upcast of {self.type!r}")


Step = Upcast  # its name in version 0.1


class Upcasters:
    """All steps, checked when they are put together: each type's go 1, 2, 3 … without gap, repetition or return."""

    def __init__(self, *steps: Upcast) -> None:
        self._chains: dict[str, list[Upcast]] = {}
        for step in steps:
            borders.instance(step, Upcast, "step", where="upcasters")
        for step in sorted(steps, key=lambda step: (step.type, step.old)):
            chain = self._chains.setdefault(step.type, [])
            if step.old != len(chain) + 1:
                problem = "second step" if step.old <= len(chain) else "gap"
                expected = f"a step from version {len(chain) + 1}"
                raise Invalid(problem, where=f"upcasters of {step.type!r}", expected=expected, found=_shown(step))
            if step.new != step.old + 1:
                expected = f"a step to version {step.old + 1}"
                raise Invalid("step", where=f"upcasters of {step.type!r}", expected=expected, found=_shown(step))
            chain.append(step)

    def __repr__(self) -> str:
        return f"<Upcasters {self.schema or 'of nothing'}>"

    @property
    def schema(self) -> str:
        """Today's version of every type that ever changed: a state that was folded under another one is another state.

        "flight.cancelled:2 gate.changed:3", or, where that is long, its hash.
        """
        names = " ".join(f"{type}:{self.newest(type)}" for type in sorted(self._chains))
        return names if len(names) <= 200 else sha256(names.encode()).hexdigest()

    def stamped(self, event: Event) -> Event:
        """An event that is made now, in today's shape, with the version that says so; it may say one itself."""
        self._version(event)
        if event.dataschema or event.type not in self._chains:
            return event
        return event.with_(dataschema=f"{event.type}:{self.newest(event.type)}")

    def newest(self, type: str) -> int:
        """Today's version of a type: 1 where nothing ever changed."""
        borders.text(type, "type", where="upcasters")
        return len(self._chains.get(type, ())) + 1

    def __call__(self, event: Event) -> Event:
        """The event in today's shape; itself if it has it already."""
        if event.__class__ is Event and not event.dataschema and event.type not in self._chains:
            return event
        version, newest = self._version(event), self.newest(event.type)
        if version == newest:
            return event
        data = event.data
        for step in self._chains[event.type][version - 1 :]:
            data = step.change(data)
        return event.with_(data=data, dataschema=f"{event.type}:{newest}")

    def _version(self, event: Event) -> int:
        """An event's version; `Invalid` if it is from the future."""
        version, newest = version_of(event), self.newest(event.type)
        if version > newest:
            expected = f"at most {newest}"
            raise Invalid("version", where=f"event {event.type!r}", expected=expected, found=event.dataschema)
        return version


def version_of(event: Event) -> int:
    """The version that `dataschema` states, "flight.cancelled:2"; 1 where it is empty."""
    borders.instance(event, Event, "event", where="upcasters")
    if not event.dataschema:
        return 1
    name, _, number = event.dataschema.rpartition(":")
    if name != event.type or not (number.isascii() and number.isdecimal()) or number[0] == "0" or len(number) > 18:
        expected = f'"{event.type}:" and a number from 1'
        raise Invalid("dataschema", where=f"event {event.type!r}", expected=expected, found=event.dataschema)
    return int(number)


def _shown(step: Upcast) -> str:
    return f"a step from {step.old} to {step.new}"
