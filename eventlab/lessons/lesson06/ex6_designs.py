"""06.6: three briefs, three designs: run them, measure them, and hold them against what each brief demands."""

from __future__ import annotations

from contextlib import suppress
from functools import cache, partial
from pathlib import Path
from typing import Any

import msgspec

from eventlab.errors import NoReply, Refused, Unavailable, unknown
from eventlab.event import Command, Event
from eventlab.faults import Crash
from eventlab.lab import Lab
from eventlab.lessons.judging.model import Case, Mistake
from eventlab.lessons.judging.prose import read_exercise, read_tables
from eventlab.lessons.judging.reading import nearest
from eventlab.measures.traffic import percentile, size
from eventlab.network import Delay
from eventlab.service import Service
from eventlab.sim import SECOND
from eventlab.views import Prose, Table, table

DESIGNS = {
    "ask": "the event says that something changed; every question is passed on to the owner",
    "cache": "as ask, but an answer of the owner is used for 30 seconds",
    "full": "the event says everything; every reader keeps a copy",
}
KEEPS = 30  # seconds, of the cache
LASTS = 120  # seconds, of a run
THINGS = 20


class Brief(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """What is asked for: how much happens, what goes wrong, and the bars. Each bar is a measure's least or greatest."""

    text: str
    readers: int
    changes: float  # a second
    questions: float  # a second, at each reader
    bytes: int  # of all that is known about one thing
    outage: int  # seconds for which the owner is down
    least: dict[str, float]
    most: dict[str, float]


BRIEFS = read_tables(Path(__file__).with_name("briefs.toml"), Brief)


@cache
def measure(brief: str, design: str) -> dict[str, float]:
    """What the design does for the brief: share of answers, how many were out of date, their time, and the traffic."""
    if brief not in BRIEFS:
        raise unknown("brief", brief, BRIEFS, where="06.6")
    if design not in DESIGNS:
        raise unknown("design", design, DESIGNS, where="06.6")
    return _World(BRIEFS[brief], design).measured()


def measure_all() -> None:
    """Measure all nine combinations once, before the limit in real time begins."""
    for brief in BRIEFS:
        for design in DESIGNS:
            measure(brief, design)


class _World:
    """An owner, its readers, and the people who ask them."""

    def __init__(self, brief: Brief, design: str) -> None:
        self.brief, self.design = brief, design
        lab = Lab(6)
        self.sim = lab.sim
        self.owner = lab.service("owner", workers=4, work=Delay(0.005))
        self.owner.answers("thing.describe", lambda asked: self.owner.state[asked.data["thing"]])
        self.people = lab.service("people")
        self.readers = [lab.service(f"reader {n}", workers=100) for n in range(1, brief.readers + 1)]
        for reader in self.readers:
            reader.on("thing.changed", partial(self.heard, reader), durable=reader.name)
            reader.answers("thing.describe", partial(self.answer, reader))
            self.sim.start(self.ask(reader), "people")
        self.sim.start(self.change(), "news")
        middle = LASTS / 2
        if brief.outage:
            lab.inject(Crash("owner", middle, middle + brief.outage))
        self.versions: dict[str, int] = {}
        self.asked = self.wrong = 0
        self.waits: list[float] = []

    async def change(self) -> None:
        """Things change; while the owner is down, nobody changes anything."""
        draws = self.sim.random("news")
        things = [f"thing {number}" for number in range(1, THINGS + 1)]
        while self.sim.now < LASTS * SECOND:
            thing = things.pop() if things else f"thing {draws.below(THINGS) + 1}"
            if self.owner.up:
                self.versions[thing] = self.versions.get(thing, 0) + 1
                facts = {"thing": thing, "version": self.versions[thing], "facts": "x" * self.brief.bytes}
                self.owner.state[thing] = facts
                self.owner.publish(Event("thing.changed", facts if self.design == "full" else {"thing": thing}, thing))
            if not things:
                await self.sim.sleep(draws.exponential(round(SECOND / self.brief.changes)) / SECOND)

    def heard(self, reader: Service, event: Event) -> None:
        """With full events the reader keeps a copy; the other designs need none."""
        if self.design == "full":
            reader.state[event.data["thing"]] = event.data

    async def answer(self, reader: Service, asked: Command) -> Any:
        """From the copy, from the cache, or from the owner."""
        thing, now = asked.data["thing"], self.sim.now
        known = reader.state.get(thing)
        if self.design == "full" and known:
            return known
        if self.design == "cache" and known and now - known["asked"] <= KEEPS * SECOND:
            return known["facts"]
        facts = await reader.request("owner", Command("thing.describe", {"thing": thing}))
        if self.design == "cache":
            reader.state[thing] = {"facts": facts, "asked": now}
        return facts

    async def ask(self, reader: Service) -> None:
        """People ask this reader about one thing after the other."""
        draws = self.sim.random(f"questions to {reader.name}")
        await self.sim.sleep(2)
        while self.sim.now < LASTS * SECOND:
            await self.sim.sleep(draws.exponential(round(SECOND / self.brief.questions)) / SECOND)
            self.sim.start(self.ask_once(reader.name, f"thing {draws.below(THINGS) + 1}"), "people")

    async def ask_once(self, reader: str, thing: str) -> None:
        """An answer is out of date if it was no longer true when the question was sent."""
        begin, newest = self.sim.now, self.versions[thing]
        self.asked += 1
        with suppress(NoReply, Refused, Unavailable):
            facts = await self.people.request(reader, Command("thing.describe", {"thing": thing}))
            self.waits.append((self.sim.now - begin) / 1e6)
            self.wrong += facts["version"] < newest

    def measured(self) -> dict[str, float]:
        """Run it, and count."""
        self.sim.run()
        sent = [r for r in self.sim.trace.of("sent") if "people" not in (r.where, r.other)]
        return {
            "answered %": 100 * len(self.waits) / self.asked,
            "out of date %": 100 * self.wrong / len(self.waits),
            "p99 ms": percentile(self.waits, 0.99),
            "kB per second": sum(size(r.message) for r in sent if r.message) / LASTS / 1000,
        }


def judge(answer: Any, case: Case) -> None:
    """Every brief's bars are met by the design that was chosen for it."""
    for name, brief in BRIEFS.items():
        design = nearest(answer[name], DESIGNS)
        if design not in DESIGNS:
            raise Mistake(f"{name}: {design!r} is no design; choose one of {', '.join(DESIGNS)}.", kind="unknown")
        found = measure(name, design)
        for measured, bar in brief.least.items():
            if found[measured] < bar:
                text = f"{name}: with {design!r}, {measured} was {found[measured]:.1f}; it should be {bar:g} or more."
                raise Mistake(text, kind=f"{name} {measured}")
        for measured, bar in brief.most.items():
            if found[measured] > bar:
                text = f"{name}: with {design!r}, {measured} was {found[measured]:.2f}; it may be {bar:g} at most."
                raise Mistake(text, kind=f"{name} {measured}")


def shown(brief: str, design: str) -> list[Prose | Table]:
    """A brief, and what a design gives beside each of its bars."""
    asked = BRIEFS[brief]
    load = (
        f"{asked.readers} readers, {asked.changes:g} changes/s, {asked.questions:g} questions/s each, "
        f"{asked.bytes:,} bytes each, owner down for {asked.outage} of {LASTS} s."
    )
    bars = {what: f"≥ {bar:g}" for what, bar in asked.least.items()}
    bars |= {what: f"≤ {bar:g}" for what, bar in asked.most.items()}
    rows = [
        {"measure": what, "bar": bars.get(what, "none"), design: f"{value:.2f}"}
        for what, value in measure(brief, design).items()
    ]
    return [Prose(f"**{brief}.** {asked.text} {load}"), table(rows, right=["bar", design])]


EXERCISE = read_exercise(
    "06.6", judge, {"cards": "ask", "screens": "full", "scans": "cache"}, runs=1, prepare=measure_all
)
