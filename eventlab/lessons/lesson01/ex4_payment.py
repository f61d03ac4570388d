"""01.4: a shop's checkout. No answer from the card payment is not a no."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from eventlab.client import Client
from eventlab.errors import NoReply, Refused, Unavailable
from eventlab.event import Command
from eventlab.faults import Crash, CrashBefore, Flaky
from eventlab.lessons.judging.excerpt import story
from eventlab.lessons.judging.model import Case, Mistake
from eventlab.lessons.judging.prose import read_exercise
from eventlab.lessons.judging.testbed import Testbed
from eventlab.measures.requests import Call, calls
from eventlab.network import Delay
from eventlab.service import Service
from eventlab.trace import Trace


async def pay(shop: Service, order: str) -> dict[str, Any]:
    try:
        await shop.request("payment", Command("payment.charge", {"order": order}), timeout=1)
        return {"paid": True}
    except (Refused, Unavailable):  # nothing was charged
        return {"paid": False}
    except NoReply:  # nobody knows: find out, and do not charge again
        while True:
            try:
                found = await shop.request("payment", Command("payment.find", {"order": order}), timeout=1)
                return {"paid": found["charged"]}
            except (NoReply, Unavailable):
                await shop.sleep(1)


def cases(seed: int) -> Case:
    """The line to the payment loses messages; and the payment stops, in some cases after it has charged."""
    lossy = Flaky(0, 40, loss=0.25, pairs=(("shop", "payment"),))
    stops = CrashBefore("payment", "acknowledge", 2, 3.0) if seed % 2 else Crash("payment", 5, 9)
    return Case(seed, 8, (lossy, stops))


def judge(answer: Any, case: Case) -> None:
    """Each customer is told what is true, and no card is charged twice."""
    lab = Testbed(case)
    shop, customers = _shop(lab), lab.client("customers")
    shop.answers("order.pay", lambda command: answer(shop, command.data["order"]))
    for number in range(1, case.size + 1):
        lab.at(2.0 * number, lambda order=f"order {number}": lab.sim.start(_order(customers, order)))
    trace = lab.run(1800)
    state = trace.state("payment")
    for call in calls(trace):
        if call.caller == "customers":
            _check(trace, call, state.get(call.subject, 0))


def _shop(lab: Testbed) -> Service:
    payment = lab.service("payment", work=Delay(0.05, 0.1))

    def charge(command: Command) -> None:
        order = command.data["order"]
        if order.endswith("5"):
            raise Refused("card declined")
        payment.state[order] = payment.state.get(order, 0) + 1

    payment.answers("payment.charge", charge)
    payment.answers("payment.find", lambda command: {"charged": command.data["order"] in payment.state})
    return lab.service("shop", workers=20, work=Delay(0.01, 0.01))


async def _order(customers: Client, order: str) -> None:
    with suppress(NoReply, Refused, Unavailable):
        await customers.request("shop", Command("order.pay", {"order": order}, order), timeout=300)


def _check(trace: Trace, call: Call, charged: int) -> None:
    order = call.subject
    told = [
        record.message.data
        for record in trace.of("received")
        if record.where == "customers" and record.purpose == "reply"
        if record.message is not None and record.message.subject == order
    ]
    drawn = story(trace, call.id)
    if charged > 1:
        message = f"{order}: the card was charged {charged} times. It was the answer that got lost, not the charge."
        raise Mistake(message, trace=drawn, kind="twice")
    if call.outcome != "answered":
        fate = "charged" if charged else "not charged"
        message = f"{order}: the customer got no answer from the shop ({call.note}). The card was {fate}."
        raise Mistake(message, trace=drawn, kind="no answer")
    paid = told[0].get("paid")
    if paid not in (True, False):
        raise Mistake(
            f"{order}: answer {{'paid': True}} or {{'paid': False}}, not {dict(told[0])}.", trace=drawn, kind="shape"
        )
    if paid and not charged:
        message = f"{order}: the customer was told that it is paid, but the card was never charged."
        raise Mistake(message, trace=drawn, kind="free")
    if charged and not paid:
        message = f"{order}: the customer was told that it is not paid, but the card was charged."
        raise Mistake(message, trace=drawn, kind="cheated")


EXERCISE = read_exercise("01.4", judge, pay, cases=cases)
