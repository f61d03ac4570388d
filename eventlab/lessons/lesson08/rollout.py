"""An hour in which everything is deployed anew, one instance after the other, and some of it taken back.

Two instances of operations write, three of meals (one at each airport) read. A plan says who gets which version when.
An instance of meals stops for its change, comes back with the other version, and finds what the one before had kept.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Self

from eventlab.bus import Bus
from eventlab.client import Client
from eventlab.draws import Draws
from eventlab.errors import Invalid, unknown
from eventlab.lessons.lesson08.delays import AIRPORTS, DESKS, KITCHENS, MINUTE, STAGE, between, delays, storm
from eventlab.lessons.lesson08.meals import Program, given, missing, owed_meals
from eventlab.lessons.lesson08.shapes import NEW, TYPE, VERSIONS, Delay, told
from eventlab.lessons.lesson08.ways import Read, way
from eventlab.network import Network
from eventlab.service import Service
from eventlab.sim import Sim
from eventlab.trace import Trace
from eventlab.views.drawing.picture import Picture
from eventlab.views.versions import Meeting, Ran, version_lanes, version_matrix

BEGIN, END, AFTER = "13:00", "14:00", "15:00"
RESTART = 20 * 10**9  # nanoseconds that a change takes

Change = tuple[float, str, int]  # minutes after the begin, who, and the version from then on


class Rollout:
    """The hour under a plan. `how` is the name of a way, or a `read(event, mine)` of your own."""

    def __init__(self, plan: Iterable[Change], how: str | Read = "tolerant reader", *, begin: int = 1) -> None:
        self.plan = sorted(_checked(plan))
        self.way, self.first = way(how), begin
        self.sim = Sim(1, start=storm().at("12:50"))
        self.sim.trace.stage = STAGE
        network = Network(self.sim)
        self.bus = Bus(network)
        self.desks = {name: Client(name, network, self.bus) for name in DESKS}
        self.writes = dict.fromkeys(DESKS, begin)
        self.programs = {
            name: Program(Service(name, network, self.bus), self.way, begin, airport=airport)
            for name, airport in zip(KITCHENS, AIRPORTS, strict=True)
        }
        for name, program in self.programs.items():
            program.subscribe(name, pattern=TYPE)
            self._listen(name, program)
        self._remember()
        for minute, who, version in self.plan:
            self.sim.call_at(self._at(minute), self._deploy, who, version)
        for delay in between(BEGIN, AFTER):
            self.sim.call_at(delay.at, self._tell, delay)

    def __repr__(self) -> str:
        return f"<Rollout of {len(self.plan)} changes: {len(self.trace):,} records>"

    @property
    def trace(self) -> Trace:
        """Everything that has happened so far."""
        return self.sim.trace

    def run(self) -> Self:
        """Let the hour pass, and another one after it."""
        self.sim.run(storm().at(AFTER) + MINUTE)
        return self

    # What came of it --------------------------------------------------------------------------------------------------

    @property
    def meetings(self) -> list[Meeting]:
        """Each event that an instance of meals read, or could not read."""
        return [each for program in self.programs.values() for each in program.meetings]

    def felt(self) -> dict[str, int]:
        """How many people got no meal, how many got two, and how many events were refused."""
        known = {delay.flight for delay in delays() if delay.at < storm().at(BEGIN) and delay.minutes >= 60}
        owed = {f: people for f, people in owed_meals(between(BEGIN, AFTER)).items() if f not in known}
        got = given(self.trace)
        refused = sum(each.outcome == "refused" for each in self.meetings)
        return {
            "people an hour late": sum(owed.values()), "without a meal": missing(owed, got),
            "meals too many": missing(got, owed), "refused": refused,
        }  # fmt: skip

    def matrix(self) -> Picture:
        """Which versions met, and what came of it."""
        found = self.felt()
        title = f"{found['without a meal']:,} people without a meal, {found['meals too many']:,} meals too many"
        return version_matrix(self.meetings, title=title)

    def lanes(self) -> Picture:
        """Who ran which version when, and where events were refused."""
        begin, end = storm().at(BEGIN), storm().at(END)
        spans = []
        for name in (*DESKS, *KITCHENS):
            changes = [(begin, self.first), *((self._at(m), v) for m, who, v in self.plan if who == name)]
            ends = [at for at, _ in changes[1:]] + [end]
            spans += [Ran(name, str(v), at, until) for (at, v), until in zip(changes, ends, strict=True)]
        refused = [(r.where, r.at) for r in self.trace.of("failed", "refused") if r.where in KITCHENS and r.at < end]
        return version_lanes(spans, refused, stage=STAGE)

    # How it goes ------------------------------------------------------------------------------------------------------

    def _at(self, minute: float) -> int:
        return storm().at(BEGIN) + round(minute * MINUTE)

    def _remember(self) -> None:
        """What meals knew when the hour began, in the version of then."""
        for delay in delays():
            if delay.at < storm().at(BEGIN):
                for program in self.programs.values():
                    if f"-{program.airport}-" in delay.flight:
                        program.keep(told(delay, self.first), self.first)

    def _tell(self, delay: Delay) -> None:
        name = DESKS[sum(map(ord, delay.flight)) % len(DESKS)]
        for event in self.way.write(delay, self.writes[name]):
            sent = self.desks[name].publish(event)
            for program in self.programs.values():
                program.meant[sent.id] = (delay.minutes, self.writes[name])

    def _listen(self, name: str, program: Program) -> None:
        """Where version 3 is a type of its own, whoever has that version listens to it, and nobody else."""
        durable = f"{name}, {NEW}"
        if NEW in self.way.listens(program.version).split():
            program.subscribe(durable, pattern=NEW)
        elif durable in self.bus.subscriptions:
            self.bus.unsubscribe(durable)

    def _deploy(self, who: str, version: int) -> None:
        if who in DESKS:
            self.writes[who] = version
            return
        program = self.programs[who]
        program.meals.crash()
        program.version = version
        self._listen(who, program)
        self.sim.call_at(self.sim.now + RESTART, program.meals.restart)


def _checked(plan: Iterable[Change]) -> list[Change]:
    known: list[Change] = []
    for each in plan:
        if not (isinstance(each, Sequence) and len(each) == 3):
            raise Invalid("plan", where="Rollout", expected="(minute, who, version)", found=each)
        minute, who, version = each
        if who not in (*DESKS, *KITCHENS):
            raise unknown("instance", who, (*DESKS, *KITCHENS), where="Rollout")
        if version not in VERSIONS:
            raise Invalid("version", where="Rollout", expected="1, 2 or 3", found=version)
        if isinstance(minute, bool) or not isinstance(minute, int | float) or not 0 <= minute < 60:
            raise Invalid("minute", where="Rollout", expected="from 0, and less than 60", found=minute)
        known.append((minute, who, version))
    return known


ORDERS = ("readers first", "writers first", "in any order")


def planned(order: str, *, version: int = 3, back: bool = True, begin: int = 1) -> list[Change]:
    """A plan for the hour: everybody gets `version`; with `back`, the first two of them go back in between."""
    if order not in ORDERS:
        raise unknown("order", order, ORDERS, where="rollout")
    names = {
        "readers first": [*KITCHENS, *DESKS],
        "writers first": [*DESKS, *KITCHENS],
        "in any order": _shuffled([*DESKS, *KITCHENS]),
    }[order]
    plan: list[Change] = [(4 + 6 * place, who, version) for place, who in enumerate(names)]
    if back:  # found bad at half past, taken back, and deployed again ten minutes later
        plan += [(34 + place, who, begin) for place, who in enumerate(names[::-1])]
        plan += [(45 + 2 * place, who, version) for place, who in enumerate(names)]
    return plan


def _shuffled(names: list[str]) -> list[str]:
    draws, left = Draws(8, "deployment"), list(names)
    return [left.pop(draws.below(len(left))) for _ in range(len(names))]
