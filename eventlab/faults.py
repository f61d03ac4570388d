"""What goes wrong, as data: when, to whom, and until when. Instants are nanoseconds, `never` means for good."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Protocol

from eventlab.errors import Invalid, unknown
from eventlab.network import LinkQuality, Network
from eventlab.service import Service
from eventlab.sim import Entry, nanoseconds

never = None


Planned = tuple[int | None, Callable[..., object], tuple[Any, ...]]  # when (None: never), what, with which arguments


class Fault(Protocol):
    """Anything with `steps(network)`: what it does, and when. Whatever cannot be meant raises `Invalid` there."""

    def steps(self, network: Network) -> list[Planned]: ...


def _check(at: int, until: int | None) -> None:
    if until is not None and until <= at:
        raise Invalid("end of a fault", where="faults", expected=f"an instant after its begin, {at}", found=until)


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
    at: int
    until: int | None = never

    def steps(self, network: Network) -> list[Planned]:
        """Crash and restart."""
        _check(self.at, self.until)
        node: Any = network.node(self.name)
        if not (hasattr(node, "crash") and hasattr(node, "restart")):
            raise Invalid("fault", where="Crash", expected="a service or the bus", found=self.name)
        return [(self.at, node.crash, ()), (self.until, node.restart, ())]


@dataclass(frozen=True, slots=True)
class CrashBefore:
    """A service stops in the middle of its work: the next time it is about to do a certain step.

    `step` "publish": its state is stored, its events are not published. `step` "acknowledge": its work is done and
    published, but whoever gave it the message does not know. It comes back `pause` simulated seconds later.
    """

    name: str
    step: str
    at: int
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

        return [(self.at, prepare, ())]


@dataclass(frozen=True, slots=True)
class Slow:
    """A service needs `factor` times as long for its work."""

    name: str
    factor: float
    at: int
    until: int | None = never

    def steps(self, network: Network) -> list[Planned]:
        """Begin and end of the slowness."""
        _check(self.at, self.until)
        if not 0 < self.factor < 1e9:
            raise Invalid("factor", where="Slow", expected="more than 0, less than 1e9", found=self.factor)
        service = _service(network, self.name)
        return [(self.at, self._set, (service, self.factor)), (self.until, self._set, (service, 1.0))]

    @staticmethod
    def _set(service: Service, factor: float) -> None:
        service.slowness = factor
        service.sim.trace.add(service.sim.now, "slowed", service.name, note=f"{factor:g}")


@dataclass(frozen=True, slots=True)
class Partition:
    """Nothing passes between `name` and the `others` (empty: everybody else)."""

    name: str
    at: int
    until: int | None = never
    others: tuple[str, ...] = ()

    def steps(self, network: Network) -> list[Planned]:
        """The cut and its end."""
        _check(self.at, self.until)
        for name in (self.name, *self.others):
            network.node(name)
        between = (self.name, self.others or None)
        return [(self.at, network.partition, between), (self.until, network.heal, between)]


@dataclass(frozen=True, slots=True)
class Flaky:
    """Links lose, double or reorder shares of their messages (`pairs` empty: all links)."""

    at: int
    until: int | None = never
    loss: float = 0.0
    duplication: float = 0.0
    reordering: float = 0.0
    pairs: tuple[tuple[str, str], ...] = ()

    def steps(self, network: Network) -> list[Planned]:
        """When the links get worse and when they are themselves again."""
        _check(self.at, self.until)
        for name in (name for pair in self.pairs for name in pair):
            network.node(name)
        trouble = LinkQuality(loss=self.loss, duplication=self.duplication, reordering=self.reordering)
        return [(self.at, network.degrade, (trouble, self.pairs)), (self.until, network.restore, (trouble, self.pairs))]


def inject(faults: Iterable[Fault], network: Network) -> None:
    """Plan all faults or none: an unknown service, step or instant raises `Invalid` before anything is planned."""
    steps: list[Planned] = []
    for fault in faults:
        if not hasattr(fault, "steps"):
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
