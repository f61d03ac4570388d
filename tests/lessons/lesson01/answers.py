"""Known answers to the exercises of lesson 01."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from eventlab import Command, NoReply, Refused, Service, Unavailable
from tests.support.known import Known

# 01.2 -----------------------------------------------------------------------------------------------------------------


async def lets_every_error_through(boards: Service, command: Command) -> Any:
    flight = await boards.request("operations", command)
    answer = await boards.request("gates", Command("gate.describe", command.data))
    return {**flight, "gate": answer["gate"]}


async def waits_too_long_for_the_gates(boards: Service, command: Command) -> Any:
    flight = await boards.request("operations", command)
    try:
        answer = await boards.request("gates", Command("gate.describe", command.data))
    except (NoReply, Unavailable):
        answer = {"gate": ""}
    return {**flight, "gate": answer["gate"]}


async def catches_everything(boards: Service, command: Command) -> Any:
    flight, gate = {"status": "unknown"}, ""
    try:
        flight = dict(await boards.request("operations", command, timeout=0.5))
        gate = (await boards.request("gates", Command("gate.describe"), timeout=0.5))["gate"]
    except Exception:
        pass
    return {**flight, "gate": gate}


async def shows_the_last_gate_it_knows(boards: Service, command: Command) -> Any:
    flight = await boards.request("operations", command, timeout=1)
    try:
        answer = await boards.request("gates", Command("gate.describe"), timeout=0.8)
        boards.state["gate"] = answer["gate"]
    except (NoReply, Unavailable):
        pass
    return {**flight, "gate": boards.state.get("gate", "")}


async def says_the_last_thing_it_heard(boards: Service, command: Command) -> Any:
    answer = {"status": boards.state.get("status", ""), "gate": ""}
    with suppress(NoReply, Unavailable):
        boards.state["status"] = (await boards.request("operations", command, timeout=0.5))["status"]
        answer["status"] = boards.state["status"]
        answer["gate"] = (await boards.request("gates", Command("gate.describe"), timeout=0.5))["gate"]
    return answer


async def forgets_the_flight(boards: Service, command: Command) -> Any:
    await boards.request("operations", command, timeout=1)
    return dict(await boards.request("gates", Command("gate.describe"), timeout=0.5))


async def never_asks_the_gates(boards: Service, command: Command) -> Any:
    return {**await boards.request("operations", command, timeout=1), "gate": ""}


async def asks_the_gates_first(boards: Service, command: Command) -> Any:
    gate = ""
    try:
        gate = (await boards.request("gates", command.with_(type="gate.describe"), timeout=0.5))["gate"]
    except NoReply:
        pass
    except Unavailable:
        pass
    flight = await boards.request("operations", command, timeout=1)
    return {"gate": gate, "status": flight["status"]}


async def says_so_in_its_own_words(boards: Service, command: Command) -> Any:
    try:
        flight = await boards.request("operations", command, timeout=0.9)
    except (NoReply, Unavailable):
        raise RuntimeError("operations does not answer") from None
    gate = ""
    with suppress(NoReply, Unavailable):
        gate = (await boards.request("gates", Command("gate.describe"), timeout=0.9))["gate"]
    return {**flight, "gate": gate}


async def knows_only_one_kind_of_silence(boards: Service, command: Command) -> Any:
    flight = await boards.request("operations", command, timeout=1)
    try:
        gate = (await boards.request("gates", Command("gate.describe"), timeout=0.8))["gate"]
    except Unavailable:
        gate = ""
    return {**flight, "gate": gate}


# 01.3 -----------------------------------------------------------------------------------------------------------------


def looks_for_keys_only(contract: dict[str, type], answer: dict[str, Any]) -> list[str]:
    return [key for key in contract if key not in answer]


def wants_the_very_same_keys(contract: dict[str, type], answer: dict[str, Any]) -> list[str]:
    wrong = [key for key, kind in contract.items() if key not in answer or not isinstance(answer[key], kind)]
    return wrong + [key for key in answer if key not in contract]


def takes_nothing_for_missing(contract: dict[str, type], answer: dict[str, Any]) -> list[str]:
    return [key for key, kind in contract.items() if not answer.get(key) or not isinstance(answer[key], kind)]


def looks_at_what_is_there(contract: dict[str, type], answer: dict[str, Any]) -> list[str]:
    return [key for key in answer if key in contract and not isinstance(answer[key], contract[key])]


def says_yes_or_no(contract: dict[str, type], answer: dict[str, Any]) -> Any:
    return any(not isinstance(answer.get(key), kind) for key, kind in contract.items())


def tries_to_read(contract: dict[str, type], answer: dict[str, Any]) -> list[str]:
    return sorted(key for key in contract if key not in answer or type(answer[key]) is not contract[key])


def names_what_is_gone_twice(contract: dict[str, type], answer: dict[str, Any]) -> list[str]:
    gone = [key for key in contract if key not in answer]
    return gone + [key for key, kind in contract.items() if not isinstance(answer.get(key), kind)]


def forgets_to_return(contract: dict[str, type], answer: dict[str, Any]) -> None:
    [key for key, kind in contract.items() if not isinstance(answer.get(key), kind)]


def as_a_generator(contract: dict[str, type], answer: dict[str, Any]) -> Any:
    for key, kind in contract.items():
        if not isinstance(answer.get(key), kind):
            yield key


def as_a_tuple(contract: dict[str, type], answer: dict[str, Any]) -> Any:
    return tuple(key for key, kind in contract.items() if not isinstance(answer.get(key), kind))


SEEN: list[str] = []


def gathers_in_a_global(contract: dict[str, type], answer: dict[str, Any]) -> Any:
    for key, kind in contract.items():
        if not isinstance(answer.get(key), kind) and key not in SEEN:
            SEEN.append(key)
    return SEEN


# 01.4 -----------------------------------------------------------------------------------------------------------------


async def charges_again(shop: Service, order: str) -> Any:
    while True:
        try:
            await shop.request("payment", Command("payment.charge", {"order": order}), timeout=1)
            return {"paid": True}
        except (NoReply, Unavailable):
            await shop.sleep(1)
        except Refused:
            return {"paid": False}


async def takes_silence_for_no(shop: Service, order: str) -> Any:
    try:
        await shop.request("payment", Command("payment.charge", {"order": order}), timeout=1)
    except (NoReply, Refused, Unavailable):
        return {"paid": False}
    return {"paid": True}


async def takes_silence_for_yes(shop: Service, order: str) -> Any:
    try:
        await shop.request("payment", Command("payment.charge", {"order": order}), timeout=1)
    except (Refused, Unavailable):
        return {"paid": False}
    except NoReply:
        pass
    return {"paid": True}


async def knows_no_silence(shop: Service, order: str) -> Any:
    try:
        await shop.request("payment", Command("payment.charge", {"order": order}), timeout=1)
    except (Refused, Unavailable):
        return {"paid": False}
    return {"paid": True}


async def gives_only_good_news(shop: Service, order: str) -> Any:
    await shop.request("payment", Command("payment.charge", {"order": order}), timeout=1)
    return {"charged": True}


async def tries_again_where_it_is_safe(shop: Service, order: str) -> Any:
    while True:
        try:
            await shop.request("payment", Command("payment.charge", {"order": order}), timeout=2)
            return {"paid": True}
        except Unavailable:
            await shop.sleep(2)  # not done: it may be done again
        except Refused:
            return {"paid": False}
        except NoReply:
            break
    while True:
        try:
            return {"paid": (await shop.request("payment", Command("payment.find", {"order": order})))["charged"]}
        except (NoReply, Unavailable):
            await shop.sleep(1)


async def always_no(shop: Service, order: str) -> Any:
    return {"paid": False}


async def asks_too_soon(shop: Service, order: str) -> Any:
    with suppress(NoReply, Unavailable, Refused):
        await shop.request("payment", Command("payment.charge", {"order": order}), timeout=1)
        return {"paid": True}
    try:
        return {"paid": (await shop.request("payment", Command("payment.find", {"order": order})))["charged"]}
    except (NoReply, Unavailable):
        return {"paid": False}  # it will not have been charged


ORDERS: dict[str, bool] = {}


async def notes_it_in_a_global(shop: Service, order: str) -> Any:
    try:
        await shop.request("payment", Command("payment.charge", {"order": order}), timeout=1)
        ORDERS[order] = True
    except (Refused, Unavailable):
        ORDERS[order] = False
    except NoReply:
        pass
    while order not in ORDERS:
        with suppress(NoReply, Unavailable):
            found = await shop.request("payment", Command("payment.find", {"order": order}), timeout=1)
            ORDERS[order] = found["charged"]
    return {"paid": ORDERS[order]}


# 01.5 -----------------------------------------------------------------------------------------------------------------

RIGHT = {"stock": "wait", "payment": "wait", "offers": "try", "mail": "later", "points": "later", "statistics": "later"}

ANSWERS = {
    "01.1": Known(
        other=["CFEBDA", "c, f, e, b, d, a"],
        wrong=[
            ("c f b e d a", "holds its second line back until operations has answered"),
            ("c f e b a d", "a handler's answer leaves when the handler is at its end"),
            ("f e c b d a", "the boards ask nobody until a passenger asks them"),
            ("c e f b d a", "operations would answer a question that nobody has asked yet"),
            ("c f e b d", "exactly once"),
        ],
    ),
    "01.2": Known(
        other=[asks_the_gates_first, says_so_in_its_own_words],
        wrong=[
            (lets_every_error_through, "got an error (Unavailable: gates cannot do"),
            (waits_too_long_for_the_gates, "waited 2 seconds and left"),
            (catches_everything, "An answer that nobody gave is worse than none"),
            (says_the_last_thing_it_heard, "operations did not answer, but a passenger was told the status 'delayed'"),
            (forgets_the_flight, "operations said 'delayed', but the passenger was told the status 'nothing'"),
            (shows_the_last_gate_it_knows, "An old gate is not a safe guess"),
            (knows_only_one_kind_of_silence, "a passenger got an error (NoReply"),
            (never_asks_the_gates, "the gates were there, but the passenger was told no gate"),
        ],
    ),
    "01.3": Known(
        other=[tries_to_read, as_a_generator, as_a_tuple],
        wrong=[
            (looks_for_keys_only, "another type, and the check says nothing"),
            (wants_the_very_same_keys, "False alarm: nobody reads"),
            (takes_nothing_for_missing, "is there and has the right type, though it is"),
            (looks_at_what_is_there, "which is missing, and the check says nothing"),
            (says_yes_or_no, "you gave True"),
            (forgets_to_return, "you gave None"),
            (names_what_is_gone_twice, "2 times: each key breaks the caller once"),
            (gathers_in_a_global, "in `SEEN`"),
        ],
    ),
    "01.4": Known(
        other=[tries_again_where_it_is_safe, notes_it_in_a_global],
        wrong=[
            (charges_again, "It was the answer that got lost, not the charge"),
            (takes_silence_for_no, "told that it is not paid, but the card was charged"),
            (takes_silence_for_yes, "told that it is paid, but the card was never charged"),
            (knows_no_silence, "the customer got no answer from the shop"),
            (always_no, "the shop never asked payment to charge the card"),
            (gives_only_good_news, "answer {'paid': True} or {'paid': False}"),
        ],
    ),
    "01.5": Known(
        other=[{**RIGHT, "points": "try"}, {**RIGHT, "statistics": "try"}],
        wrong=[
            (dict.fromkeys(RIGHT, "wait"), "The checkout must wait for 6 services"),
            ({**RIGHT, "payment": "later"}, "whose card was declined were told"),
            ({**RIGHT, "mail": "try"}, "never got their confirmation by mail"),
            ({**RIGHT, "offers": "later"}, "what comes after the page has been sent is seen by nobody"),
            ({**RIGHT, "stock": "try"}, "orders were taken before anybody"),
            ({**RIGHT, "offers": "wait"}, "3 services (stock, payment and offers)"),
            ({**RIGHT, "mail": "wait"}, "3 services (stock, payment and mail)"),
            ({**RIGHT, "points": "wait"}, "3 services (stock, payment and points)"),
            ({**RIGHT, "statistics": "wait"}, "3 services (stock, payment and statistics)"),
            ({**RIGHT, "stock": "later"}, "before anybody knew whether"),
            ({**RIGHT, "points": "try", "statistics": "try"}, "Waiting times add up"),
            ({**RIGHT, "points": "never"}, "choose one of"),
        ],
    ),
}
