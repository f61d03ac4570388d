"""What goes wrong, as data: to whom, when, and until when.

A point in time is a number of seconds since the simulation began, a clock time ("15:00") or an `Instant`; `never` means
for good.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from typing import Any, Protocol

from eventlab import borders
from eventlab.door import look_at_fields
from eventlab.errors import Invalid, shown, unknown
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
        raise Invalid("end of a fault", where="faults", expected=f"a time after its begin, {shown(at)}", found=until)
    return begin, end


def _hold(network: Network, what: tuple[str, ...], begin: Callable[[], object] | None = None) -> None:
    """One more fault holds `what`; the first one begins the effect."""
    network.held[what] += 1
    if network.held[what] == 1 and begin is not None:
        begin()


def _let_go(network: Network, what: tuple[str, ...], end: Callable[[], object]) -> None:
    """One fault less holds `what`; the last one ends the effect, behind all else that happens at this instant.

    So a fault that begins just when another one ends finds the effect still there, and keeps it.
    """

    def end_if_nobody_holds() -> None:
        network.held[what] -= 1
        if not network.held[what]:
            end()

    _behind(network, end_if_nobody_holds)


def _behind(network: Network, call: Callable[..., object], *arguments: Any) -> None:
    """Call behind all that is planned for this instant."""
    network.sim.call_at(network.sim.now, call, *arguments)


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
        down = ("down", self.name)
        return [(begin, _hold, (network, down, node.crash)), (end, _let_go, (network, down, node.restart))]


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

        def crashed() -> None:
            down = ("down", self.name)
            _hold(network, down)
            sim.call_at(sim.now + pause, _let_go, network, down, service.restart)

        return [(sim.instant(self.at), service.crash_before[self.step].append, (crashed,))]


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
        return [(begin, self._begin, (service,)), (end, _behind, (network, self._end, service))]

    def _begin(self, service: Service) -> None:
        service.slowed_by.append(self.factor)
        self._notice(service)

    def _end(self, service: Service) -> None:
        service.slowed_by.remove(self.factor)
        self._notice(service)

    @staticmethod
    def _notice(service: Service) -> None:
        """Let the service be as slow as the worst of what slows it down at present."""
        slowness = max(service.slowed_by, default=1.0)
        if slowness != service.slowness:
            service.slowness = slowness
            service.sim.trace.write(service.now, "slowed", service.name, note=f"{slowness:g}")


@dataclass(frozen=True, slots=True)
class Workers:
    """A service works on `more` messages at once: a remedy rather than a fault, and as much data."""

    name: str
    more: int
    at: When
    until: When | None = never

    def steps(self, network: Network) -> list[Planned]:
        """When they come and when they go."""
        begin, end = _span(network, self.at, self.until)
        if self.more.__class__ is not int or not 0 < self.more <= 1000:
            raise Invalid("workers", where="Workers", expected="1 to 1,000 more", found=self.more)
        service = _service(network, self.name)
        return [(begin, self._staff, (service, self.more)), (end, _behind, (network, self._staff, service, -self.more))]

    @staticmethod
    def _staff(service: Service, more: int) -> None:
        service.staff(service.workers + more)


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
        named = tuple(self.others)
        for name in (self.name, *named):
            network.node(name)

        def apart(others: Iterable[str]) -> list[str]:
            return [other for other in others if other != self.name]

        def cut_off(others: Iterable[str]) -> None:
            for other in apart(others):
                _hold(network, _cut(self.name, other), partial(network.partition, self.name, [other]))

        def cut() -> None:
            cut_off(named or network.nodes)
            if not named:
                network.on_join[cut] = cut_off  # everybody else: who joins meanwhile, too

        def heal() -> None:
            network.on_join.pop(cut, None)
            for other in apart(named or network.nodes):
                _let_go(network, _cut(self.name, other), partial(network.heal, self.name, [other]))

        return [(begin, cut, ()), (end, heal, ())]


@dataclass(frozen=True, slots=True)
class Flaky:
    """Links lose, double or reorder shares of their messages, or hold all of them up (`pairs` empty: all links).

    `delay` is what every message takes longer, in simulated seconds.
    """

    at: When
    until: When | None = never
    loss: float = 0.0
    duplication: float = 0.0
    reordering: float = 0.0
    pairs: tuple[tuple[str, str], ...] = ()
    delay: float = 0.0

    def steps(self, network: Network) -> list[Planned]:
        """When the links get worse and when they are themselves again."""
        begin, end = _span(network, self.at, self.until)
        for name in (name for pair in self.pairs for name in pair):
            network.node(name)
        trouble = LinkQuality(
            loss=self.loss, duplication=self.duplication, reordering=self.reordering, added=self.delay
        )
        return [(begin, network.degrade, (trouble, self.pairs)), (end, network.restore, (trouble, self.pairs))]


def _cut(one: str, other: str) -> tuple[str, ...]:
    return ("cut", *sorted((one, other)))


STEPS = 16  # ranks kept for each fault


def inject(faults: Iterable[Fault], network: Network, *, ahead: int | None = None) -> None:
    """Plan all faults or none: an unknown service, step or instant raises `Invalid` before anything is planned.

    With `ahead`, they come before all else at their instants, as if they had been planned before everything but as many
    faults as `ahead` says.
    """
    if ahead is not None:
        borders.integer(ahead, "ahead", where="faults", least=0)
    borders.instance(faults, Iterable, "faults", where="faults")
    borders.instance(network, Network, "network", where="faults")
    steps: list[tuple[int, Planned]] = []
    for number, fault in enumerate(faults, ahead or 0):
        if not hasattr(fault, "steps") or isinstance(fault, type):
            known = [kind.__name__ for kind in (Crash, CrashBefore, Slow, Workers, Partition, Flaky)]
            raise unknown("fault", fault, known, where="faults")
        look_at_fields(fault, "at", "until", "pause")
        steps += enumerate(fault.steps(network), number * STEPS)
    sim, planned = network.sim, list[Entry]()
    try:
        for rank, (at, call, arguments) in steps:
            if at is not None and ahead is None:
                planned.append(sim.call_at(at, call, *arguments))
            elif at is not None:
                planned.append(sim.call_first(at, rank, call, *arguments))
    except Invalid:
        for entry in planned:
            sim.cancel(entry)
        raise
