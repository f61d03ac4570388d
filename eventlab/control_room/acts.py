"""Acts: what the learner does, as data: which verb, to what, from when, until when, by how much.

An act becomes a fault of the scenario, or an intervention at one packet of one architecture. So what was done by hand
is a scenario that anybody can run.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from eventlab.airports.intervention import Intervention
from eventlab.airports.scenario import Scenario
from eventlab.control_room.ways import ways
from eventlab.errors import Invalid, unknown
from eventlab.faults import Crash, Fault, Flaky, Partition, Slow, Workers
from eventlab.times import Instant

SERVICES = ("operations", "gates", "boards", "rebooking", "notices", "baggage", "store")
ON = {  # the verbs, and what they are done to
    "stop": "service", "slow": "service", "cut": "service", "workers": "service",
    "lose": "arrow", "double": "arrow", "delay": "arrow",
    "drop": "packet", "late": "packet", "edit": "packet",
}  # fmt: skip
USUAL = {"slow": 20.0, "workers": 1.0, "delay": 60.0, "late": 60.0, "lose": 1.0, "double": 1.0}  # by how much
RANGES = {
    "slow": (1.1, 10_000.0), "workers": (1.0, 1000.0), "delay": (0.001, 86_400.0), "late": (0.001, 86_400.0),
    "lose": (0.01, 1.0), "double": (0.01, 1.0),
}  # fmt: skip
WORDS = {
    "stop": "{target} stopped", "slow": "{target} slow, {by:g} times", "cut": "{target} cut off",
    "workers": "{target}: {by:g} more to work", "lose": "{source} → {to}: lost", "double": "{source} → {to}: doubled",
    "delay": "{source} → {to}: {by:g} s late",
    "drop": "message {target} lost", "late": "message {target} {by:g} s late",
    "edit": "message {target} changed",
}  # fmt: skip


@dataclass(frozen=True)
class Act:
    """One act. `at` and `until` are instants; `a` is the architecture's place, for an act on one of its packets."""

    id: int
    verb: str
    target: str  # a service, an arrow "from>to", or the number of a packet
    at: Instant
    until: Instant | None = None
    by: float = 0.0
    a: int | None = None
    data: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.verb not in ON:
            raise unknown("act", self.verb, ON, where="the control room")
        if self.until is not None and self.until <= self.at:
            raise Invalid(
                "end of an act", where="the control room", expected="a time after its begin", found=self.until
            )
        if not self.by:
            object.__setattr__(self, "by", USUAL.get(self.verb, 0.0))
        self.check_target()
        least, most = RANGES.get(self.verb, (0.0, 0.0))
        if not least <= self.by <= most or (self.verb == "workers" and self.by % 1):
            expected = f"{least:g} to {most:g}"
            raise Invalid(f"how much, of {self.verb}", where="the control room", expected=expected, found=self.by)

    def check_target(self) -> None:
        """Raise `Invalid` for a target that this verb cannot be done to."""
        kind = ON[self.verb]
        if kind == "service":
            known = (*SERVICES, "bus") if self.verb in ("stop", "cut") else SERVICES
            if self.target not in known:
                raise unknown("service", self.target, known, where=f"the control room, {self.verb}")
        elif kind == "arrow" and len(self.ends) != 2:
            raise Invalid("arrow", where="the control room", expected='two names, "bus>boards"', found=self.target)
        elif kind == "packet" and not (self.target.isdecimal() and self.a is not None):
            raise Invalid("message", where="the control room", expected="a message on its way", found=self.target)

    @property
    def ends(self) -> tuple[str, ...]:
        """From whom to whom, of an arrow."""
        return tuple(self.target.split(">"))

    def fault(self) -> Fault | None:
        """The fault that this act is; None for an intervention."""
        span = self.at, self.until
        if self.verb == "stop":
            return Crash(self.target, *span)
        if self.verb == "slow":
            return Slow(self.target, self.by, *span)
        if self.verb == "cut":
            return Partition(self.target, *span)
        if self.verb == "workers":
            return Workers(self.target, int(self.by), *span)
        if ON[self.verb] == "packet":
            return None
        pairs = (self.ends,)
        if self.verb == "lose":
            return Flaky(*span, loss=self.by, pairs=pairs)  # type: ignore[arg-type]
        if self.verb == "double":
            return Flaky(*span, duplication=self.by, pairs=pairs)  # type: ignore[arg-type]
        return Flaky(*span, delay=self.by, pairs=pairs)  # type: ignore[arg-type]

    def intervention(self) -> Intervention | None:
        """The intervention that this act is; None for a fault."""
        if ON[self.verb] != "packet":
            return None
        verb = "delay" if self.verb == "late" else self.verb
        return Intervention(verb, int(self.target), by=self.by, data=dict(self.data), at=self.at)

    @property
    def words(self) -> str:
        """What the strip writes."""
        source, _, to = self.target.partition(">")
        return WORDS[self.verb].format(target=self.target, by=self.by, source=source, to=to)

    def wire(self, moment: Any) -> dict[str, Any]:
        """The act as the page knows it; `moment` turns an instant into the page's milliseconds."""
        return {
            "id": self.id,
            "at": moment(self.at),
            "until": None if self.until is None else moment(self.until),
            "verb": self.verb,
            "target": self.target,
            "by": self.by,
            "a": self.a,
            "words": self.words,
        }


class Acts:
    """All acts as they stand, in the order in which they were done, and what can be undone."""

    def __init__(self) -> None:
        self.all: tuple[Act, ...] = ()
        self._before: list[tuple[Act, ...]] = []
        self._number = 0

    def add(self, **what: Any) -> Act:
        """One more act."""
        act = Act(self._number + 1, **what)
        self._number += 1
        self._set((*self.all, act))
        return act

    def change(self, id: int, **what: Any) -> tuple[Act, Act]:
        """Change an act; it keeps its place. Gives what it was and what it is."""
        old = self.named(id)
        new = replace(old, **what)
        self._set(tuple(new if each.id == id else each for each in self.all))
        return old, new

    def remove(self, id: int) -> None:
        """Take an act back."""
        gone = self.named(id)
        self._set(tuple(each for each in self.all if each is not gone))

    def clear(self) -> None:
        """Take all acts back."""
        self._set(())

    def undo(self) -> None:
        """Take the last change back. Raises `Invalid` if there is nothing to take back."""
        if not self._before:
            raise Invalid("undo", where="the control room", expected="something that was done", found="nothing yet")
        self.all = self._before.pop()

    @property
    def can_undo(self) -> bool:
        """Whether there is a change to take back; it may be that all acts were taken back."""
        return bool(self._before)

    def named(self, id: int) -> Act:
        """The act with this number."""
        for each in self.all:
            if each.id == id:
                return each
        raise Invalid("act", where="the control room", expected="one that is still there", found=id)

    def open(self, target: str) -> Act | None:
        """The last act on a service that has no end yet and can be ended."""
        found = [
            each for each in self.all if each.target == target and each.until is None and ON[each.verb] == "service"
        ]
        return found[-1] if found else None

    def _set(self, acts: tuple[Act, ...]) -> None:
        if acts != self.all:
            self._before.append(self.all)
            self.all = acts


def applied(scenario: Scenario, acts: Sequence[Act], a: int) -> Scenario:
    """The scenario in which these acts were planned from the begin, for the architecture at this place."""
    faults = [fault for act in acts if (fault := act.fault()) is not None]
    interventions = [
        intervention for act in acts if act.a in (None, a) and (intervention := act.intervention()) is not None
    ]
    return scenario.with_(faults=[*scenario.faults, *faults], interventions=[*scenario.interventions, *interventions])


def forks_at(was: Sequence[Act], now: Sequence[Act]) -> Instant | None:
    """The first instant at which two lists of acts may differ in what they do; None if they are equal.

    An act that only ends at another time does the same until the earlier of its two ends.
    """
    before, after = {act.id: act for act in was}, {act.id: act for act in now}
    found: list[Instant] = []
    for id in before.keys() | after.keys():
        one, other = before.get(id), after.get(id)
        if one == other:
            continue
        if one is not None and other is not None and replace(one, until=None) == replace(other, until=None):
            found += [end for end in (one.until, other.until) if end is not None]
        else:
            found += [each.at for each in (one, other) if each is not None]
    return min(found, default=None)


def check_arrow(act: Act, architectures: Sequence[str]) -> None:
    """Raise `Invalid` for an arrow that none of the architectures has."""
    if ON[act.verb] == "arrow":
        known = {way[:2] for each in architectures for way in ways(each)}
        if act.ends not in known and act.ends[::-1] not in known:
            names = sorted(f"{source}>{to}" for source, to in known)
            raise unknown("arrow", act.target, names, where="the control room")
