"""07.4: a shop's checkout keeps copies of prices, and products come, go and come back."""

from __future__ import annotations

from collections.abc import Callable, Mapping, MutableMapping
from typing import Any

from eventlab.event import Event
from eventlab.faults import Flaky
from eventlab.lessons.judging.model import Case, Mistake
from eventlab.lessons.judging.prose import read_exercise
from eventlab.lessons.judging.testbed import Testbed

State = MutableMapping[str, Any]
PRODUCTS = ("tea", "cup")
STORY = ("price", "price", "withdrawn", "price", "price", "withdrawn")  # of each product


def judge(keep: Callable[[State, Event], object], case: Case) -> None:
    """After every event the checkout sells by the newest it has received: at its price, or not at all."""
    lab = Testbed(case)
    pricing, checkout = lab.service("pricing"), lab.service("checkout")
    newest: dict[str, Event] = {}
    wrong: list[tuple[str, str, str]] = []

    def heard(event: Event) -> Any:
        result = keep(checkout.state, event)
        known = newest.get(event.subject)
        if known is None or event.data["version"] > known.data["version"]:
            newest[event.subject] = event
        found = price_of(checkout.state, event.subject)
        if found != newest[event.subject].data.get("price"):
            wrong.append((*_what_is_wrong(event, newest[event.subject], found), event.subject))
        return result

    checkout.on("price.set product.withdrawn", heard, durable="checkout", ordered=False)
    for number in range(case.size):
        product, version = PRODUCTS[number // len(STORY)], 1 + number % len(STORY)
        facts: dict[str, Any] = {"product": product, "version": version}
        if STORY[version - 1] == "price":
            event = Event("price.set", {**facts, "price": 2 + lab.draws.below(8) + 10 * version}, product)
        else:
            event = Event("product.withdrawn", facts, product)
        lab.at(number * 0.6, pricing.publish, event)
    trace = lab.run()
    if wrong:
        message, kind, product = min(wrong, key=lambda found: found[1] != "older")  # the plainest one first
        raise Mistake(message, trace=trace, flight=product, kind=kind)


def price_of(prices: State, product: str) -> Any:
    """What the checkout takes for a product; None: it does not sell it."""
    entry = prices.get(product)
    return entry.get("price") if isinstance(entry, Mapping) else None


def _what_is_wrong(event: Event, newest: Event, found: Any) -> tuple[str, str]:
    """A sentence, and the kind of mistake: what the newest event says, and what the checkout does instead."""
    product, late = event.subject, event.data["version"] < newest.data["version"]
    now = f"version {newest.data['version']}"
    if newest.type == "product.withdrawn":
        if late:
            return (
                f"The {product} was withdrawn ({now}). Then an older price came late, version {event.data['version']}, "
                f"and the checkout sells the {product} again, for {found}.", "risen",
            )  # fmt: skip
        return f"The {product} was withdrawn ({now}), and the checkout still sells it, for {found}.", "sold on"
    price = newest.data["price"]
    if found is None and late:
        return (
            f"The {product} is for sale for {price} ({now}). Then an older withdrawal came late, version "
            f"{event.data['version']}, and the checkout does not sell it any more.", "taken away",
        )  # fmt: skip
    if found is None:
        return f"The {product} is for sale for {price} ({now}), but the checkout does not sell it.", "not for sale"
    if late:
        return (
            f"The {product} costs {price} ({now}). Then an older price came late, version {event.data['version']}, and "
            f"the checkout takes {found}.", "older",
        )  # fmt: skip
    return f"The {product} costs {price} ({now}), but the checkout takes {found}.", "price"


def keep_price(prices: State, event: Event) -> None:
    """The copy is the newest event. A withdrawal is kept like a price: it has a version, and no price."""
    known = prices.get(event.subject, {"version": 0})
    if event.data["version"] > known["version"]:
        prices[event.subject] = event.data


EXERCISE = read_exercise(
    "07.4",
    judge,
    keep_price,
    cases=lambda seed: Case(seed, 12, (Flaky(0, 60, reordering=0.3), Flaky(0, 60, duplication=0.2))),
)
