"""Who knows a process, and what a change of it costs: read from runs and from what its services listen to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import pairwise

from eventlab.event import Event
from eventlab.lessons.lesson05.town import STEPS, Town
from eventlab.process import Process, Step


def knows(town: Town, name: str) -> dict[str, float]:
    """The share of a process's events, in percent, that each service has published or heard in a run."""
    everything = {event.id for event in town.events(name)}
    met: dict[str, set[str]] = {service: set() for service in town.names}
    for record in town.trace:
        if record.where in met and isinstance(record.message, Event) and record.kind in ("sent", "received"):
            met[record.where] |= {record.message.id} & everything
    return {service: 100 * len(found) / max(1, len(everything)) for service, found in met.items()}


def compared(before: Process, after: Process) -> list[dict[str, str]]:
    """What a change of the process costs, led and not led, as rows of a table."""
    ways = {"a desk leads": changes(before, after, led=True), "nobody leads": changes(before, after, led=False)}
    return [{"form": way, "services": str(len(each)), "to change": ", ".join(each)} for way, each in ways.items()]


def wiring(process: Process, *, led: bool) -> dict[str, frozenset[str]]:
    """What each service must know of a process: what it listens to and answers; and the leader, every step."""
    town = Town(process, led=led)
    known: dict[str, set[str]] = {name: set() for name in town.names}
    for subscription in town.lab.bus.subscriptions.values():
        for member in subscription.members:
            known[member].add(f"hears {subscription.pattern} for {subscription.name}")
    for step in process.steps:
        known[step.service] |= {f"answers {command}" for command in (step.do, step.undo) if command and led}
    for one, other in pairwise(process.steps):
        if led:
            known["desk"].add(f"asks {one.do} before {other.do}")
    return {name: frozenset(facts) for name, facts in known.items()}


def changes(before: Process, after: Process, *, led: bool) -> list[str]:
    """The services that must be changed and deployed again if the process becomes another one."""
    was, now = wiring(before, led=led), wiring(after, led=led)
    return [name for name in dict.fromkeys([*now, *was]) if now.get(name, frozenset()) != was.get(name, frozenset())]


def known(process: Process) -> list[dict[str, str]]:
    """Which share of the events of one rebooking each service meets, led and not led, as rows of a table."""
    led, alone = (Town(process, led=each).ask("anna").run() for each in (True, False))
    ways = {"a desk leads": knows(led, "anna"), "nobody leads": knows(alone, "anna")}
    return [
        {"service": name, **{way: f"{met[name]:.0f}%" if name in met else "–" for way, met in ways.items()}}
        for name in led.names
    ]


VOUCHER = Step("voucher", "vouchers", "voucher.give", "voucher.void")


ORDERS = {  # changes of the process, by name
    "voucher before payment": ("flight", "seat", "hotel", "voucher", "payment"),
    "payment first": ("payment", "flight", "seat", "hotel"),
    "hotel before seat": ("flight", "hotel", "seat", "payment"),
    "no hotel": ("flight", "seat", "payment"),
}


def changed(process: Process, order: Sequence[str]) -> Process:
    """The process with these steps, in this order; a name that it does not know yet is a new step."""
    known: Mapping[str, Step] = {step.name: step for step in (*STEPS, VOUCHER, *process.steps)}
    steps = [known.get(name) or Step(name, f"{name}s", f"{name}.do", f"{name}.undo") for name in order]
    return replace(process, steps=steps)
