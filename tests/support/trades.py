"""Laboratories of other trades than the airports': a shop, a hospital, and a bare program. Several tests draw them."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress

from eventlab.bus import Bus
from eventlab.client import Client
from eventlab.errors import NoReply, Refused, Unavailable
from eventlab.event import Command, Event
from eventlab.faults import Crash, Flaky, inject
from eventlab.network import Delay, Network
from eventlab.service import Service
from eventlab.sim import SECOND, Sim
from eventlab.stage import Stage
from eventlab.trace import Trace

NINE = 1_718_002_800 * SECOND  # on 10 June 2024, at 9 in the morning in Paris

SHOP = Stage(
    actors=("customers", "shop", "post", "payment", "parcels"),
    people=("customers",),
    buses=("post",),
    angles={"shop": 180, "payment": 40, "parcels": -40},
    zone="Europe/Paris",
    instants=("ordered", "paid"),
    subject="order",
)


def shop() -> Trace:
    """Twelve orders are paid and sent; payment is down for a minute, and some messages are lost or doubled."""
    sim = Sim(7, start=NINE)
    sim.trace.stage = SHOP
    network = Network(sim)
    bus = Bus(network, "post")
    front, payment, parcels = (Service(name, network, bus, work=Delay(0.1)) for name in ("shop", "payment", "parcels"))
    customers = Client("customers", network)

    @front.answers("order.place")
    def place(command: Command) -> list[Event]:
        order = command.data["order"]
        front.state[order] = {"status": "placed", "ordered": sim.now}
        return [Event("order.placed", {"order": order, "ordered": sim.now, "price": 20}, order)]

    @payment.on("order.placed", durable="payment")
    def pay(event: Event) -> Event:
        payment.state[event.subject] = {"paid": sim.now, "price": event.data["price"]}
        return Event("order.paid", {"order": event.subject, "paid": sim.now}, event.subject)

    @parcels.on("order.paid", durable="parcels")
    def send(event: Event) -> None:
        parcels.state[event.subject] = {"status": "sent", "paid": event.data["paid"]}

    inject([Crash("payment", 20, 80), Flaky(0, loss=0.05, duplication=0.05)], network)
    for number in range(12):
        order = f"order-{number + 1}"
        ask = Command("order.place", {"order": order}, order)
        sim.call_at(NINE + (10 * number + 1) * SECOND, lambda ask=ask: sim.start(_asked(customers, "shop", ask)))
    sim.run(until=300)
    return sim.trace


async def _asked(client: Client, whom: str, command: Command) -> None:
    with suppress(NoReply, Refused, Unavailable):
        await client.request(whom, command, timeout=5.0)


def hospital() -> Trace:
    """Doctors ask the ward, which asks the laboratory; a time that begins at 0, people, and no bus."""
    sim = Sim(3)
    sim.trace.stage = Stage(
        actors=("doctors", "ward", "laboratory"), people=("doctors",), instants=("taken",), subject="patient"
    )
    network = Network(sim)
    bus = Bus(network)
    ward, laboratory = (Service(name, network, bus, work=Delay(0.5)) for name in ("ward", "laboratory"))
    doctors = Client("doctors", network)

    @laboratory.answers("blood.test")
    def test(command: Command) -> dict[str, int]:
        laboratory.state[command.subject] = {"taken": sim.now}
        return {"value": 7, "taken": sim.now}

    @ward.answers("result.show")
    async def show(command: Command) -> dict[str, int]:
        answer = await ward.request("laboratory", Command("blood.test", {}, command.subject), timeout=4.0)
        ward.state[command.subject] = dict(answer)
        return dict(answer)

    inject([Crash("laboratory", 12, 16)], network)
    for number in range(5):
        ask = Command("result.show", {}, f"patient-{number + 1}")
        sim.call_at((4 * number + 1) * SECOND, lambda ask=ask: sim.start(_asked(doctors, "ward", ask)))
    sim.run(until=60)
    return sim.trace


def bare() -> Trace:
    """A program of twenty lines: two services, a bus, nothing said about any of them."""
    sim = Sim(1)
    network = Network(sim)
    bus = Bus(network)
    kettle, cup = Service("kettle", network, bus), Service("cup", network, bus)

    @cup.on("water.boiled", durable="cup")
    def pour(event: Event) -> Event:
        cup.state["tea"] = f"{event.data['degrees']} degrees"
        return Event("tea.poured", {"degrees": event.data["degrees"]})

    @kettle.on("tea.poured", durable="kettle")
    def rest(event: Event) -> None:
        kettle.state["empty"] = True

    sim.call_at(2 * SECOND, lambda: kettle.publish(Event("water.boiled", {"degrees": 95}, "tea")))
    sim.run()
    return sim.trace


TRADES: dict[str, Callable[[], Trace]] = {"shop": shop, "hospital": hospital, "bare program": bare}
