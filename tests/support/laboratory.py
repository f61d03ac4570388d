"""Small laboratories that several tests use. Run as a script, it prints the digests of whole runs, one seed a line."""

from __future__ import annotations

import sys
from collections.abc import Callable, Coroutine, Iterable
from typing import Any

from eventlab.bus import Bus
from eventlab.event import Command, Event
from eventlab.faults import Crash, CrashBefore, Flaky, Partition, Slow, inject
from eventlab.lab import Lab
from eventlab.network import Delay, LinkQuality, Network, Packet
from eventlab.service import Service
from eventlab.sim import SECOND, Sim
from eventlab.times import Instant
from eventlab.trace import Record

EVEN = LinkQuality(Delay(0.010))  # every message takes ten milliseconds


def lab(seed: int = 0, quality: LinkQuality = EVEN) -> Lab:
    return Lab(seed, quality=quality)


class Overheard(Bus):
    """A bus with somebody beside it, who hears of every event before the bus takes it in."""

    hear: Callable[[Event], None]

    def receive(self, packet: Packet) -> None:
        if packet.purpose == "publish":
            self.hear(packet.message)
        super().receive(packet)


class Ear:
    """A node that only listens."""

    def __init__(self, network: Network, name: str) -> None:
        self.sim, self.name = network.sim, name
        self.up = True
        self.heard: list[tuple[int, Packet]] = []
        network.join(self)

    def receive(self, packet: Packet) -> None:
        self.heard.append((self.sim.now, packet))

    @property
    def ids(self) -> list[str]:
        return [packet.message.id for _, packet in self.heard]


def seconds(number: float) -> Instant:
    return Instant(round(number * SECOND))


def result(sim: Sim, work: Coroutine[Any, Any, Any]) -> Any:
    """What the coroutine returns or raises, when all is over."""
    task = sim.start(work)
    sim.run()
    assert task.done, "it still waits"
    return task.result


def kinds(records: Iterable[Record], *wanted: str) -> list[str]:
    """The kinds of the records in order, of the wanted kinds alone."""
    return [record.kind for record in records if not wanted or record.kind in wanted]


def ids(records: Iterable[Record], kind: str, where: str | None = None) -> list[str]:
    """The ids of the messages of all records of this kind (at this place)."""
    return [r.message.id for r in records if r.kind == kind and where in (None, r.where) and r.message is not None]


def airport(seed: int, *, flights: int = 60, more: Iterable[str] = ()) -> Sim:
    """A whole run of `build_airport`."""
    home, _ = build_airport(seed, flights=flights, more=more)
    home.sim.run()
    return home.sim


def build_airport(seed: int, *, flights: int = 60, more: Iterable[str] = ()) -> tuple[Lab, list[Service]]:
    """Something of everything: requests, events, shared work, retries, dead letters, all kinds of faults.

    `more` are the names of further services which listen and do nothing.
    """
    home = lab(seed, LinkQuality(Delay(0.005, 0.010), loss=0.01))
    sim, network, bus = home.sim, home.network, home.bus
    operations = Service("operations", network, bus, work=Delay(0.01))
    gates = [Service(name, network, bus, workers=2, work=Delay(0.05, 0.05)) for name in ("gates-a", "gates-b")]
    boards = Service("boards", network, bus, work=Delay(0.01, 0.02, "exponential"), durable=False)
    notices = Service("notices", network, bus)
    draws = sim.random("plan of the day")

    async def day() -> None:
        for number in range(len(operations.state), flights):
            await sim.sleep(0.2 + draws.random())
            flight = f"B6-{number}"
            operations.state[flight] = "cancelled" if draws.chance(0.3) else "on time"
            operations.publish(
                Event(f"flight.{operations.state[flight].replace(' ', '_')}", {"flight": flight}, subject=flight)
            )

    def describe(command: Command) -> dict[str, Any]:
        return {"status": operations.state.get(command.data["flight"], "unknown")}

    def gate_keeper(gate: Service) -> Any:
        async def assign(event: Event) -> Event | None:
            flight = event.data["flight"]
            answer = await gate.request("operations", Command("flight.describe", {"flight": flight}), timeout=2.0)
            gate.state[flight] = answer["status"]
            return Event("gate.assigned", {"flight": flight, "gate": draws_of_gates.below(20)}, subject=flight)

        return assign

    draws_of_gates = sim.random("gates")
    operations.background(day)
    operations.answers("flight.describe", describe)
    for gate in gates:
        gate.on("flight.*", gate_keeper(gate), durable="gates", ack_wait=3.0, max_deliver=20, backoff=(0.5, 2.0))

    @boards.on(">")
    def show(event: Event) -> None:
        boards.state[event.data["flight"]] = event.type

    @notices.on("flight.cancelled", durable="notices", max_deliver=2, backoff=(0.1,))
    def write_to_passengers(event: Event) -> None:
        if event.data["flight"].endswith("7"):
            raise ValueError("no address")
        notices.state[event.data["flight"]] = int(notices.state.get(event.data["flight"], 0)) + 1

    for name in more:
        Service(name, network, bus).on("gate.*", lambda event: None, durable=name)
    inject(
        [
            Crash("operations", seconds(12), seconds(14)),
            Crash("gates-a", seconds(5), seconds(9)),
            Crash("bus", seconds(20), seconds(21)),
            CrashBefore("gates-b", "publish", seconds(8), pause=2.0),
            CrashBefore("notices", "acknowledge", seconds(3), pause=1.5),
            Crash("boards", seconds(16), seconds(17)),
            Slow("gates-b", 10.0, seconds(15), seconds(25)),
            Partition("notices", seconds(25), seconds(30), others=("bus", "operations")),
            Flaky(seconds(10), seconds(18), loss=0.1, duplication=0.2, reordering=0.1),
        ],
        network,
    )
    return home, [operations, *gates, boards, notices]


if __name__ == "__main__":
    for argument in sys.argv[1:]:
        print(airport(int(argument)).trace.digest())
