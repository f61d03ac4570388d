"""06.5: a shop's checkout remembers prices, and a notification says which of them to forget."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from eventlab.errors import NoReply, Refused, Unavailable
from eventlab.event import Command, Event
from eventlab.faults import Flaky
from eventlab.lessons.judging.model import Case, Mistake
from eventlab.lessons.judging.prose import read_exercise
from eventlab.lessons.judging.testbed import Testbed
from eventlab.network import Delay, LinkQuality
from eventlab.service import Service
from eventlab.sim import SECOND

ITEMS = ("tea", "rice", "soap")
PRICES = (0, 80, 90, 100, 120, 150, 200)  # a price may come back, and a thing may be free
CALM = 60  # seconds, from which on nothing changes


class Shop:
    """A shop with the checkout under test, and what really happened in it, noted from outside."""

    def __init__(self, lab: Testbed, handle: Any) -> None:
        self.lab, self.handle = lab, handle
        self.prices: dict[str, list[int]] = {}  # by item, the oldest first
        self.changes: dict[str, int] = {}  # by event: the number of its change
        self.told: dict[str, int] = {}  # by item: the newest change that the checkout has dealt with
        self.asked: tuple[str, int] | None = None  # where the checkout asked though all had been calm for long
        names = ("catalogue", "checkout", "people")
        self.catalogue, self.checkout, self.people = (lab.service(name, workers=8) for name in names)
        lab.network.set_quality(LinkQuality(Delay(0.05, 0.9)), [("catalogue", "checkout")])
        self.catalogue.answers("price.describe", self.priced)
        self.checkout.on("price.changed", self.heard, durable="checkout")
        self.checkout.answers("price.describe", lambda asked: handle(self.checkout, asked))

    def change(self, item: str) -> None:
        """The item gets another price, and whoever listens is told that it has."""
        prices = self.prices.setdefault(item, [])
        prices.append(PRICES[self.lab.draws.below(len(PRICES))])
        self.catalogue.state[item] = prices[-1]
        if len(prices) == 1:
            return  # the price that it had before anybody listened
        event = self.catalogue.publish(Event("price.changed", {"item": item}, item))
        self.changes[event.id] = len(prices)

    def priced(self, asked: Command) -> dict[str, Any]:
        """The catalogue's answer; nobody should need one long after the last change."""
        item = asked.data["item"]
        if self.asked is None and self.lab.sim.now > (CALM + 4) * SECOND:
            self.asked = item, len(self.lab.trace) - 1
        return {"price": self.catalogue.state[item]}

    async def heard(self, event: Event) -> Any:
        """The checkout deals with a change."""
        result = await self.handle(self.checkout, event)
        item = event.data["item"]
        self.told[item] = max(self.changes[event.id], self.told.get(item, 0))
        return result

    async def ask(self, item: str) -> None:
        """Somebody wants to know the price."""
        known, begin = self.told.get(item, 0), self.lab.sim.now
        said: Any = None
        with suppress(NoReply, Refused, Unavailable):
            question = Command("price.describe", {"item": item}, item)
            said = (await self.people.request("checkout", question, timeout=60)).get("price")
        self.judge_answer(item, said, known, begin)

    def judge_answer(self, item: str, said: Any, known: int, begin: int) -> None:
        """A price came, it was one once, and it is no older than what the checkout had dealt with."""
        prices, trace = self.prices[item], self.lab.trace
        if said is None:
            text = f"Somebody asked for the price of {item} and got no answer, though the catalogue is there."
            raise self.wrong(text, item, begin - SECOND, "no price", "none")
        if said not in prices:
            text = f"Somebody asked for the price of {item} and was told {said!r}: it never had that price."
            raise self.wrong(text, item, begin - 4 * SECOND, f"told {said!r}", "invented")
        change = len(prices) - prices[::-1].index(said)  # the newest one with this price
        if change < known:
            text = (
                f"The checkout had been told of change {known} of the price of {item}. After that, it still sold at "
                f"the price of change {change}. What did it remember, and when did it write that down?"
            )
            since = max(r.at for r in trace.of("changed") if r.where == "catalogue" and r.key == item and r.at <= begin)
            raise self.wrong(text, item, since - SECOND, f"told {said}, of change {change}; known: {known}", "old")

    def wrong(self, text: str, item: str, since: int, mark: str, kind: str) -> Mistake:
        """The mistake with all that has happened to this item, and the mark at what happened last."""
        trace = self.lab.trace
        own = [
            r.index for r in trace if r.message is not None and r.message.data.get("item", r.message.subject) == item
        ]
        return Mistake(text, trace=trace, flight=item, since=since, marks={own[-1]: mark}, kind=kind)


def judge(handle: Any, case: Case) -> None:
    """Whoever asks gets a price no older than the last change the checkout was told of; in the end without asking."""
    lab = Testbed(case)
    shop, draws = Shop(lab, handle), lab.draws
    for item in ITEMS[: case.size]:
        for time in (0, *(4 + draws.below(4000) / 100 for _ in range(8))):
            lab.at(time, shop.change, item)
        for time in (*(0.5 + draws.below(4500) / 100 for _ in range(25)), CALM, CALM + 5, CALM + 6):
            lab.at(time, lambda item=item: lab.sim.start(shop.ask(item), "people"))
    lab.run(900)
    if shop.asked is not None:
        text = "For many seconds nothing had changed, and the checkout asked for a price again that it had been given."
        item, index = shop.asked
        raise Mistake(text, trace=lab.trace, flight=item, since=(CALM - 1) * SECOND, marks={index: "asked again"},
                      kind="asks")  # fmt: skip


async def handle(checkout: Service, message: Event | Command) -> dict[str, Any] | None:
    item = message.data["item"]
    price, changes = f"price of {item}", f"changes of {item}"
    if isinstance(message, Event):  # the price has changed: forget it
        checkout.state[price] = None
        checkout.state[changes] = checkout.state.get(changes, 0) + 1
        return None
    while price not in checkout.state:
        before = checkout.state.get(changes, 0)
        news = await checkout.request("catalogue", Command("price.describe", {"item": item}))
        if checkout.state.get(changes, 0) == before:  # nothing changed while we waited
            checkout.state[price] = news["price"]
    return {"price": checkout.state[price]}


def twice(seed: int) -> Case:
    """Events come twice now and then."""
    return Case(seed, 2, (Flaky(0, 50, duplication=0.2, pairs=(("bus", "checkout"),)),))


EXERCISE = read_exercise("06.5", judge, handle, cases=twice)
