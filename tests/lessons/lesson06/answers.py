"""Answers to the exercises on event notification, right ones and the misconceptions that people have."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from eventlab.errors import NoReply, Unavailable
from eventlab.event import Command, Event
from eventlab.service import Service
from eventlab.sim import SECOND
from tests.support.known import Known

Handled = dict[str, Any]

# 06.2 -------------------------------------------------------------------------------------------------------------


async def asks_until_there_is_an_answer(boards: Service, event: Event) -> None:
    while True:
        try:
            news = await boards.request("gates", Command("gate.describe", event.data))
            break
        except (Unavailable, NoReply):
            await boards.sleep(2)
    boards.state[event.subject] = news["gate"]


async def gives_up_in_silence(boards: Service, event: Event) -> None:
    try:
        news = await boards.request("gates", Command("gate.describe", event.data))
    except (Unavailable, NoReply):
        return
    boards.state[event.subject] = news["gate"]


async def gives_up_after_three(boards: Service, event: Event) -> None:
    for _ in range(3):
        try:
            news = await boards.request("gates", Command("gate.describe", event.data))
            boards.state[event.subject] = news["gate"]
            return
        except (Unavailable, NoReply):
            await boards.sleep(0.5)


async def shows_a_question_mark(boards: Service, event: Event) -> None:
    try:
        news = await boards.request("gates", Command("gate.describe", event.data))
        boards.state[event.subject] = news["gate"]
    except (Unavailable, NoReply):
        boards.state[event.subject] = "?"


async def reads_the_gate_from_the_event(boards: Service, event: Event) -> None:
    boards.state[event.subject] = event.data["gate"]


class TryAgain(Exception):
    pass


async def raises_an_error_of_its_own(boards: Service, event: Event) -> None:
    try:
        news = await boards.request("gates", Command("gate.describe", event.data))
    except (Unavailable, NoReply):
        raise TryAgain("gates has no time") from None
    boards.state[event.subject] = news["gate"]


async def knows_only_one_kind_of_silence(boards: Service, event: Event) -> None:
    try:
        news = await boards.request("gates", Command("gate.describe", event.data))
    except NoReply:
        return
    boards.state[event.subject] = news["gate"]


async def tells_itself_once_more(boards: Service, event: Event) -> Any:
    try:
        news = await boards.request("gates", Command("gate.describe", event.data))
    except (Unavailable, NoReply):
        await boards.sleep(5)
        return [Event(event.type, event.data, event.subject)]
    boards.state[event.subject] = news["gate"]
    return None


async def asks_only_once(boards: Service, event: Event) -> None:
    if event.subject not in boards.state:
        await asks_until_there_is_an_answer(boards, event)


# 06.3 -------------------------------------------------------------------------------------------------------------


async def _ask(boards: Service, flight: str) -> str:
    news = await boards.request("gates", Command("gate.describe", {"flight": flight}))
    gate: str = news["gate"]
    return gate


async def two_entries(boards: Service, question: Command) -> Handled:
    flight = question.data["flight"]
    until = boards.state.get(f"{flight} until", 0)
    if boards.now > until:
        boards.state[flight] = await _ask(boards, flight)
        boards.state[f"{flight} until"] = boards.now + 60 * SECOND
    return {"gate": boards.state[flight]}


async def always_asks(boards: Service, question: Command) -> Handled:
    return {"gate": await _ask(boards, question.data["flight"])}


async def remembers_for_ever(boards: Service, question: Command) -> Handled:
    flight = question.data["flight"]
    if flight not in boards.state:
        boards.state[flight] = await _ask(boards, flight)
    return {"gate": boards.state[flight]}


async def every_reading_makes_it_new(boards: Service, question: Command) -> Handled:
    flight, now = question.data["flight"], boards.now
    known = boards.state.get(flight)
    if known and now - known["asked"] <= 60 * SECOND:
        boards.state[flight] = {**known, "asked": now}
        return {"gate": known["gate"]}
    boards.state[flight] = {"gate": await _ask(boards, flight), "asked": now}
    return {"gate": boards.state[flight]["gate"]}


async def one_entry_for_all(boards: Service, question: Command) -> Handled:
    known = boards.state.get("last")
    if known and boards.now - known["asked"] <= 60 * SECOND:
        return {"gate": known["gate"]}
    boards.state["last"] = {"gate": await _ask(boards, question.data["flight"]), "asked": boards.now}
    return {"gate": boards.state["last"]["gate"]}


async def answers_nothing(boards: Service, question: Command) -> Handled:
    await two_entries(boards, question)
    return {}


async def invents_one_for_the_first_minute(boards: Service, question: Command) -> Handled:
    if boards.now < 60 * SECOND:
        return {"gate": "?"}
    return await two_entries(boards, question)


async def for_ninety_seconds(boards: Service, question: Command) -> Handled:
    flight = question.data["flight"]
    if boards.now > boards.state.get(f"{flight} until", 0):
        boards.state[flight] = await _ask(boards, flight)
        boards.state[f"{flight} until"] = boards.now + 90 * SECOND
    return {"gate": boards.state[flight]}


async def catches_everything(boards: Service, question: Command) -> Handled:
    try:
        return await two_entries(boards, {"question": question}["question"])
    except (NoReply, Unavailable):
        return {"gate": "unknown"}


@dataclass
class Row:
    gate: str
    asked: int


async def a_dataclass(boards: Service, question: Command) -> Handled:
    flight = question.data["flight"]
    row = boards.state.get(flight)
    if row is None or boards.now - row.asked > 60 * SECOND:
        row = boards.state[flight] = Row(await _ask(boards, flight), boards.now)
    return {"gate": row.gate}


ROWS: dict[str, Row] = {}


async def beside_the_state(boards: Service, question: Command) -> Handled:
    flight = question.data["flight"]
    if flight not in ROWS or boards.now - ROWS[flight].asked > 60 * SECOND:
        ROWS[flight] = Row(await _ask(boards, flight), boards.now)
    return {"gate": ROWS[flight].gate}


async def in_a_default(boards: Service, question: Command, known: dict[str, Any] = {}) -> Handled:  # noqa: B006
    flight = question.data["flight"]
    if flight not in known or boards.now - known[flight][1] > 60 * SECOND:
        known[flight] = (await _ask(boards, flight), boards.now)
    return {"gate": known[flight][0]}


async def in_seconds(boards: Service, question: Command) -> Handled:
    flight, now = question.data["flight"], boards.now
    known = boards.state.get(flight)
    if known and now - known["asked"] <= 60:
        return {"gate": known["gate"]}
    boards.state[flight] = {"gate": await _ask(boards, flight), "asked": now}
    return {"gate": boards.state[flight]["gate"]}


# 06.4 -------------------------------------------------------------------------------------------------------------


async def _result(ward: Service, event: Event) -> Any:
    return await ward.request("lab", Command("result.describe", {"patient": event.data["patient"]}))


def _row(news: Any) -> dict[str, Any]:
    return {"potassium": news["potassium"], "version": news["version"]}


def _call(news: Any) -> list[Event]:
    if news["potassium"] < 6.0:
        return []
    return [Event("doctor.called", {"patient": news["patient"], "version": news["version"]}, news["patient"])]


async def asks_again_until_it_is_newer(ward: Service, event: Event) -> list[Event]:
    news: Any = None
    while news is None:
        try:
            news = await _result(ward, event)
        except (Unavailable, NoReply):
            await ward.sleep(1)
    known = ward.state.get(news["patient"])
    if known is not None and known["version"] >= news["version"]:
        return []
    ward.state[news["patient"]] = _row(news)
    return _call(news)


async def believes_the_last_answer(ward: Service, event: Event) -> list[Event]:
    news = await _result(ward, event)
    if ward.state.get(news["patient"]) == _row(news):
        return []
    ward.state[news["patient"]] = _row(news)
    return _call(news)


async def calls_for_every_event(ward: Service, event: Event) -> list[Event]:
    news = await _result(ward, event)
    if news["version"] >= ward.state.get(news["patient"], {"version": 0})["version"]:
        ward.state[news["patient"]] = _row(news)
        return _call(news)
    return []


async def looks_before_it_waits(ward: Service, event: Event) -> list[Event]:
    known = ward.state.get(event.data["patient"], {"version": 0})
    news = await _result(ward, event)
    if news["version"] <= known["version"]:
        return []
    ward.state[news["patient"]] = _row(news)
    return _call(news)


async def gives_up_on_the_laboratory(ward: Service, event: Event) -> list[Event]:
    try:
        return await asks_once(ward, event)
    except (Unavailable, NoReply):
        return []


async def asks_once(ward: Service, event: Event) -> list[Event]:
    news = await _result(ward, event)
    if news["version"] <= ward.state.get(news["patient"], {"version": 0})["version"]:
        return []
    ward.state[news["patient"]] = _row(news)
    return _call(news)


async def calls_nobody(ward: Service, event: Event) -> list[Event]:
    await asks_once(ward, event)
    return []


async def calls_for_all(ward: Service, event: Event) -> list[Event]:
    news = await _result(ward, event)
    if news["version"] <= ward.state.get(news["patient"], {"version": 0})["version"]:
        return []
    ward.state[news["patient"]] = _row(news)
    return _call({**news, "potassium": 9.0})


async def keeps_the_number_only(ward: Service, event: Event) -> list[Event]:
    news = await _result(ward, event)
    ward.state[news["patient"]] = {"potassium": news["potassium"]}
    return []


async def keeps_more(ward: Service, event: Event) -> list[Event]:
    news = await _result(ward, event)
    if news["version"] <= ward.state.get(news["patient"], {"version": 0})["version"]:
        return []
    ward.state[news["patient"]] = {**news, "heard": {"at": ward.now, "event": event.id}}
    ward.state["results heard"] = ward.state.get("results heard", 0) + 1
    return _call(news)


async def in_its_own_words(ward: Service, event: Event) -> list[Event]:
    try:
        return await asks_once(ward, event)
    except (Unavailable, NoReply):
        raise RuntimeError("the laboratory does not answer") from None


# 06.5 -------------------------------------------------------------------------------------------------------------


async def _price(checkout: Service, item: str) -> Any:
    return (await checkout.request("catalogue", Command("price.describe", {"item": item})))["price"]


async def fetches_at_once(checkout: Service, message: Any) -> Any:
    """Not forgetting but asking anew; the event is done when the new price is there."""
    item = message.data["item"]
    if isinstance(message, Event) or item not in checkout.state:
        checkout.state[item] = await _price(checkout, item)
    return {"price": checkout.state[item]}


async def gives_it_back_but_does_not_keep_it(checkout: Service, message: Any) -> Any:
    item = message.data["item"]
    if isinstance(message, Event):
        checkout.state[f"{item} changed"] = message.id
        checkout.state[item] = None
        return None
    if item in checkout.state:
        return {"price": checkout.state[item]}
    before = checkout.state.get(f"{item} changed")
    price = await _price(checkout, item)
    if before == checkout.state.get(f"{item} changed"):
        checkout.state[item] = price
    return {"price": price}


async def forgets_and_remembers(checkout: Service, message: Any) -> Any:
    item = message.data["item"]
    if isinstance(message, Event):
        checkout.state[item] = None
        return None
    if item not in checkout.state:
        checkout.state[item] = await _price(checkout, item)
    return {"price": checkout.state[item]}


async def never_remembers(checkout: Service, message: Any) -> Any:
    return None if isinstance(message, Event) else {"price": await _price(checkout, message.data["item"])}


async def never_forgets(checkout: Service, message: Any) -> Any:
    return None if isinstance(message, Event) else await forgets_and_remembers(checkout, message)


async def answers_the_event_only(checkout: Service, message: Any) -> Any:
    if isinstance(message, Event):
        checkout.state[message.data["item"]] = await _price(checkout, message.data["item"])
    return {}


async def reads_the_price_from_the_event(checkout: Service, message: Any) -> Any:
    if isinstance(message, Event):
        checkout.state[message.data["item"]] = message.data["price"]
        return None
    return {"price": checkout.state[message.data["item"]]}


ANSWERS = {
    "06.1": Known(
        other=[["d", "g", "c", "f", "b", "h", "e", "a"]],
        wrong=[
            (["d", "c", "g", "h", "a", "f", "b", "e"], "boards must not say that it is done before it is"),
            (["f", "d", "c", "b", "e", "a", "g", "h"], "does not know that there is something to ask"),
            (["d", "c", "e", "f", "b", "a", "g", "h"], "cannot show it before it has the answer"),
            (["b", "d", "c", "f", "e", "a", "g", "h"], "answers when it is asked"),
            (["c", "d", "g", "h", "f", "b", "e", "a"], "nothing to send before gates has published"),
            (["d", "c", "f", "b", "e", "a"], "each letter from a to h once"),
        ],
    ),
    "06.2": Known(
        other=[asks_until_there_is_an_answer, raises_an_error_of_its_own],
        wrong=[
            (gives_up_in_silence, "After 1 question without an answer, boards told the bus"),
            (knows_only_one_kind_of_silence, "question without an answer"),
            (tells_itself_once_more, "boards published gate.changed, as if"),
            (asks_only_once, "changed again"),
            (gives_up_after_three, "After 3 questions without an answer"),
            (shows_a_question_mark, "'?' for flight F1, which gates never said"),
            (reads_the_gate_from_the_event, "KeyError"),
        ],
    ),
    "06.3": Known(
        other=[two_entries, a_dataclass, beside_the_state, in_a_default],
        wrong=[
            (always_asks, "though gates had answered"),
            (in_seconds, "An answer is good for 60 seconds"),
            (invents_one_for_the_first_minute, "heard '?': it never had that gate"),
            (catches_everything, "heard 'unknown'"),
            (for_ninety_seconds, "Old news: people asked"),
            (remembers_for_ever, "it is good for 60 seconds"),
            (every_reading_makes_it_new, "from an answer that gates gave"),
            (one_entry_for_all, "0': it never had that gate"),
            (answers_nothing, "though gates had told boards"),
        ],
    ),
    "06.4": Known(
        other=[asks_again_until_it_is_newer, keeps_more, in_its_own_words],
        wrong=[
            (believes_the_last_answer, "The ward went back"),
            (looks_before_it_waits, "when the answer came, it did"),
            (calls_for_every_event, "A doctor was called 2 times for one result"),
            (gives_up_on_the_laboratory, "for good. The newest is"),
            (calls_nobody, "No doctor was called for result"),
            (calls_for_all, "is not critical"),
            (keeps_the_number_only, "it should hold potassium and version"),
        ],
    ),
    "06.5": Known(
        other=[fetches_at_once, gives_it_back_but_does_not_keep_it],
        wrong=[
            (forgets_and_remembers, "After that, it still sold at the price of change"),
            (never_remembers, "asked for a price again that it had been given"),
            (never_forgets, "What did it remember, and when"),
            (answers_the_event_only, "got no answer, though the catalogue is there"),
            (reads_the_price_from_the_event, "KeyError"),
        ],
    ),
    "06.6": Known(
        other=[{"cards": "ask", "screens": "full", "scans": "ask"}],
        wrong=[
            ({"cards": "full", "screens": "full", "scans": "full"}, "cards: with 'full', out of date %"),
            ({"cards": "ask", "screens": "ask", "scans": "ask"}, "screens: with 'ask', answered %"),
            ({"cards": "ask", "screens": "cache", "scans": "cache"}, "screens: with 'cache', answered %"),
            ({"cards": "ask", "screens": "full", "scans": "full"}, "scans: with 'full', kB per second"),
            ({"cards": "ask", "screens": "full", "scans": "none"}, "is no design"),
        ],
    ),
}  # fmt: skip
