"""A laboratory in one line: simulated time, a network, a bus, and the trace of all that happens.

lab = Lab(seed=1)
shop, mail = lab.service("shop"), lab.service("mail")
lab.inject(Crash("mail", at=5, until=65))
lab.run()
print(lab.trace)
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any

from eventlab.bus import Bus
from eventlab.client import Client
from eventlab.door import door, door_but
from eventlab.faults import Fault, inject
from eventlab.network import USUAL_QUALITY, Delay, LinkQuality, Network
from eventlab.service import NO_TIME, Service
from eventlab.sim import Sim, Task
from eventlab.times import When
from eventlab.trace import Record, Trace


class Lab:
    """Time, network and bus put together. One `seed` gives one run.

    A point in time (`When`) is a number of seconds since the beginning, a clock time such as "00:01:05", or an
    `Instant`.
    """

    @door
    def __init__(self, seed: int = 0, *, quality: LinkQuality = USUAL_QUALITY) -> None:
        self.sim = Sim(seed)
        self.network = Network(self.sim, quality)
        self.bus = Bus(self.network)

    @property
    def trace(self) -> Trace:
        """Everything that has happened so far."""
        return self.sim.trace

    @door_but("name")
    def service(self, name: str, *, workers: int = 1, work: Delay = NO_TIME, durable: bool = True) -> Service:
        """A new service on the network and the bus; the options are those of `Service`."""
        return Service(name, self.network, self.bus, workers=workers, work=work, durable=durable)

    def client(self, name: str) -> Client:
        """Somebody new who only sends and asks: people, or a system outside."""
        return Client(name, self.network, self.bus)

    def inject(self, *faults: Fault) -> None:
        """Plan faults, all or none."""
        inject(faults, self.network)

    def at(self, when: When, call: Callable[..., object], *arguments: Any) -> None:
        """Plan a call, such as `lab.at(5, shop.publish, event)`."""
        self.sim.call_at(self.sim.instant(when), call, *arguments)

    def start(self, work: Coroutine[Any, Any, Any]) -> Task:
        """Let a coroutine run from now on: `lab.start(customer())`. Its error comes out of `run` or `step`."""
        return self.sim.start(work)

    def run(self, until: When | None = None) -> Trace:
        """Let time pass until all is over, or until a point in time; the trace so far."""
        self.sim.run(until)
        return self.trace

    def step(self) -> list[Record]:
        """Let time pass until something visible happens; the new records of the trace, none when all is over."""
        return self.sim.step()

    def __repr__(self) -> str:
        services = [name for name, node in self.network.nodes.items() if node is not self.bus]
        return f"<Lab at {self.sim.passed:g} s: {', '.join(services) or 'nobody yet'}; {len(self.trace):,} records>"
