"""One fact and its copies: a gate that changes again and again, told in whole to services that keep copies of it.

    follow(keep, every=60, delay=1, overtaken=0.2)    the trace of twenty changes

`keep(state, event)` is the handler of every copy. The bus of this experiment keeps no order: that is left to `keep`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, MutableMapping, Sequence
from math import exp
from typing import Any

from eventlab.airports import clocks
from eventlab.bus import Bus
from eventlab.event import Event
from eventlab.measures import staleness
from eventlab.network import Delay, LinkQuality, Network
from eventlab.service import Service
from eventlab.sim import Sim
from eventlab.trace import Trace
from eventlab.views import Prose, chart
from eventlab.views.drawing.picture import Picture

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


def copies(trace: Trace) -> list[dict[str, Any]]:
    """Rows for a table: what the owner and each copy have in the end."""
    states = {name: trace.state(name).get(FLIGHT) or {} for name in ("gates", *REPLICAS)}
    return [{"service": name} | {key: copy.get(key, "?") for key in states["gates"]} for name, copy in states.items()]


def ages(trace: Trace) -> Prose:
    """How often and for how long the copies were wrong, in words."""
    found = staleness.seconds(staleness.stale_intervals(trace, "gates", *REPLICAS)) or [0.0]
    share = 100 * staleness.stale_share(trace, "gates", *REPLICAS)
    back = len(staleness.regressions(trace, *REPLICAS))
    half, most, longest = (found[int(len(found) * part)] for part in (0.5, 0.9, 0.999))
    words = f"Wrong for {share:.0f}% of the time, in gaps: half of them within {half:.1f} s, 90% "
    return Prose(f"{words}within {most:.1f} s, the longest {longest:.1f} s. Copies went back {back} times.")


def wrong_shares(keep: Keep, paces: Sequence[float], delay: float) -> list[float]:
    """The share of time (percent) in which a copy is wrong over 300 changes, for each pace (seconds between two)."""
    runs = (follow(keep, every=every, delay=delay, changes=300) for every in paces)
    return [100 * staleness.stale_share(trace, "gates", *REPLICAS) for trace in runs]


def rates_chart(curves: Mapping[float, Sequence[float]], paces: Sequence[float]) -> Picture:
    """How often copies are wrong against the changes a minute, a curve for each delay of events (seconds)."""
    rates = [round(60 / every) for every in paces]
    formula = 100 * (1 - exp(-1 / paces[-1]))
    return chart(
        "The faster a fact changes, the more often copies are wrong",
        x=rates, x_title="changes a minute", y_title="time in which a copy is wrong (%)",
        series={f"events take {delay:g} s": curve for delay, curve in curves.items()},
        text=f"With 1 s of delay, a copy is wrong {curves[1][0]:.1f}% of the time at one change a minute, "
        f"{curves[1][-1]:.0f}% at {rates[-1]} (the formula below: {formula:.0f}%).",
    )  # fmt: skip
