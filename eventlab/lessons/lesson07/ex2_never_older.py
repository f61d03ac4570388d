"""07.2: a copy that never gets older, though events come late and twice."""

from __future__ import annotations

from collections.abc import Callable, Mapping, MutableMapping
from typing import Any

from eventlab.event import Event
from eventlab.faults import Flaky
from eventlab.lessons.judging.model import Case, Mistake
from eventlab.lessons.judging.prose import read_exercise
from eventlab.lessons.judging.testbed import Testbed
from eventlab.lessons.lesson07.refusals import check_refusals
from eventlab.trace import Record, Trace

State = MutableMapping[str, Any]
# Which flight changes its gate: one often (its versions get two digits), some there and back, one never again.
CHANGES = ("UA1", "B62", "B62", "B62", "NK9", *("UA1",) * 3, *("DL3",) * 3, *("UA1",) * 3, *("AA5",) * 3, *("UA1",) * 5)
GATES = ("12", "14", "31", "40")


def trouble(seed: int) -> Case:
    """Some events come late, some come twice."""
    return Case(seed, len(CHANGES), (Flaky(0, 60, reordering=0.3), Flaky(0, 60, duplication=0.2)))


def judge(keep: Callable[[State, Event], object], case: Case) -> None:
    """No copy ever gets older, each is a gate that an event said, and in the end each says what its owner says."""
    lab = Testbed(case)
    gates, boards = lab.service("gates"), lab.service("boards")
    boards.on("gate.changed", lambda event: keep(boards.state, event), durable="boards", ordered=False)

    pairs: dict[str, tuple[str, str]] = {}

    def change(flight: str) -> None:
        known = gates.state.get(flight, {"gate": "", "version": 0})
        if flight not in pairs:
            first = lab.draws.below(len(GATES))
            pairs[flight] = (GATES[first], GATES[first - 1])
        gate = pairs[flight][known["version"] % 2]  # there, and back again
        gates.state[flight] = {"flight": flight, "gate": gate, "version": known["version"] + 1}
        gates.publish(Event("gate.changed", gates.state[flight], flight))

    for number, flight in enumerate(CHANGES[: case.size]):
        lab.at(number * 0.3, change, flight)
    trace = lab.run()
    for flight in dict.fromkeys(CHANGES[: case.size]):
        _Copy(trace, flight).check()
    check_refusals(trace, "boards", "boards", "flight")


class _Copy:
    """What the board shows of one flight, change by change, and which version that is."""

    def __init__(self, trace: Trace, flight: str) -> None:
        self.trace, self.flight = trace, flight
        told = [r.after for r in trace.of("changed") if r.where == "gates" and r.key == flight]
        self.told = {each["version"]: each["gate"] for each in told}
        self.received: list[int] = []  # versions, in the order in which they came
        self.has = 0  # the version that the board shows
        self.shown: Any = None  # its gate
        self.state: dict[str, Any] = {}  # of the board
        self.copy: Any = None  # the part of it that is about this flight

    def wrong(self, message: str, record: Record, mark: str, kind: str) -> Mistake:
        return Mistake(message, trace=self.trace, flight=self.flight, marks={record.index: mark}, kind=kind)

    def check(self) -> None:
        """Follow the board through the run, and look at the end."""
        last = self._follow()
        if self.told and self.shown is None:
            message = f"Events about flight {self.flight} arrived, and the board has nothing at state[{self.flight!r}]."
            raise self.wrong(message, last, f"state[{self.flight!r}] is empty", "missing")
        if self.told and (self.has != max(self.told) or self.shown != self.told[self.has]):
            raise self._not_up_to_date(last)

    def _follow(self) -> Record:
        """What the board heard and showed of the flight, record by record; the last of these records."""
        last = self.trace[0]
        for record in self.trace:
            if record.where != "boards":
                continue
            if record.kind == "received" and record.message is not None and record.message.subject == self.flight:
                self._heard(record.message.data["version"])
                last = record
            elif record.kind == "changed":
                self.state[record.key] = record.after
                if (copy := _copy_in(self.state, self.flight)) != self.copy:
                    self._change(record, copy)
                    last = record
        return last

    def _heard(self, version: int) -> None:
        """An event has come. Of a copy that has no version it is believed that a newer one with its gate was noted."""
        self.received.append(version)
        if self.copy is not None and _found(self.copy, "version") is None and self.told.get(version) == self.shown:
            self.has = max(self.has, version)

    def _change(self, record: Record, copy: Any) -> None:
        """The board shows something else: a gate that was told, and no older one."""
        self.copy, flight = copy, self.flight
        gate, version = _found(copy, "gate"), _found(copy, "version") if isinstance(copy, Mapping) else None
        if not isinstance(gate, str) or gate not in self.told.values():
            message = f"The board shows {copy!r} for flight {flight}: there is no gate in it that an event said."
            if isinstance(copy, Mapping) and gate is None:
                message += " The key 'gate' is missing."
            raise self.wrong(message, record, f"no gate: {copy!r}"[:60], "shape")
        if version is not None and self.told.get(version) != gate:
            message = (
                f"The board says version {version} and gate {gate} for flight {flight}. No event said these two "
                "together: the number is of one event and the gate of another."
            )
            raise self.wrong(message, record, f"version {version} with gate {gate}", "mixed")
        same = [each for each in self.received if self.told[each] == gate]  # a gate alone may be any of these
        new = version if version is not None else max(same, default=self.received[-1])
        if new < self.has:
            raise self.wrong(
                f"Flight {flight} had gate {self.shown} on the board (version {self.has}). Then an older event came "
                f"late, version {new}, and overwrote it: the board went back to gate {gate}.",
                record, f"gate {gate}, version {new}, after version {self.has}", "back",
            )  # fmt: skip
        self.has, self.shown = new, gate

    def _not_up_to_date(self, last: Record) -> Mistake:
        true, flight = max(self.told), self.flight
        came = next(r for r in self.trace.of("received") if _is(r, flight, true))
        knew = self._version_at(came)
        if knew + 1 < true:
            kind, why = "gap", f"A version in between was missing then (the board had version {knew})"
            if self.told.get(knew) == self.told[true]:
                why += ", and its gate was the same, so perhaps the board took no note of the new one"
        elif knew == 0:
            kind, why = "first", "It was the first event about this flight"
        else:
            kind, why = "refused", f"It was the very next version of this flight (the board had version {knew})"
        message = (
            f"In the end flight {flight} has gate {self.told[true]}, version {true}. This event has arrived, but the "
            f"board passed it over and says gate {self.shown}, version {self.has}. {why}, and no further event will "
            "come."
        )
        marks = {came.index: f"gate {self.told[true]}, version {true}: passed over"}
        marks |= {last.index: f"the board says gate {self.shown}"} if last.index != came.index else {}
        return Mistake(message, trace=self.trace, flight=flight, marks=marks, kind=kind)

    def _version_at(self, came: Record) -> int:
        """Which version the board had when that one came, as far as its own words tell."""
        before = _Copy(Trace(self.trace.records[: came.index]), self.flight)
        before.told = self.told
        before._follow()
        return before.has


def _copy_in(state: Mapping[str, Any], flight: str) -> Any:
    """What a board has of a flight: an entry of its own, or one within another entry."""
    for entry in (state, *(value for value in state.values() if isinstance(value, Mapping))):
        if entry.get(flight) is not None and _found(entry[flight], "gate") is not None:
            return entry[flight]
    return state.get(flight)


def _found(copy: Any, key: str) -> Any:
    """What a copy says, however deep; a text alone is the gate."""
    if not isinstance(copy, Mapping):
        return copy if isinstance(copy, str) and key == "gate" else None
    return copy[key] if key in copy else next((f for v in copy.values() if (f := _found_in(v, key)) is not None), None)


def _found_in(value: Any, key: str) -> Any:
    return _found(value, key) if isinstance(value, Mapping) else None


def _is(record: Record, flight: str, version: int) -> bool:
    message = record.message
    return message is not None and record.where == "boards" and (
        (message.subject, message.data.get("version")) == (flight, version)
    )  # fmt: skip


def keep(state: State, event: Event) -> None:
    """The copy of a flight is the newest event about it."""
    known = state.get(event.subject, {"version": 0})
    if event.data["version"] > known["version"]:
        state[event.subject] = event.data


EXERCISE = read_exercise("07.2", judge, keep, cases=trouble, pure=True)
