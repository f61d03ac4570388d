"""01.5: which of its six services does a shop's checkout wait for? Decided by bars, measured in a run with outages."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from typing import Any

from eventlab.errors import NoReply, Refused, Unavailable
from eventlab.event import Command
from eventlab.faults import Crash
from eventlab.lessons.judging.model import Case, Mistake
from eventlab.lessons.judging.prose import read_exercise
from eventlab.lessons.judging.testbed import Testbed
from eventlab.measures.requests import ANSWERED, calls
from eventlab.measures.traffic import percentile
from eventlab.network import Delay
from eventlab.sim import SECOND, Draws
from eventlab.views.drawing.wording import listed

SERVICES = ("stock", "payment", "offers", "mail", "points", "statistics")
WAYS = ("wait", "try", "later")
HOURS, EVERY, DECLINED = 6, 20, 20  # simulated hours; a customer each 20 seconds; each twentieth card is declined
EACH, AWAY = 1000, 20  # seconds: in each so many, a service is away for so many
AVAILABLE, SLOWEST, OFFERS, MOST = 95.0, 0.65, 90.0, 95.0  # the bars: %, seconds, %, %


class Shop:
    """The checkout under one decision, and what came of it."""

    def __init__(self, lab: Testbed, how: Mapping[str, str]) -> None:
        self.how, self.queue = how, deque[tuple[str, str]]()
        self.orders: dict[str, set[str]] = {}  # by order: what was done before the customer got an answer
        self.done: dict[str, set[str]] = {name: set() for name in SERVICES}
        self.shop = lab.service("shop", workers=50, work=Delay(0.01, 0.01))
        for name in SERVICES:
            service = lab.service(name, workers=50, work=Delay(0.04, 0.02))
            service.answers(f"{name}.do", self._doing(name))
        self.shop.answers("checkout", self.checkout)
        self.lab = lab
        lab.sim.start(self._work_off(), "later")

    def _doing(self, name: str) -> Any:
        def do(command: Command) -> None:
            order = command.data["order"]
            if name == "payment" and int(order) % DECLINED == 0:
                raise Refused("card declined")
            self.done[name].add(order)

        return do

    async def ask(self, name: str, order: str) -> None:
        await self.shop.request(name, Command(f"{name}.do", {"order": order}), timeout=1)

    async def checkout(self, command: Command) -> dict[str, Any]:
        order = command.data["order"]
        got = set()
        for name in SERVICES:
            if self.how[name] == "later":
                continue
            try:
                await self.ask(name, order)
                got.add(name)
            except (NoReply, Refused, Unavailable):
                if self.how[name] == "wait":
                    raise
        self.orders[order] = got
        self.queue.extend((name, order) for name in SERVICES if self.how[name] == "later")
        return {}

    async def _work_off(self) -> None:
        """What was put off, one thing after another, each until it is done (or definitely refused)."""
        end = (HOURS * 3600 + 600) * SECOND
        while self.lab.sim.now < end:
            await self.lab.sim.sleep(5)
            for _ in range(len(self.queue)):
                name, order = self.queue.popleft()
                try:
                    await self.ask(name, order)
                except (NoReply, Unavailable):
                    self.queue.append((name, order))
                except Refused:
                    pass  # asking again would not help


def judge(answer: Mapping[str, str], case: Case) -> None:
    """Six hours of orders, each service down for 2 % of the time; then the bars, one after the other."""
    for name, way in answer.items():
        if way not in WAYS:
            raise Mistake(f"For {name} choose one of {', '.join(map(repr, WAYS))}, not {way!r}.")
    lab = Testbed(case)
    shop, customers = Shop(lab, answer), lab.client("customers")
    lab.inject(*_outages(lab.draws))
    for number in range(1, HOURS * 3600 // EVERY + 1):
        order = Command("checkout", {"order": str(number)}, str(number))
        lab.ask_at(number * EVERY, customers, "shop", order, timeout=10)
    lab.run((HOURS + 1) * 3600)
    _tells_the_truth(shop)
    _brings_everything(shop)
    _answers_in_time(shop)


def _outages(draws: Draws) -> list[Crash]:
    """Each service is away for exactly 20 of 1,000 seconds, at times of its own: no decision passes by luck."""
    part = EACH // len(SERVICES)
    found = []
    for begin in range(0, HOURS * 3600, EACH):
        turn = draws.below(len(SERVICES))
        for place, name in enumerate((*SERVICES[turn:], *SERVICES[:turn])):
            since = begin + place * part + draws.below(part - AWAY)
            found.append(Crash(name, since, since + AWAY))
    return found


def _tells_the_truth(shop: Shop) -> None:
    """Nobody is thanked for an order that is not paid, or whose goods are not there."""
    orders = shop.orders
    thanked = [order for order in orders if int(order) % DECLINED == 0]
    if thanked:
        raise Mistake(
            f"{len(thanked)} customers whose card was declined were told “thank you for your order”: the answer left "
            "before the payment's answer was there."
        )
    unpaid = [order for order in orders if order not in shop.done["payment"]]
    if unpaid:
        raise Mistake(f"{len(unpaid)} orders were taken although nobody could charge the card.")
    oversold = [order for order, got in orders.items() if "stock" not in got]
    if oversold:
        raise Mistake(f"{len(oversold)} orders were taken before anybody knew whether the goods are there.")


def _brings_everything(shop: Shop) -> None:
    """Mails arrive, pages show offers, and what can wait is done in the end."""
    orders = shop.orders
    without = [order for order in orders if order not in shop.done["mail"]]
    if without:
        raise Mistake(
            f"{len(without)} customers never got their confirmation by mail: it was tried once, and the mail service "
            "was down at that moment."
        )
    offers = 100 * sum("offers" in got for got in orders.values()) / len(orders)
    if offers < OFFERS:
        raise Mistake(
            f"{offers:.1f}% of the pages showed offers, {OFFERS:g}% are asked for: what comes after the page has been "
            "sent is seen by nobody."
        )
    for name in ("points", "statistics"):
        share = 100 * len(shop.done[name] & set(orders)) / len(orders)
        if share < MOST:
            raise Mistake(f"{share:.1f}% of the orders reached {name}, {MOST:g}% are asked for.")


def _answers_in_time(shop: Shop) -> None:
    """Orders get through, and fast."""
    asked = [call for call in calls(shop.lab.trace) if call.caller == "customers" and int(call.subject) % DECLINED]
    answered = [call.waited for call in asked if call.outcome == ANSWERED]
    available = 100 * len(answered) / len(asked)
    waiting = [name for name, way in shop.how.items() if way == "wait"]
    if available < AVAILABLE:
        raise Mistake(
            f"{available:.1f}% of the orders got through, {AVAILABLE:g}% are asked for. The checkout must wait for "
            f"{len(waiting)} services ({listed(waiting)}), and each of them is down for 2% of the time."
        )
    slow = percentile(answered, 0.95)
    if slow > SLOWEST:
        raise Mistake(
            f"95 of 100 orders were answered within {slow:.2f} s; {SLOWEST:g} s are asked for. Waiting times add up."
        )


EXERCISE = read_exercise(
    "01.5",
    judge,
    {"stock": "wait", "payment": "wait", "offers": "try", "mail": "later", "points": "later", "statistics": "later"},
    runs=1,
)
