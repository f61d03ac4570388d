"""What goes wrong, as data: to whom, when, and until when.

A point in time is a number of seconds since the simulation began, a clock time ("15:00") or an `Instant`; `never` means
for good.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Protocol

from eventlab.errors import Invalid, unknown
from eventlab.network import LinkQuality, Network
from eventlab.service import Service
from eventlab.sim import Entry
from eventlab.times import When, nanoseconds

never = None


Planned = tuple[int | None, Callable[..., object], tuple[Any, ...]]  # when (None: never), what, with which arguments


class Fault(Protocol):
    """Anything with `steps(network)`: what it does, and when. Whatever cannot be meant raises `Invalid` there."""

    def steps(self, network: Network) -> list[Planned]: ...


def _span(network: Network, at: When, until: When | None) -> tuple[int, int | None]:
    """Begin and end in nanoseconds; the end is later than the begin."""
    begin = network.sim.instant(at)
    end = None if until is None else network.sim.instant(until)
    if end is not None and end <= begin:
        raise Invalid("end of a fault", where="faults", expected=f"a point in time after its begin, {at}", found=until)
    return begin, end


def _service(network: Network, name: str) -> Service:
    node = network.node(name)
    if not isinstance(node, Service):
        services = [name for name, other in network.nodes.items() if isinstance(other, Service)]
        raise unknown("service", name, services, where="faults")
    return node


@dataclass(frozen=True, slots=True)
class Crash:
    """A service (or the bus) stops, and works again from `until` on."""

    name: str
    at: When
    until: When | None = never

    def steps(self, network: Network) -> list[Planned]:
        """Crash and restart."""
        begin, end = _span(network, self.at, self.until)
        node: Any = network.node(self.name)
        if not (hasattr(node, "crash") and hasattr(node, "restart")):
            raise Invalid("fault", where="Crash", expected="a service or the bus", found=self.name)
        return [(begin, node.crash, ()), (end, node.restart, ())]


@dataclass(frozen=True, slots=True)
class CrashBefore:
    """A service stops in the middle of its work: the next time it is about to do a certain step.

    `step` "publish": its state is stored, its events are not published. `step` "acknowledge": its work is done and
    published, but whoever gave it the message does not know. It comes back `pause` simulated seconds later.
    """

    name: str
    step: str
    at: When
    pause: float = 60.0

    def steps(self, network: Network) -> list[Planned]:
        """The begin of the wait for that step; the restart follows whenever the crash has happened."""
        service, sim, pause = _service(network, self.name), network.sim, nanoseconds(self.pause)
        if self.step not in ("publish", "acknowledge"):
            raise unknown("step", self.step, ("publish", "acknowledge"), where="CrashBefore")

        def prepare() -> None:
            service.crash_before.add(self.step)
            service.on_crash.append(come_back)

        def come_back() -> None:
            if self.step not in service.crash_before:  # it was this crash, and no other
                service.on_crash.remove(come_back)
                sim.call_at(sim.now + pause, service.restart)

        return [(sim.instant(self.at), prepare, ())]


@dataclass(frozen=True, slots=True)
class Slow:
    """A service needs `factor` times as long for its work."""

    name: str
    factor: float
    at: When
    until: When | None = never

    def steps(self, network: Network) -> list[Planned]:
        """Begin and end of the slowness."""
        begin, end = _span(network, self.at, self.until)
        if not 0 < self.factor < 1e9:
            raise Invalid("factor", where="Slow", expected="more than 0, less than 1e9", found=self.factor)
        service = _service(network, self.name)
        return [(begin, self._set, (service, self.factor)), (end, self._set, (service, 1.0))]

    @staticmethod
    def _set(service: Service, factor: float) -> None:
        service.slowness = factor
        service.sim.trace.add(service.sim.now, "slowed", service.name, note=f"{factor:g}")


@dataclass(frozen=True, slots=True)
class Partition:
    """Nothing passes between `name` and the `others` (empty: everybody else)."""

    name: str
    at: When
    until: When | None = never
    others: tuple[str, ...] = ()

    def steps(self, network: Network) -> list[Planned]:
        """The cut and its end."""
        begin, end = _span(network, self.at, self.until)
        for name in (self.name, *self.others):
            network.node(name)
        between = (self.name, self.others or None)
        return [(begin, network.partition, between), (end, network.heal, between)]


@dataclass(frozen=True, slots=True)
class Flaky:
    """Links lose, double or reorder shares of their messages (`pairs` empty: all links)."""

    at: When
    until: When | None = never
    loss: float = 0.0
    duplication: float = 0.0
    reordering: float = 0.0
    pairs: tuple[tuple[str, str], ...] = ()

    def steps(self, network: Network) -> list[Planned]:
        """When the links get worse and when they are themselves again."""
        begin, end = _span(network, self.at, self.until)
        for name in (name for pair in self.pairs for name in pair):
            network.node(name)
        trouble = LinkQuality(loss=self.loss, duplication=self.duplication, reordering=self.reordering)
        return [(begin, network.degrade, (trouble, self.pairs)), (end, network.restore, (trouble, self.pairs))]


def inject(faults: Iterable[Fault], network: Network) -> None:
    """Plan all faults or none: an unknown service, step or instant raises `Invalid` before anything is planned."""
    steps: list[Planned] = []
    for fault in faults:
        if not hasattr(fault, "steps") or isinstance(fault, type):
            known = [kind.__name__ for kind in (Crash, CrashBefore, Slow, Partition, Flaky)]
            raise unknown("fault", fault, known, where="faults")
        steps += fault.steps(network)
    planned: list[Entry] = []
    try:
        for at, call, arguments in steps:
            if at is not None:
                planned.append(network.sim.call_at(at, call, *arguments))
    except Invalid:
        for entry in planned:
            network.sim.cancel(entry)
        raise
