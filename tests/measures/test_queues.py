"""How long messages wait and in which order their turn comes, read from a trace."""

from __future__ import annotations

from typing import Any

from eventlab.airports import Scenario, run
from eventlab.event import Command, Event
from eventlab.faults import Crash, inject
from eventlab.measures import queues
from eventlab.network import Delay
from eventlab.service import Service
from eventlab.sim import SECOND
from tests.support.laboratory import Lab, lab

BOSTON = Scenario(flights=["9E3422-JFK-0208", "B61004-JFK-0208"], questions=0)


def burst(home: Lab, count: int, *, keys: int = 1) -> None:
    shop = home.service("shop")
    for number in range(count):
        home.sim.call_at(number, shop.publish, Event("order.placed", {"number": number}, f"key {number % keys}"))


def worker(home: Lab, name: str, seconds: float, **settings: Any) -> Service:
    service = home.service(name, work=Delay(seconds))
    service.on("order.*", lambda event: None, durable="orders", **settings)
    return service


def test_an_answer_takes_two_ways_and_the_work() -> None:
    home = lab()
    shop, stock = home.service("shop"), home.service("stock", work=Delay(2.0))
    stock.answers("stock.count", lambda command: {"left": 3})
    home.sim.start(shop.request("stock", Command("stock.count")))
    home.sim.run()
    assert queues.answered(home.sim.trace, "shop", "stock.count") == [2.02]
    assert queues.answered(home.sim.trace, "shop", "another.type") == []
    assert queues.held(home.sim.trace, "stock") == [2.0]


def test_a_message_is_held_while_its_handler_waits_for_another_service_and_while_it_queues() -> None:
    home = lab()
    stock = home.service("stock", work=Delay(2.0))
    stock.answers("stock.count", lambda command: {})
    shop = home.service("shop", work=Delay(1.0))

    async def sell(command: Command) -> None:
        await shop.request("stock", Command("stock.count"))

    shop.answers("order.place", sell)
    people = home.service("people")
    for _ in range(2):
        people.tell("shop", Command("order.place"))
    home.sim.run()
    assert queues.held(home.sim.trace, "shop") == [3.02, 6.04]


def test_the_lag_of_each_further_event_grows_by_the_work_on_those_before() -> None:
    home = lab()
    worker(home, "mail", 5.0)
    burst(home, 3)
    home.sim.run()
    assert [round(lag, 1) for lag in queues.lags(home.sim.trace, ["mail"])] == [5.0, 10.0, 15.0]
    assert queues.lags(home.sim.trace, ["mail"], "bill.*") == []


def test_the_backlog_is_what_the_bus_says_is_pending() -> None:
    home = lab()
    worker(home, "mail", 5.0)
    burst(home, 6, keys=3)
    inject([Crash("mail", 3, 60)], home.network)
    instants = [second * SECOND for second in (0, 1, 30, 64, 68, 100)]
    pending = []
    for instant in instants:
        home.sim.run(until=instant / SECOND)
        pending.append(home.bus.subscriptions["orders"].backlog)
    assert queues.backlog(home.sim.trace, ["mail"], "order.*", instants) == pending == [0, 6, 6, 6, 5, 0]


def test_events_of_one_key_are_never_overtaken_and_those_of_different_keys_are() -> None:
    home = lab()
    for name, seconds in (("quick", 1.0), ("slow", 7.0)):
        worker(home, name, seconds, max_ack_pending=2)
    burst(home, 8, keys=2)
    home.sim.run()
    trace, both = home.sim.trace, ["quick", "slow"]
    assert queues.overtaken(trace, both, lambda record: record.message and record.message.subject) == []
    assert queues.overtaken(trace, both, lambda record: "all")


def test_whoever_finishes_after_a_later_one_has_been_overtaken() -> None:
    home = lab()
    for name, seconds in (("slow", 7.0), ("quick", 1.0)):
        worker(home, name, seconds, max_ack_pending=2, ordered=False)
    burst(home, 3)
    home.sim.run()
    late = queues.overtaken(home.sim.trace, ["quick", "slow"], lambda record: "all")
    assert [record.message.data["number"] for record in late if record.message] == [0]


def test_what_followed_is_finished_later_than_the_answer_where_nobody_waits_for_it() -> None:
    apart, close = (run(BOSTON, name).trace for name in ("publish/subscribe", "request-driven"))
    [answer], [end] = (
        queues.answered(apart, "airlines", "flight.cancel"),
        queues.finished(apart, "airlines", "flight.cancel"),
    )
    assert answer < end
    [answer], [end] = (
        queues.answered(close, "airlines", "flight.cancel"),
        queues.finished(close, "airlines", "flight.cancel"),
    )
    assert answer > end
