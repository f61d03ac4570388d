"""Changes of an event, each looked at twice: by a check of the contracts, and by runs in which old and new meet."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from msgspec import Struct

from eventlab.contract import Breaking, breaking, read
from eventlab.errors import Invalid, Refused
from eventlab.event import Event
from eventlab.lab import Lab
from eventlab.lessons.lesson08.delays import between
from eventlab.lessons.lesson08.meals import HOUR
from eventlab.lessons.lesson08.shapes import TYPE, Delay, Delayed1, Delayed2, Delayed3, renamed, told
from eventlab.stage import Stage
from eventlab.trace import Trace
from eventlab.views import Picture, Prose, Table, sequence_diagram, table
from eventlab.views.drawing.wording import counted

Data = Mapping[str, Any]
Write = Callable[[Delay], Data]


class WithAirline(Struct):
    """A field more, which must be there."""

    flight: str
    people: int
    late: int
    airline: str


class AsText(Struct):
    """The same name, another kind of value."""

    flight: str
    people: int
    late: str


class MayBeNothing(Struct):
    """The number may be missing: nobody knows yet."""

    flight: str
    people: int
    late: int | None


def _old(delay: Delay) -> Data:
    return told(delay, 1).data


def _airline(delay: Delay) -> Data:
    return told(delay, 2).data


def _text(delay: Delay) -> Data:
    return {**_old(delay), "late": f"{delay.minutes} min"}


def _nothing(delay: Delay) -> Data:
    return {**_old(delay), "late": None if delay.minutes > 2 * HOUR else delay.minutes}


def _seconds(delay: Delay) -> Data:
    return {**_old(delay), "late": delay.minutes * 60}


@dataclass(frozen=True)
class Changed:
    """A change: both contracts, and how programs of both write a delay."""

    old: type
    new: type
    old_writes: Write
    new_writes: Write
    unit: int = 1  # of the new version's number, in a minute

    def breaks(self, mode: str) -> list[Breaking]:
        """What the check finds."""
        return breaking(self.old, self.new, mode)

    def met(self, mode: str) -> tuple[int, int]:
        """How many events the reader refused in a run, and how many it took for something else.

        "backward": the new reader gets what the old writer writes; "forward": the other way round.
        """
        write, reader, unit = self.old_writes, self.new, self.unit
        if mode == "forward":
            write, reader, unit = self.new_writes, self.old, 1
        lab, wrong = Lab(1), list[str]()
        operations, meals = lab.client("operations"), lab.service("meals")
        meant = {delay.flight: delay.minutes * unit for delay in _hour()}

        def take(event: Event) -> None:
            late = _said(_read(reader, event))
            if late not in (None, meant[event.subject]):
                wrong.append(event.subject)

        meals.on(TYPE, take, durable="meals", max_deliver=1)
        for delay in _hour():
            lab.at(1, operations.publish, Event(TYPE, write(delay), delay.flight))
        return sum(1 for _ in lab.run().of("dead")), len(wrong)


def _read(contract: type, event: Event) -> Any:
    """The event as this contract reads it, or a definite no."""
    try:
        return read(contract, event.data)
    except Invalid as problem:
        raise Refused(str(problem.found)) from None


def _hour() -> list[Delay]:
    """The last delay of each flight that was told in an hour of the storm."""
    return list({delay.flight: delay for delay in between("13:00", "14:00")}.values())


def _said(data: Any) -> Any:
    late = getattr(data, "late", None) if hasattr(data, "late") else data.minutes
    return None if late is None else int(str(late).split()[0])


CHANGES: dict[str, Changed] = {
    "a field more, with a default": Changed(Delayed1, Delayed2, _old, _airline),
    "a field more, required": Changed(Delayed1, WithAirline, _old, _airline),
    "a required field less": Changed(WithAirline, Delayed1, _airline, _old),
    "a field renamed": Changed(Delayed1, Delayed3, _old, lambda delay: renamed(_old(delay))),
    "a number as text": Changed(Delayed1, AsText, _old, _text),
    "a number that may be nothing": Changed(Delayed1, MayBeNothing, _old, _nothing),
    "minutes as seconds": Changed(Delayed1, Delayed1, _old, _seconds, unit=60),
}


def compared(mode: str = "full") -> list[dict[str, str]]:
    """Every change as a row: what the check says, and what happened when both versions met."""
    sides = ("backward", "forward") if mode == "full" else (mode,)
    rows = []
    for name, change in CHANGES.items():
        row = {"change": name}
        for side in sides:
            refused, wrong = change.met(side)
            row[f"{side}: the check"] = "✕ breaks" if change.breaks(side) else "✓"
            row[f"{side}: the run"] = f"✕ {counted(refused, 'refused', 'refused')}" if refused else "✓"
            if wrong:
                row[f"{side}: the run"] = f"≠ {wrong} misread"
        rows.append(row)
    return rows


def failing_run(found: Breaking, old: type, new: type) -> Trace:
    """The shortest run in which this breaks: one event, written by one version, read by the other's contract."""
    lab = Lab(1)
    reader, names = (old, ("new operations", "old meals"))
    if found.mode == "backward":
        reader, names = (new, ("old operations", "new meals"))
    operations, meals = lab.client(names[0]), lab.service(names[1])
    lab.trace.stage = Stage((names[0], "bus", names[1]), buses=("bus",))
    meals.on(TYPE, lambda event: _read(reader, event) and None, durable="meals", max_deliver=1)
    lab.at(0, operations.publish, Event(TYPE, found.data, "UA1"))
    return lab.run()


def shortest(old: type, new: type, mode: str = "full") -> Picture | Prose:
    """The shortest run in which a change breaks something, as a sequence diagram; or that there is none."""
    found = breaking(old, new, mode)
    if not found:
        return Prose("**Nothing breaks**: there is no run that fails.")
    first = min(found, key=lambda each: len(str(each.data)))
    title = "New readers, old events" if first.mode == "backward" else "Old readers, new events"
    return sequence_diagram(failing_run(first, old, new), title=title)


def reasons(found: list[Breaking]) -> Table:
    """What a check found, as rows: each reason once, though it may hold for several earlier versions."""
    once = {(each.mode, each.why): each for each in reversed(found)}
    rows = [
        {"who fails": "new readers, old events" if each.mode == "backward" else "old readers, new events",
         "at": str(each.data), "why": each.why}
        for each in reversed(once.values())
    ]  # fmt: skip
    return table(rows)
