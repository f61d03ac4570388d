"""Downcasters: today's event in yesterday's shape, for consumers that have not been changed yet.

The producer publishes what is new; where an old consumer takes it, the event is turned back, version by version. What
the old shape has no place for is left out: turned back and up again, an event has lost it.

    downcasters = Downcasters(Downcast("flight.cancelled", 2, 1, lambda data: {"flight": data["flight"]}))
    downcasters(event, 1)      # the event as version 1 had it
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from eventlab import borders
from eventlab.errors import Invalid
from eventlab.event import Event
from eventlab.upcast import version_of


@dataclass(frozen=True)
class Downcast:
    """How the data of a `type` in version `new` become data in version `old`, the one before."""

    type: str
    new: int
    old: int
    change: Callable[[Mapping[str, Any]], Mapping[str, Any]]

    def __post_init__(self) -> None:
        borders.text(self.type, "type", where="downcast", least=1)
        borders.integer(self.new, "version", where=f"downcast of {self.type!r}", least=2)
        if self.old.__class__ is not int or self.old != self.new - 1:
            expected = f"a step to version {self.new - 1}"
            raise Invalid("step", where=f"downcast of {self.type!r}", expected=expected, found=self.old)
        borders.function(self.change, "change", where=f"downcast of {self.type!r}")


class Downcasters:
    """All steps back; a type may have some of them: an event goes back as far as they lead."""

    def __init__(self, *steps: Downcast) -> None:
        self._steps: dict[tuple[str, int], Downcast] = {}
        for step in steps:
            borders.instance(step, Downcast, "step", where="downcasters")
            if (step.type, step.new) in self._steps:
                where = f"downcasters of {step.type!r}"
                raise Invalid("second step", where=where, expected="one", found=f"two from version {step.new}")
            self._steps[step.type, step.new] = step

    def __repr__(self) -> str:
        return f"<Downcasters {' '.join(f'{type}:{new}' for type, new in sorted(self._steps)) or 'of nothing'}>"

    def __call__(self, event: Event, version: int) -> Event:
        """The event as this older version of its type has it; itself if it is in that version."""
        borders.integer(version, "version", where="downcasters", least=1)
        newest = version_of(event)
        if version > newest:
            where, expected = f"event {event.type!r}", f"at most {newest}: a newer shape is made by upcasters"
            raise Invalid("version", where=where, expected=expected, found=version)
        data = event.data
        for each in range(newest, version, -1):
            step = self._steps.get((event.type, each))
            if step is None:
                where = f"downcasters of {event.type!r}"
                raise Invalid("gap", where=where, expected=f"a step from version {each} to {each - 1}", found="none")
            data = step.change(data)
        return event if version == newest else event.with_(data=data, dataschema=f"{event.type}:{version}")
