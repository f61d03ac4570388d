"""One fact and its copies: a gate that changes again and again, told in whole to services that keep copies of it.

    follow(keep, every=60, delay=1, overtaken=0.2)    the trace of twenty changes

`keep(state, event)` is the handler of every copy. The bus of this experiment keeps no order: that is left to `keep`.
"""

from __future__ import annotations

from collections.abc import Callable, MutableMapping
from typing import Any

from eventlab.airports import clocks
from eventlab.bus import Bus
from eventlab.event import Event
from eventlab.network import Delay, LinkQuality, Network
from eventlab.service import Service
from eventlab.sim import Sim
from eventlab.trace import Trace

FLIGHT = "B61004-JFK-0208"
REPLICAS = ("boards", "notices", "baggage")
GATES = 50

Keep = Callable[[MutableMapping[str, Any], Event], object]


def follow(
    keep: Keep,
    *,
    every: float = 60.0,
    delay: float = 1.0,
    overtaken: float = 0.0,
    changes: int = 20,
    replicas: tuple[str, ...] = REPLICAS,
    seed: int = 11,
) -> Trace:
    """Let the gate change `changes` times, on average `every` simulated seconds, and the copies follow.

    An event needs about `delay` seconds to a copy; a share of them (`overtaken`) comes five times as late and is
    overtaken by newer ones. Nothing is lost. The owner's value is `gates.state[FLIGHT]`, a copy should be at
    `state[event.subject]`.
    """
    sim = Sim(seed, start=clocks.instant("2013-02-08 15:00"))
    network = Network(sim)
    bus = Bus(network)
    gates = Service("gates", network, bus)
    slow = LinkQuality(Delay(delay * 0.8, delay * 0.4), reordering=overtaken, late=delay * 4)
    for name in replicas:
        replica = Service(name, network, bus, workers=8)
        replica.on("gate.changed", _handler(keep, replica), durable=name, ordered=False, ack_wait=600 + 20 * delay)
        network.set_quality(slow, [("bus", name)])
    gates.start(_change(gates, every, changes))
    sim.run()
    return sim.trace


def _handler(keep: Keep, replica: Service) -> Callable[[Event], None]:
    def heard(event: Event) -> None:
        keep(replica.state, event)

    return heard


async def _change(gates: Service, every: float, changes: int) -> None:
    draws = gates.sim.random("changes of the gate")
    for version in range(1, changes + 1):
        gate = f"JFK-{1 + int(draws.random() * GATES):02}"
        gates.state[FLIGHT] = {"flight": FLIGHT, "gate": gate, "version": version}
        gates.publish(Event("gate.changed", gates.state[FLIGHT], FLIGHT))
        await gates.sleep(draws.exponential(round(every * 1e9)) / 1e9)
