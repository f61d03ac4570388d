"""09.5: a wrong entry in a card account, made good by further entries."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from random import Random
from typing import Any

from eventlab.decider import Decider, fold, messages
from eventlab.errors import EventIdConflict, EventlabError
from eventlab.event import Event
from eventlab.lessons.judging.model import Case, Mistake
from eventlab.lessons.judging.prose import read_exercise
from eventlab.lessons.lesson09.pictures import EIGHT, MINUTE, pictured
from eventlab.store import Store

DAY = 24 * 60 * MINUTE

EMPTY: Mapping[str, Any] = {"balance": 0, "refunds": 0, "charges": {}}


def account(state: Mapping[str, Any], event: Event) -> Mapping[str, Any]:
    """A card account in cents: charges that count, refunds by shops, balance."""
    charges, refunds = state["charges"], state["refunds"]
    charge, amount = event.data.get("charge"), event.data.get("amount", 0)
    match event.type:
        case "card.charged":
            charges = {**charges, event.id: amount}
        case "charge.corrected":  # the amount of this charge was another one
            charges = {**charges, charge: amount}
        case "charge.reversed":  # this charge should never have been noted
            charges = {id: charges[id] for id in charges if id != charge}
        case "card.refunded":  # a shop has given money back
            refunds += amount
    balance = refunds - sum(charges.values())
    return {"charges": charges, "refunds": refunds, "balance": balance}


def correct(wrong: Event, amount: int, now: int) -> list[Event]:
    """What is added to the account because the charge `wrong` should have been `amount`."""
    undo = Event("charge.reversed", {"charge": wrong.id}, time=now, causationid=wrong.id)
    right = Event("card.charged", {"amount": amount}, time=now, causationid=wrong.id)
    return [undo, right]


def judge(answer: Callable[[Event, int, int], Any], case: Case) -> None:
    """The balance is right from now on; whatever was true before can still be read; the correction says its cause."""
    chance = Random(case.seed)
    decider = Decider(EMPTY, lambda command, state: None, account)
    with Store() as store, pictured(store):
        for number in range(case.size + 2):
            type = "card.charged" if number == 0 or chance.random() < 0.7 else "card.refunded"
            amount = 100 * chance.randint(1, 90)
            store.append(
                "account-7", Event(type, {"amount": amount}, "7", f"entry-{number + 1}", "till", EIGHT + number * DAY)
            )
        entries = [each.event for each in store.read("account-7")]
        wrong = chance.choice([entry for entry in entries if entry.type == "card.charged"])
        noted = wrong.data["amount"]
        amount = chance.choice((max(1, noted // 10), 0, noted + 250))  # a zero too many, all of it, or too little
        now = EIGHT + (case.size + chance.randint(5, 9)) * DAY
        before = [fold(decider, entries[:number]) for number in range(len(entries) + 1)]
        told = f"{wrong.id} says {noted} cents and should say {amount}."
        added = _added(messages(answer(wrong, amount, now)), wrong, now, told)
        try:
            store.append("account-7", added)
        except EventIdConflict as conflict:
            raise Mistake(
                f"{told} The store refuses an event with the id of an old one ({conflict.id}): an entry cannot be "
                "edited, only followed by another.",
                kind="edited",
            ) from conflict
        except EventlabError as error:
            raise Mistake(f"{told} The store cannot take your events: {error}", kind="invalid") from error
        _judge_account(store, decider, before, entries, wrong, amount, told)


def _added(events: list[Any], wrong: Event, now: int, told: str) -> list[Event]:
    """The learner's events, with what the store needs; none may be of a type that the account does not know."""
    known = ("card.charged", "charge.reversed", "charge.corrected", "card.refunded")
    for event in events:
        if not isinstance(event, Event) or event.type not in known:
            raise Mistake(f"{told} Expected events of the types {', '.join(known)}; found {event!r:.80}.", kind="type")
    if not events:
        raise Mistake(f"{told} You add nothing, so it stays wrong.", kind="nothing")
    for event in events:
        if event.time not in (now, wrong.time):
            when = "has no time" if not event.time else "has another time"
            raise Mistake(
                f"{told} The correction is made now, and {event.type} {when}: give it `time=now` (nanoseconds, "
                "like all instants).",
                kind="time",
            )
    return [event.with_(id=event.id or f"{wrong.id}/{number}", subject="7") for number, event in enumerate(events, 1)]


def _judge_account(
    store: Store, decider: Decider, before: list[Any], entries: list[Event], wrong: Event, amount: int, told: str
) -> None:
    for number, entry in enumerate(entries, 1):
        known = fold(decider, (each.event for each in store.read("account-7", as_of=entry.time)))
        if known["balance"] != before[number]["balance"]:
            raise Mistake(
                f"{told} On the day of {entry.id} the statement said {before[number]['balance']}. Asked again as of "
                f"that day, the store now says {known['balance']}: your correction is dated back, and hides what was "
                "known then.",
                kind="dated back",
            )
    now = fold(decider, (each.event for each in store.read("account-7")))
    if now["refunds"] != before[-1]["refunds"]:
        raise Mistake(
            f"{told} The report of refunds grew from {before[-1]['refunds']} to {now['refunds']}, but no shop gave "
            "money back. The balance is one reading of the events; others must stay true as well.",
            kind="refund",
        )
    _nothing_below_zero(store, told)
    expected = before[-1]["balance"] + wrong.data["amount"] - amount
    if now["balance"] != expected or sorted(now["charges"].values()) != _charges(before[-1], wrong, amount):
        raise Mistake(
            f"{told} The balance must be {expected} and is {now['balance']}; the charges that count are "
            f"{sorted(now['charges'].values())} and must be {_charges(before[-1], wrong, amount)}.",
            kind="balance",
        )
    for each in store.read("account-7", after=len(entries)):
        if each.event.causationid != wrong.id:
            raise Mistake(
                f"{told} An auditor finds {each.event.type} and asks why. Its cause is "
                f"{each.event.causationid or 'empty'}; it should name {wrong.id}.",
                kind="cause",
            )


def _nothing_below_zero(store: Store, told: str) -> None:
    negative = [each.event for each in store.read("account-7") if each.event.data.get("amount", 0) < 0]
    if negative:
        raise Mistake(
            f"{told} You add {negative[0].type} of {negative[0].data['amount']} cents. No shop ever charged or gave "
            "back an amount below zero: whoever lists the charges finds one that never was. Take the wrong one "
            "back, or correct its amount.",
            kind="negative",
        )


def _charges(state: Mapping[str, Any], wrong: Event, amount: int) -> list[int]:
    return sorted({**state["charges"], wrong.id: amount}.values())


EXERCISE = read_exercise("09.5", judge, correct, pure=True)
