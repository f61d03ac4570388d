"""What goes wrong, as data: when, to whom, and until when. Instants are nanoseconds, `never` means for good."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Protocol

from eventlab.errors import Invalid, unknown
from eventlab.network import Network
from eventlab.service import Service

never = None


class Fault(Protocol):
    """Anything with `plan(network)`: it plans in simulated time what it does."""

    def plan(self, network: Network) -> None: ...


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

    def plan(self, network: Network) -> None:
        """Plan crash and restart."""
        _check(self.at, self.until)
        node = network.node(self.name)
        for verb in ("crash", "restart"):
            if not hasattr(node, verb):
                raise Invalid("fault", where="Crash", expected="a service or the bus", found=self.name)
        network.sim.at(self.at, node.crash)  # type: ignore[attr-defined]
        if self.until is not None:
            network.sim.at(self.until, node.restart)  # type: ignore[attr-defined]


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

    def plan(self, network: Network) -> None:
        """Plan the crash; the restart follows whenever it has happened."""
        service = _service(network, self.name)
        if self.step not in ("publish", "acknowledge"):
            raise unknown("step", self.step, ("publish", "acknowledge"), where="CrashBefore")
        sim = network.sim
        network.sim.at(self.at, service.crash_before.add, self.step)

        def come_back() -> None:
            if self.step not in service.crash_before and not service.up and sim.now >= self.at:
                sim.at(sim.now + int(self.pause * 1e9), service.restart)

        service.on_crash.append(come_back)


@dataclass(frozen=True, slots=True)
class Slow:
    """A service needs `factor` times as long for its work."""

    name: str
    factor: float
    at: int
    until: int | None = never

    def plan(self, network: Network) -> None:
        """Plan begin and end of the slowness."""
        _check(self.at, self.until)
        if not self.factor > 0:
            raise Invalid("factor", where="Slow", expected="more than 0", found=self.factor)
        service = _service(network, self.name)
        network.sim.at(self.at, self._set, network, service, self.factor)
        if self.until is not None:
            network.sim.at(self.until, self._set, network, service, 1.0)

    @staticmethod
    def _set(network: Network, service: Service, factor: float) -> None:
        service.slowness = factor
        network.sim.trace.add(network.sim.now, "slowed", service.name, note=f"{factor:g}")


@dataclass(frozen=True, slots=True)
class Partition:
    """Nothing passes between `name` and the `others` (empty: everybody else)."""

    name: str
    at: int
    until: int | None = never
    others: tuple[str, ...] = ()

    def plan(self, network: Network) -> None:
        """Plan the cut and its end."""
        _check(self.at, self.until)
        for name in (self.name, *self.others):
            network.node(name)
        network.sim.at(self.at, network.partition, self.name, self.others or None)
        if self.until is not None:
            network.sim.at(self.until, network.heal, self.name, self.others or None)


@dataclass(frozen=True, slots=True)
class Flaky:
    """Links lose, double or reorder shares of their messages (`pairs` empty: all links)."""

    at: int
    until: int | None = never
    loss: float = 0.0
    duplication: float = 0.0
    reordering: float = 0.0
    pairs: tuple[tuple[str, str], ...] = ()

    def plan(self, network: Network) -> None:
        """Plan when the links get worse and when they are themselves again."""
        _check(self.at, self.until)
        worse = replace(
            network.quality, loss=self.loss, duplication=self.duplication, reordering=self.reordering
        )
        for pair in self.pairs:
            for name in pair:
                network.node(name)
        network.sim.at(self.at, network.set_quality, worse, self.pairs or None)
        if self.until is not None:
            network.sim.at(self.until, network.set_quality, network.quality, self.pairs or None)


def plan(faults: Iterable[Fault], network: Network) -> None:
    """Plan all faults; an unknown service, step or instant raises `Invalid` before anything has run."""
    for fault in faults:
        if not hasattr(fault, "plan"):
            known = [kind.__name__ for kind in (Crash, CrashBefore, Slow, Partition, Flaky)]
            raise unknown("fault", fault, known, where="faults")
        fault.plan(network)
