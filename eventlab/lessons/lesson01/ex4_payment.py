"""01.4: a shop's checkout. No answer from the card payment is not a no."""

from __future__ import annotations

from typing import Any

from eventlab.errors import NoReply, Refused, Unavailable
from eventlab.event import Command
from eventlab.faults import Crash, CrashBefore, Flaky
from eventlab.lessons.judging.model import Case, Mistake
from eventlab.lessons.judging.prose import read_exercise
from eventlab.lessons.judging.testbed import Testbed, answer_to
from eventlab.measures.requests import ANSWERED, Call, calls
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
        order = f"order {number}"
        lab.ask_at(2.0 * number, customers, "shop", Command("order.pay", {"order": order}, order), timeout=300)
    trace = lab.run(1800)
    state = trace.state("payment")
    for call in calls(trace):
        if call.caller == "customers":
            _check(trace, call, state.get(call.subject, 0))


def _shop(lab: Testbed) -> Service:
    payment = lab.service("payment", workers=4, work=Delay(0.05, 0.1))

    def charge(command: Command) -> None:
        order = command.data["order"]
        if order.endswith("5"):
            raise Refused("card declined")
        payment.state[order] = payment.state.get(order, 0) + 1

    payment.answers("payment.charge", charge)
    payment.answers("payment.find", lambda command: {"charged": command.data["order"] in payment.state})
    return lab.service("shop", workers=20, work=Delay(0.01, 0.01))


def _check(trace: Trace, call: Call, charged: int) -> None:
    order, told = call.subject, answer_to(trace, call)
    marks = {r.index: f"the card is charged: {r.after} in all" for r in trace.of("changed") if r.key == order}

    def wrong(message: str, kind: str) -> Mistake:
        return Mistake(f"{order}: {message}", trace=trace, flight=order, marks=marks, kind=kind)

    if charged > 1:
        raise wrong(f"the card was charged {charged} times. It was the answer that got lost, not the charge.", "twice")
    if call.outcome != ANSWERED or told is None or told.message is None:
        marks |= _ended(trace, call)
        fate = "charged" if charged else "not charged"
        raise wrong(f"the customer got no answer from the shop ({call.note}). The card was {fate}.", "no answer")
    paid = told.message.data.get("paid")
    marks[told.index] = f"told: paid {paid}" if paid in (True, False) else f"told: {dict(told.message.data)}"
    if paid not in (True, False):
        raise wrong(f"answer {{'paid': True}} or {{'paid': False}}, not {dict(told.message.data)}.", "shape")
    if paid and not charged:
        raise wrong("the customer was told that it is paid, but the card was never charged.", "free")
    if charged and not paid:
        raise wrong("the customer was told that it is not paid, but the card was charged.", "cheated")
    if again := _asked_again(trace, order):
        marks |= {again[0]: "a definite no", again[1]: "asked again"}
        raise wrong(
            "payment had said a definite no (Refused), and the shop asked it to charge the card again.", "again"
        )
    if not paid and not _tried(trace, order):
        raise wrong(
            "the customer was told that it is not paid, but the shop never asked payment to charge the card: "
            'payment.charge with {"order": order}.', "never tried",
        )  # fmt: skip


def _asked_again(trace: Trace, order: str) -> tuple[int, int] | None:
    """Where payment's definite no came, and where the shop asked it again to charge."""
    sent = [r for r in trace.of("sent") if r.where == "shop" and r.message and r.message.data.get("order") == order]
    charges = {r.message.id: r.index for r in sent if r.message and r.message.type == "payment.charge"}
    for record in trace.of("received"):
        message = record.message
        if message is not None and record.purpose == "refusal" and message.causationid in charges:
            later = [index for index in charges.values() if index > record.index]
            if later and not message.data.get("later"):
                return record.index, later[0]
    return None


def _ended(trace: Trace, call: Call) -> dict[int, str]:
    """Where the question ended without an answer."""
    return {r.index: "no answer" for r in trace if r.where == call.caller and r.at == call.until and r.kind != "sent"}


def _tried(trace: Trace, order: str) -> bool:
    return any(
        record.where == "shop" and record.message is not None and record.message.type == "payment.charge"
        and record.message.data.get("order") == order
        for record in trace.of("sent")
    )  # fmt: skip


EXERCISE = read_exercise("01.4", judge, pay, cases=cases)
