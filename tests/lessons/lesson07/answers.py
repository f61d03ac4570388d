"""Lesson 07: other right answers, and the wrong ones that learners give."""

from __future__ import annotations

from collections.abc import MutableMapping
from typing import Any

from eventlab.errors import Refused
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


def gate_and_version_only(state: State, event: Event) -> None:
    if event.data["version"] > state.get(event.subject, {"version": 0})["version"]:
        state[event.subject] = {"gate": event.data["gate"], "version": event.data["version"]}


def a_version_within(state: State, event: Event) -> None:
    version, known = event.data["version"], state.get(event.subject, {"facts": {"version": 0}})
    if version > known["facts"]["version"]:
        state[event.subject] = {"facts": event.data, "heard": event.time, "topic": event.type}
        state["changes heard"] = state.get("changes heard", 0) + 1


def the_gate_alone(state: State, event: Event) -> None:
    versions = dict(state.get("versions", {}))
    if event.data["version"] > versions.get(event.subject, 0):
        versions[event.subject] = event.data["version"]
        state["versions"], state[event.subject] = versions, event.data["gate"]


def all_in_one_entry(state: State, event: Event) -> None:
    boards = dict(state.get("flights", {}))
    if event.data["version"] > boards.get(event.subject, {"version": 0})["version"]:
        state["flights"] = {**boards, event.subject: event.data}


def looks_at_the_gate_first(state: State, event: Event) -> None:
    known = state.get(event.subject, {"version": 0, "gate": ""})
    if known["gate"] == event.data["gate"]:
        return
    if event.data["version"] > known["version"]:
        state[event.subject] = event.data


def refuses_what_is_old(state: State, event: Event) -> None:
    if event.data["version"] < state.get(event.subject, {"version": 0})["version"]:
        raise Refused("that is old")
    state[event.subject] = event.data


def compares_as_text(state: State, event: Event) -> None:
    if str(event.data["version"]) > str(state.get(event.subject, {"version": 0})["version"]):
        state[event.subject] = event.data


VERSIONS: dict[str, int] = {}


def versions_in_a_global(state: State, event: Event) -> None:
    if event.data["version"] > VERSIONS.get(event.subject, 0):
        VERSIONS[event.subject] = event.data["version"]
        state[event.subject] = event.data


def changes_the_copy_in_place(state: State, event: Event) -> None:
    if event.subject not in state:
        state[event.subject] = event.data
    elif event.data["version"] > state[event.subject]["version"]:
        state[event.subject]["gate"] = event.data["gate"]


def without_the_gate(state: State, event: Event) -> None:
    state[event.subject] = {"flight": event.subject, "version": event.data["version"]}


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


def two_letters_of_the_gate(event: Event) -> dict[str, str]:
    facts = by_its_keys(event)
    return {**facts, "gate": facts["gate"][:2]}


def as_a_number(event: Event) -> dict[str, Any]:
    facts = by_its_keys(event)
    return {**facts, "gate": int(facts["gate"])} if facts["gate"].isdigit() else dict(facts)


def compares_versions_as_text(event: Event) -> dict[str, str]:
    if event.dataschema >= "gate.changed:2":
        return {"terminal": event.data["terminal"], "gate": event.data["gate"]}
    return {"terminal": event.data["gate"].split("-")[0], "gate": event.data["gate"].split("-")[-1]}


def takes_along_what_it_does_not_need(event: Event) -> dict[str, Any]:
    return {**event.data, **by_its_keys(event)}


def forgets_the_terminal(event: Event) -> dict[str, str]:
    return {"gate": event.data["gate"].split("-")[-1]}


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


def no_price_is_no_sale(prices: State, event: Event) -> None:
    known = prices.get(event.subject, {"version": 0})
    if event.data["version"] > known["version"]:
        kept = {"version": event.data["version"]}
        if event.data.get("price"):
            kept["price"] = event.data["price"]
        prices[event.subject] = kept


def refuses_old_prices(prices: State, event: Event) -> None:
    if event.data["version"] < prices.get(event.subject, {"version": 0})["version"]:
        raise Refused("that is old")
    prices[event.subject] = event.data


def with_a_history(prices: State, event: Event) -> None:
    known = prices.get(event.subject, {"version": 0, "heard": ()})
    heard = [*known["heard"], event.data["version"]]
    if event.data["version"] > known["version"]:
        prices[event.subject] = {**event.data, "heard": heard}
        prices["newest"] = {"product": event.subject, "of": {"version": event.data["version"]}}


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
        other=[
            version_kept_apart,
            by_the_producers_clock,
            gate_and_version_only,
            a_version_within,
            the_gate_alone,
            all_in_one_entry,
        ],
        wrong=[
            (the_last_to_come, "an older event came late"),
            (only_the_next_one, "A version in between was missing then"),
            (one_version_for_all, "the board has nothing at state["),
            (number_of_one_gate_of_another, "No event said these two together"),
            (forgets, "overwrote it"),
            (looks_at_the_gate_first, "its gate was the same"),
            (refuses_what_is_old, "boards refused an event that came late"),
            (compares_as_text, "passed it over"),
            (versions_in_a_global, "in `VERSIONS`"),
            (changes_the_copy_in_place, "put a new value there"),
            (without_the_gate, "The key 'gate' is missing"),
        ],
    ),
    "07.3": Known(
        other=[by_its_keys, takes_along_what_it_does_not_need],
        wrong=[
            (new_ones_only, "an event of version 1, as older programs still send it"),
            (version_2_or_else_version_1, "which has more keys that this board does not need"),
            (old_ones_only, "and the board has {'terminal': ''"),
            (strict, "ValueError in line"),
            (two_letters_of_the_gate, "'gate': '31A'"),
            (as_a_number, "'gate': 4}"),
            (compares_versions_as_text, "an event of version 12"),
            (forgets_the_terminal, "There is no 'terminal' in it"),
        ],
    ),
    "07.4": Known(
        other=[tombstone_beside, with_a_history],
        wrong=[
            (last_price_wins, "came late"),
            (deletes, "sells the tea again"),
            (no_price_is_no_sale, "for sale for 0"),
            (refuses_old_prices, "The checkout refused an event that came late"),
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
