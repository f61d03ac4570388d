"""Random plans of faults against bus, outbox and inbox: nothing lost, order kept, every effect once, poison kept apart.

A plan comes from its seed alone. A failing one is made smaller and drawn: the seed, the faults that are left and a
sequence diagram say what happened. Two modes: in `safety` faults never end and nothing wrong may be seen at any time;
in `liveness` everything heals, and everything must then be finished within ten times what the same day takes without
any fault.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from random import Random
from typing import Any

from eventlab.bus import Bus
from eventlab.errors import NoReply, Refused, Unavailable
from eventlab.event import Event
from eventlab.faults import Crash, CrashBefore, Flaky, Partition, Slow, inject
from eventlab.network import Delay, LinkQuality, Network
from eventlab.outbox import Inbox, Outbox
from eventlab.service import Service
from eventlab.sim import SECOND, Sim
from eventlab.store import Store
from eventlab.times import Instant
from eventlab.trace import Trace

SHORT, LONG = 1_000, 10_000
MODES = ("safety", "liveness")
SOON = 10  # times the length of a day without faults: so soon after the last fault all must be done, in liveness mode
DAY = 3_600  # seconds: long after that
KEYS = ("k1", "k2", "k3")
NODES = ("shop", "bus", "ledger", "mail", "audit")
KINDS = ("crash", "crash before publish", "crash before acknowledge", "partition", "loss", "duplication", "reordering",
         "lost acknowledgement", "slow", "poison")  # fmt: skip


@dataclass(frozen=True)
class Plan:
    """What happens and what goes wrong; everything else follows from the seed."""

    seed: int
    mode: str
    events: int
    faults: tuple[tuple[str, Any], ...]  # each with its kind
    poison: frozenset[int] = frozenset()  # events that the audit cannot handle until somebody mends it

    def __str__(self) -> str:
        lines = [f"seed {self.seed}, {self.mode}, {self.events} events, poison {sorted(self.poison)}"]
        return "\n".join([*lines, *(f"  {kind}: {fault}" for kind, fault in self.faults)])


@dataclass(frozen=True)
class Wiring:
    """How carefully messages are handled; anything but the default is a control that must be caught."""

    outbox: bool = True
    inbox: bool = True
    ordered: bool = True
    durable: bool = True
    hold: bool = True
    patient: bool = True  # an outbox that tries again when nothing confirms an event
    prompt: bool = True  # a subscription that tries again soon


CONTROLS = {
    "no outbox": Wiring(outbox=False),
    "no inbox": Wiring(inbox=False),
    "no order": Wiring(ordered=False),
    "not durable": Wiring(durable=False),
    "poison skipped": Wiring(hold=False),
    "stuck outbox": Wiring(patient=False),
    "slow to try again": Wiring(prompt=False),
}


class StuckOutbox(Outbox):
    """A control: it waits for ever for the first confirmation that does not come."""

    async def _publish(self, event: Event) -> None:
        try:
            await self.service.publish_confirmed(event)
        except (NoReply, Refused, Unavailable):
            await self.service.signal().wait()


def make(seed: int) -> Plan:
    """The plan of a seed: two to six faults of random kinds; even seeds in safety mode, odd ones in liveness mode."""
    chance, mode = Random(seed), MODES[seed % 2]
    faults, poison = [], set()
    for _ in range(chance.randint(2, 6)):
        kind = chance.choice(KINDS)
        if kind == "poison":
            poison.add(chance.randrange(12))
        else:
            faults.append((kind, _fault(kind, chance, mode)))
    return Plan(seed, mode, 12, tuple(faults), frozenset(poison))


def _fault(kind: str, chance: Random, mode: str) -> Any:
    at = Instant(chance.randint(0, 60) * SECOND)
    until = None if mode == "safety" else at + chance.randint(1, 120) * SECOND
    name = chance.choice(NODES)
    service = chance.choice([node for node in NODES if node != "bus"])
    writer = "mail" if kind == "crash before publish" else service  # the one that publishes what it did
    share = chance.choice((0.05, 0.3, 0.7))
    if kind == "crash":
        return Crash(name, at, until)
    if kind.startswith("crash before"):
        return CrashBefore(writer, kind.split()[-1], at, pause=chance.choice((0.5, 30.0)))
    if kind == "partition":
        return Partition(service, at, until, ("bus",))
    if kind == "slow":
        return Slow(service, chance.choice((10.0, 200.0)), at, until)
    if kind == "lost acknowledgement":
        return Flaky(at, until, loss=share, pairs=((service, "bus"),))
    return Flaky(at, until, **{kind: share})


class Run:
    """One plan carried out: a shop with an outbox, a ledger with an inbox, mail that counts, an audit that chokes."""

    def __init__(self, given: Plan, wiring: Wiring) -> None:
        self.plan, self.wiring = given, wiring
        self.sim = Sim(given.seed)
        network = Network(self.sim, LinkQuality(Delay(0.01, 0.2)))
        self.bus = Bus(network)
        made = {name: Service(name, network, self.bus, work=Delay(0.05, 0.3)) for name in NODES if name != "bus"}
        self.shop, self.ledger, self.mail, self.audit = made.values()
        self.store = Store()
        self.mended = False
        self.took = 0.0  # in days without faults: from the last fault until all was done
        if wiring.outbox:
            kind = Outbox if wiring.patient else StuckOutbox
            kind(self.shop, self.store)
            kind(self.mail, Store())
        if wiring.inbox:
            Inbox(self.ledger)
        Inbox(self.audit)
        self._subscribe()
        inject([fault for _, fault in given.faults], network)
        for number in range(given.events):
            self.sim.call_at(5 * number * SECOND, self._sell, number)

    def _subscribe(self) -> None:
        backoff = (0.5, 5.0) if self.wiring.prompt else (0.5, 2_000.0)
        usual: dict[str, Any] = {"ack_wait": 4.0, "backoff": backoff, "ordered": self.wiring.ordered}
        patient = usual | {"max_deliver": 10**6}
        durable = self.wiring.durable
        self.ledger.on("order.*", self._count(self.ledger), **patient, durable="ledger" if durable else "")
        self.mail.on("order.*", self._write, **patient, durable="mail")
        held = {"max_deliver": 3, "on_dead": "hold" if self.wiring.hold and self.wiring.ordered else "skip"}
        self.audit.on("order.*", self._choke, **usual | held, durable="audit")

    def _count(self, service: Service) -> Any:
        def handle(event: Event) -> None:
            service.state[event.id] = service.state.get(event.id, 0) + 1

        return handle

    def _write(self, event: Event) -> Event:
        """No inbox here: the same order may be written about twice, but never not at all."""
        self.mail.state[event.id] = self.mail.state.get(event.id, 0) + 1
        return Event("letter.written", {"order": event.id}, event.subject)

    def _choke(self, event: Event) -> None:
        if event.data["n"] in self.plan.poison and not self.mended:
            raise ValueError("poison")
        self.audit.state[event.id] = self.audit.state.get(event.id, 0) + 1

    def _sell(self, number: int) -> None:
        """The shop makes a sale: state and event belong together, whatever happens next."""
        if not self.shop.up:
            return
        event = self.shop.stamp(Event("order.placed", {"n": number}, KEYS[number % len(KEYS)], id=f"e{number}"))
        self.shop.state[event.id] = "sold"
        if self.wiring.outbox:
            self.store.append("outbox", [event])
        else:
            self.shop.publish(event)

    def carry_out(self) -> str:
        """What is wrong; empty if nothing is."""
        end = DAY * SECOND
        self.sim.run(until=DAY)
        if problem := self._never_wrong():
            return problem
        if self.plan.mode == "safety":
            return ""
        if not self.sim.is_over:
            return f"it is not over after {DAY} simulated seconds"
        self.took = self._days_since(self._last_fault())
        if problem := self._poison_apart():
            return problem
        self.mended = True
        self.bus.redrive("audit")
        self.sim.run(until=2 * DAY)
        self.took = max(self.took, self._days_since(end))
        if self.took > SOON:
            return f"after the last fault it took {self.took:.0f} times as long as a day without faults"
        return self._never_wrong() or self._all_done()

    def _last_fault(self) -> int:
        over = [fault.until for kind, fault in self.plan.faults if not kind.startswith("crash before")]
        return max([*over, *(record.at for record in self.trace.of("restarted"))], default=0)

    def _days_since(self, instant: int) -> float:
        """How long it took from then until nothing happened any more, in days without faults."""
        return (self.trace.records[-1].at - instant) / _undisturbed(self.plan.events)

    # What must hold ---------------------------------------------------------------------------------------------------

    @property
    def trace(self) -> Trace:
        return self.sim.trace

    @property
    def orders(self) -> list[Event]:
        """What the shop's sales have become on the bus, in order."""
        return [event for event in self.bus.log if event.type == "order.placed"]

    def _handled(self, name: str) -> list[str]:
        return [r.message.id for r in self.trace.of("handled") if r.where == name and r.message]

    def _never_wrong(self) -> str:
        """What may not be seen at any time, however bad it is."""
        published = list(dict.fromkeys(event.id for event in self.orders))
        sold = list(self.trace.state("shop"))
        if ghosts := set(published) - set(sold):
            return f"published without a sale: {sorted(ghosts)}"
        for name in ("ledger", "mail", "audit"):
            first = list(dict.fromkeys(self._handled(name)))
            for key in KEYS:
                expected = [event.id for event in self.orders if event.subject == key]
                mine = [id for id in first if id in set(expected)]
                if mine != [id for id in dict.fromkeys(expected) if id in set(mine)]:
                    return f"{name} handled {key} out of order: {mine}"
        for name in ("ledger", "audit"):
            if twice := {id: n for id, n in self.trace.state(name).items() if n > 1}:
                return f"{name} did something twice: {twice}"
        return ""

    def _poison_apart(self) -> str:
        """Behind an event that is given up (as poison, or after three losses), those of its key wait for it."""
        dead = {letter.event.id: letter.event for letter in self.bus.subscriptions["audit"].dead}
        order = list(dict.fromkeys(event.id for event in self.orders))
        done = set(self._handled("audit"))
        subject = {event.id: event.subject for event in self.orders}
        for poison in dead.values():
            behind = [id for id in order[order.index(poison.id) + 1 :] if subject[id] == poison.subject]
            if overtaken := done & set(behind):
                return f"{sorted(overtaken)} went ahead of {poison.id}, which is poison"
        return ""

    def _all_done(self) -> str:
        """When everything has healed: all that was sold is published, and done everywhere."""
        sold = set(self.trace.state("shop"))
        if lost := sold - {event.id for event in self.orders}:
            return f"sold and never published: {sorted(lost)}"
        for name in ("ledger", "mail", "audit"):
            if lost := sold - set(self.trace.state(name)):
                return f"{name} never heard of {sorted(lost)}"
        if lost := sold - {event.data["order"] for event in self.bus.log if event.type == "letter.written"}:
            return f"no letter was published about {sorted(lost)}"
        return ""


@lru_cache
def _undisturbed(events: int) -> int:
    """How long a day with so many events takes when nothing goes wrong, in nanoseconds."""
    run = Run(Plan(0, "liveness", events, ()), Wiring())
    run.sim.run(until=DAY)
    assert run.sim.is_over
    return run.trace.records[-1].at


def outcome(given: Plan, wiring: Wiring = Wiring()) -> str:
    """What is wrong with the run of a plan; empty if nothing is."""
    return Run(given, wiring).carry_out()


def smaller(given: Plan) -> Iterator[Plan]:
    """The same plan with a fault, a poison or an event less."""
    for place in range(len(given.faults)):
        yield replace(given, faults=given.faults[:place] + given.faults[place + 1 :])
    for event in sorted(given.poison):
        yield replace(given, poison=given.poison - {event})
    if given.events > 1:
        yield replace(given, events=given.events - 1)


def shrink(given: Plan, wiring: Wiring = Wiring()) -> Plan:
    """The smallest plan found that is still wrong, by taking things away one at a time."""
    while (less := next((each for each in smaller(given) if outcome(each, wiring)), None)) is not None:
        given = less
    return given


def draw(given: Plan, wiring: Wiring, folder: Path) -> Path:
    """A sequence diagram of the plan's run, as an SVG file."""
    from eventlab.views import sequence_diagram

    run = Run(given, wiring)
    run.carry_out()
    path = folder / f"fault-plan-{given.seed}.svg"
    path.write_text(sequence_diagram(run.trace, receipts=True, title=f"seed {given.seed}").svg(), "utf-8")
    return path


def struck(run: Run) -> set[str]:
    """The kinds of fault that really did something in a run, seen in its trace."""
    kinds = {kind for kind, _ in run.plan.faults}
    records = Counter(record.kind for record in run.trace)
    lost = [record for record in run.trace.of("lost") if record.note == "lost on the way"]
    seen = {
        "crash": records["crashed"] > 0,
        "crash before publish": _stopped_in_the_middle(run, "publish"),
        "crash before acknowledge": _stopped_in_the_middle(run, "acknowledge"),
        "partition": records["partitioned"] > 0,
        "loss": bool(lost),
        "duplication": records["duplicated"] > 0,
        "reordering": _overtaken(run.trace),
        "lost acknowledgement": any(record.purpose in ("acknowledge", "confirm") for record in lost),
        "slow": records["slowed"] > 0,
        "poison": bool(run.plan.poison) and records["failed"] > 0,
    }
    return {kind for kind in (*kinds, *(["poison"] if run.plan.poison else [])) if seen[kind]}


def _stopped_in_the_middle(run: Run, step: str) -> bool:
    """A crash at the very instant at which work was finished: between that and the next step."""
    names = {fault.name for kind, fault in run.plan.faults if kind == f"crash before {step}"}
    finished = {(r.where, r.at) for r in run.trace.of("handled", "appended")}
    return any((r.where, r.at) in finished and r.where in names for r in run.trace.of("crashed"))


def _overtaken(trace: Trace) -> bool:
    """Whether a message arrived before one that had been sent earlier on the same way."""
    latest: dict[tuple[str, str], int] = {}
    for record in trace.of("received"):
        way = (record.other, record.where)
        if record.packet < latest.get(way, 0):
            return True
        latest[way] = max(latest.get(way, 0), record.packet)
    return False


def attack(seeds: range, folder: Path | None = None) -> tuple[list[str], dict[str, Counter[str]], float]:
    """Run the plans of these seeds: what was wrong, made small and drawn; how often each kind of fault struck in each
    mode; and how long it took at most to get everything done after the last fault.
    """
    wrong, hits, longest = [], {mode: Counter[str]() for mode in MODES}, 0.0
    for seed in seeds:
        run = Run(make(seed), Wiring())
        problem = run.carry_out()
        hits[run.plan.mode].update(struck(run))
        longest = max(longest, run.took)
        if problem:
            small = shrink(run.plan)
            drawn = f"\ndrawn in {draw(small, Wiring(), folder)}" if folder else ""
            wrong.append(f"{outcome(small)}\n{small}{drawn}")
    return wrong, hits, longest


def caught(name: str, seeds: range) -> int:
    """In how many of the plans a control was found out."""
    return sum(bool(outcome(make(seed), CONTROLS[name])) for seed in seeds)


def main(long: bool) -> int:
    count = LONG if long else SHORT
    wrong, hits, longest = attack(range(count), Path.cwd())
    print(f"{count:,} plans, {len(wrong)} wrong; all done {longest:.1f} days without faults after the last, or sooner")
    for mode in MODES:
        print(
            f"struck in {count // 2:,} plans of {mode}: {', '.join(f'{kind} {hits[mode][kind]:,}' for kind in KINDS)}"
        )
    rare = [f"{kind} in {mode}" for mode in MODES for kind in KINDS if hits[mode][kind] < count / 2 / 100]
    if rare:
        print(f"INVALID: too rare to mean anything: {', '.join(rare)}")
    blind = 0
    for name in CONTROLS:
        found = caught(name, range(count // 10))
        blind += not found
        print(f"control, {name}: found out in {found:,} of {count // 10:,} plans")
    for each in wrong:
        print(f"\nWRONG: {each}")
    return len(wrong) + len(rare) + blind


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("seed", type=int)
    chosen = make(parser.parse_args().seed)
    print(chosen, "\n", outcome(chosen) or "nothing is wrong")
    sys.exit(0)
