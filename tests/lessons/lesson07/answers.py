"""Lesson 07: other right answers, and the wrong ones that learners give."""

from __future__ import annotations

from collections.abc import MutableMapping
from typing import Any

from eventlab.event import Event
from eventlab.lessons.lesson07.ex5_copy_or_ask import MODEL
from tests.support.known import Known

State = MutableMapping[str, Any]

# 07.2 ---------------------------------------------------------------------------------------------------------------


def version_kept_apart(state: State, event: Event) -> None:
    number = f"version of {event.subject}"
    if event.data["version"] <= state.get(number, 0):
        return
    state[number] = event.data["version"]
    state[event.subject] = dict(event.data)


def by_the_producers_clock(state: State, event: Event) -> None:
    number = f"time of {event.subject}"
    if event.time > state.get(number, -1):
        state[number], state[event.subject] = event.time, event.data


def the_last_to_come(state: State, event: Event) -> None:
    state[event.subject] = event.data


def only_the_next_one(state: State, event: Event) -> None:
    known = state.get(event.subject, {"version": 0})
    if event.data["version"] == known["version"] + 1:
        state[event.subject] = event.data


def one_version_for_all(state: State, event: Event) -> None:
    if event.data["version"] > state.get("newest", 0):
        state["newest"] = event.data["version"]
        state[event.subject] = event.data


def number_of_one_gate_of_another(state: State, event: Event) -> None:
    known = state.get(event.subject, {"version": 0})
    state[event.subject] = {**event.data, "version": max(known["version"], event.data["version"])}


def forgets(state: State, event: Event) -> None:
    state[event.subject] = event.data["gate"]


# 07.3 ---------------------------------------------------------------------------------------------------------------


def by_its_keys(event: Event) -> dict[str, str]:
    data = event.data
    if "terminal" in data:
        return {"terminal": data["terminal"], "gate": data["gate"]}
    return dict(zip(("terminal", "gate"), data["gate"].split("-"), strict=True))


def new_ones_only(event: Event) -> dict[str, str]:
    return {"terminal": event.data.get("terminal", ""), "gate": event.data["gate"]}


def version_2_or_else_version_1(event: Event) -> dict[str, str]:
    if event.dataschema == "gate.changed:2":
        return {"terminal": event.data["terminal"], "gate": event.data["gate"]}
    return {"terminal": event.data["gate"].split("-")[0], "gate": event.data["gate"].split("-")[-1]}


def old_ones_only(event: Event) -> dict[str, str]:
    terminal, _, gate = event.data["gate"].rpartition("-")
    return {"terminal": terminal, "gate": gate}


def strict(event: Event) -> dict[str, str]:
    if event.dataschema not in ("", "gate.changed:2"):
        raise ValueError(f"unknown version: {event.dataschema}")
    return by_its_keys(event)


# 07.4 ---------------------------------------------------------------------------------------------------------------


def tombstone_beside(prices: State, event: Event) -> None:
    number, product = f"version of {event.data['product']}", event.data["product"]
    if event.data["version"] <= prices.get(number, 0):
        return
    prices[number] = event.data["version"]
    match event:
        case Event("price.set", {"price": price}):
            prices[product] = {"price": price}
        case Event("product.withdrawn"):
            prices[product] = None


def last_price_wins(prices: State, event: Event) -> None:
    prices[event.subject] = event.data


def deletes(prices: State, event: Event) -> None:
    known = prices.get(event.subject, {"version": 0})
    if event.data["version"] > known["version"]:
        if event.type == "product.withdrawn":
            prices.pop(event.subject, None)
        else:
            prices[event.subject] = event.data


def never_hears_of_the_end(prices: State, event: Event) -> None:
    if event.type == "price.set" and event.data["version"] > prices.get(event.subject, {"version": 0})["version"]:
        prices[event.subject] = event.data


def gone_for_good(prices: State, event: Event) -> None:
    known = prices.get(event.subject, {"version": 0})
    if event.data["version"] > known["version"] and not ("price" not in known and known["version"]):
        prices[event.subject] = event.data


def takes_every_withdrawal(prices: State, event: Event) -> None:
    known = prices.get(event.subject, {"version": 0})
    if event.type == "product.withdrawn":
        prices[event.subject] = {"version": max(known["version"], event.data["version"])}
    elif event.data["version"] > known["version"]:
        prices[event.subject] = event.data


ANSWERS = {
    "07.1": Known(
        other=[list("bcgfeda"), ["c", "b", "g", "f", "e", "d", "a"]],
        wrong=[
            (list("abcdefg"), "The bus takes in an event that nobody has published yet"),
            (list("gcfbdea"), "First a change is stored, then it is published"),
            (list("cgfeabd"), "its copy says gate 14 already"),
            (list("cgfbdae"), "writes what an event says that has not reached it"),
            (list("cgfdbea"), "answers before anybody has asked"),
            (list("bdcgfea"), "that is still true: the gate has not changed yet"),
            (list("cgf"), "exactly once"),
        ],
    ),
    "07.2": Known(
        other=[version_kept_apart, by_the_producers_clock],
        wrong=[
            (the_last_to_come, "an older event came late"),
            (only_the_next_one, "A version in between was missing then"),
            (one_version_for_all, "It was the very next version of this flight"),
            (number_of_one_gate_of_another, "No event said these two together"),
            (forgets, "is not what an event said"),
        ],
    ),
    "07.3": Known(
        other=[by_its_keys],
        wrong=[
            (new_ones_only, "an event of version 1, as older programs still send it"),
            (version_2_or_else_version_1, "which has one more key that this board does not need"),
            (old_ones_only, "an event of version 2 was not understood"),
            (strict, "ValueError in line"),
        ],
    ),
    "07.4": Known(
        other=[tombstone_beside],
        wrong=[
            (last_price_wins, "Then an older price came late"),
            (deletes, "sells the tea again"),
            (never_hears_of_the_end, "the checkout still sells it"),
            (gone_for_good, "but the checkout does not sell it."),
            (takes_every_withdrawal, "Then an older withdrawal came late"),
        ],
    ),
    "07.5": Known(
        other=[{**MODEL, "board": "fresh copy"}, {**MODEL, "names": "fresh copy", "board": "fresh copy"}],
        wrong=[
            ({**MODEL, "board": "ask"}, "board with 'ask': while the owner is cut off, nobody answers"),
            ({**MODEL, "no-fly": "copy"}, "no-fly with 'copy': even on a quiet day"),
            ({**MODEL, "names": "ask"}, "times a second"),
            ({**MODEL, "seats": "copy"}, "seats with 'copy': in the outage a copy was wrong for"),
            ({**MODEL, "seats": "ask"}, "The bar: 50 ms"),
            ({**MODEL, "hours": "fresh copy"}, "hours with 'fresh copy'"),
            ({**MODEL, "board": "impossible"}, "there is a way that reaches every bar"),
            ({**MODEL, "board": "cache"}, "expected one of"),
        ],
    ),
}
