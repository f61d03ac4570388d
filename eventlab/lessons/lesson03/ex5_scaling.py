"""03.5: how many workers each service of a shop gets, and which orders must keep their order."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from eventlab.event import Event
from eventlab.lessons.judging.model import Case, Mistake
from eventlab.lessons.judging.prose import read_exercise
from eventlab.lessons.judging.testbed import Testbed
from eventlab.measures import queues
from eventlab.network import Delay
from eventlab.trace import Record

ORDERS, SECONDS = 240, 240  # the sale: so many orders in so many seconds
WORK = {"mail": 3.5, "invoice": 0.4, "stock": 0.9}  # seconds for each order
BARS = {"mail": 30.0, "invoice": 10.0, "stock": 10.0}  # the longest an order may wait there, in seconds
BUDGET = 8  # workers, all services together
KEYS = ("order", "product", "shop")
PRODUCTS = 20


def judge(plan: Any, case: Case) -> None:
    """Every bar is met within the budget, and no order overtakes an earlier one for the same product."""
    _shape(plan)
    workers = {name: plan[name] for name in WORK}
    total = sum(workers.values())
    if total > BUDGET:
        raise Mistake(
            f"That is {total} workers; the shop pays for {BUDGET}. Who has more than the load needs?", kind="dear"
        )
    lab = _sale(workers, plan["key"], case)
    groups = {name: [f"{name} {number + 1}" for number in range(count)] for name, count in workers.items()}
    late = queues.overtaken(lab.trace, groups["stock"], _product)
    if late and late[0].message:
        order, product = late[0].message.data["order"], late[0].message.data["product"]
        message = (
            f"Two orders for {product} changed places in stock: a later one was served before order {order}. The last "
            "piece went to the wrong customer."
        )
        raise Mistake(message, kind="order")
    for name, bar in BARS.items():
        longest = max(queues.lags(lab.trace, groups[name], "order.placed"))
        if longest > bar:
            raise Mistake(_too_slow(lab, name, longest, workers[name], plan["key"]), kind=f"slow {name}")


def _shape(plan: Any) -> None:
    for name in WORK:
        if type(plan[name]) is not int or plan[name] < 1:
            message = f"{name} needs a whole number of workers, 1 or more, not {plan[name]!r}."
            raise Mistake(message, kind="shape")
    if plan["key"] not in KEYS:
        raise Mistake(f"The key is one of {', '.join(KEYS)}, not {plan['key']!r}.", kind="shape")


def _sale(workers: Mapping[str, int], key: str, case: Case) -> Testbed:
    lab = Testbed(case)
    shop = lab.service("shop")
    for name, count in workers.items():
        for number in range(1, count + 1):
            worker = lab.service(f"{name} {number}", work=Delay(WORK[name] * 0.8, WORK[name] * 0.4))
            ordered = name == "stock"
            worker.on("order.placed", _nothing, durable=name, ordered=ordered, ack_wait=3600.0, max_ack_pending=count)
    for number in range(1, ORDERS + 1):
        product = f"product {1 + lab.draws.below(PRODUCTS)}"
        subject = {"order": f"order {number}", "product": product, "shop": "shop"}[key]
        event = Event("order.placed", {"order": number, "product": product}, subject)
        lab.at(SECONDS * lab.draws.random(), shop.publish, event)
    lab.run()
    return lab


def _nothing(event: Event) -> None:
    """The work takes time, and that is all that counts here."""


def _product(record: Record) -> object:
    return record.message.data["product"] if record.message else ""


def _too_slow(lab: Testbed, name: str, longest: float, count: int, key: str) -> str:
    hands = f"{count} worker{'s' * (count > 1)}"
    said = f"In {name} an order waited {longest:.0f} s, with {hands}; at most {BARS[name]:g} s are allowed."
    if name == "stock" and count > 1 and key == "shop":
        return (
            f"{said} All orders have the same key, so they are served one by one: the other workers may take nothing."
        )
    load = ORDERS / SECONDS * WORK[name]
    return f"{said} Its orders bring {load:.1f} seconds of work every second."


EXERCISE = read_exercise("03.5", judge, {"mail": 4, "invoice": 1, "stock": 2, "key": "product"}, runs=3)
