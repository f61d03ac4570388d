"""09.5: a wrong entry in a card account, made good by further entries."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from random import Random
from typing import Any

from eventlab.decider import Decider, fold, messages
from eventlab.errors import EventIdConflict, EventlabError
from eventlab.event import Event
from eventlab.lessons.judging.model import Case, Mistake
from eventlab.lessons.judging.prose import read_exercise
from eventlab.lessons.lesson09.pictures import CLOCKS, EIGHT, MINUTE, pictured
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


DECIDER = Decider(EMPTY, lambda command, state: None, account)
KNOWN = ("card.charged", "charge.reversed", "charge.corrected", "card.refunded")


@dataclass
class Account:
    """The account of one run: what was noted, what is `wrong` in it, and the events as they are to be shown."""

    entries: list[Event]
    wrong: Event
    amount: int
    now: int
    shown: list[Event]

    @property
    def told(self) -> str:
        """What there is to correct."""
        return f"{self.wrong.id} says {self.wrong.data['amount']} cents and should say {self.amount}."

    def mistake(self, words: str, kind: str, marks: Mapping[str, str] | None = None) -> Mistake:
        """What is wrong, and on which rows it is to be seen, by their ids; always on that of the wrong charge."""
        place = {event.id: number for number, event in enumerate(self.shown)}
        seen = {place[self.wrong.id]: self.told.rstrip(".")}
        seen |= {place[id]: said for id, said in (marks or {}).items() if id in place}
        return Mistake(f"{self.told} {words}", marks=seen, kind=kind)


def an_account(case: Case) -> Account:
    """Charges and refunds, one a day, of which one charge is wrong: a zero too many, all of it, or too little."""
    chance = Random(case.seed)
    entries = []
    for number in range(case.size + 2):
        type = "card.charged" if number == 0 or chance.random() < 0.7 else "card.refunded"
        amount = 100 * chance.randint(1, 90)
        id, time = f"entry-{number + 1}", EIGHT + number * DAY
        entries.append(Event(type, {"amount": amount}, "7", id, "till", time))
    wrong = chance.choice([entry for entry in entries if entry.type == "card.charged"])
    noted = wrong.data["amount"]
    amount = chance.choice((max(1, noted // 10), 0, noted + 250))
    now = EIGHT + (case.size + chance.randint(5, 9)) * DAY
    return Account(entries, wrong, amount, now, [*entries])


def judge(answer: Callable[[Event, int, int], Any], case: Case) -> None:
    """The balance is right from now on; whatever was true before can still be read; the correction says its cause."""
    it = an_account(case)
    with Store() as store, pictured(it.shown):
        store.append("account-7", it.entries)
        added = _added(messages(answer(it.wrong, it.amount, it.now)), it)
        try:
            store.append("account-7", added)
        except EventIdConflict as conflict:
            words = f"The store refuses an event with the id of an old one ({conflict.id}): an entry cannot be edited, "
            words += "only followed by another."
            seen = {conflict.id: "you give this id to another event: an entry cannot be edited"}
            raise it.mistake(words, "edited", seen) from conflict
        except EventlabError as error:
            raise it.mistake(f"The store cannot take your events: {error}", "invalid") from error
        _judge_the_past(store, it)
        _judge_the_balance(store, added, it)
        for event in added:
            if event.causationid != it.wrong.id:
                cause = event.causationid or "empty"
                raise it.mistake(
                    f"An auditor finds {event.type} and asks why. Its cause is {cause}; it should name {it.wrong.id}.",
                    "cause",
                    {event.id: f"added by you; its cause is {cause} and should be {it.wrong.id}"},
                )


def _added(events: list[Any], it: Account) -> list[Event]:
    """The learner's events, with what the store needs; none may be of a type that the account does not know."""
    for event in events:
        if not isinstance(event, Event) or event.type not in KNOWN:
            raise it.mistake(f"Expected events of the types {', '.join(KNOWN)}; found {event!r:.80}.", "type")
    if not events:
        raise it.mistake("You add nothing, so it stays wrong.", "nothing")
    added = [event.with_(id=event.id or f"new-{number}", subject="7") for number, event in enumerate(events, 1)]
    old = {entry.id for entry in it.entries}
    it.shown += [event for event in added if event.id not in old]
    for event in added:
        if event.time not in (it.now, it.wrong.time):
            when = "has no time" if not event.time else "has another time"
            words = f"The correction is made now, and {event.type} {when}: give it `time=now` (nanoseconds, like all "
            raise it.mistake(f"{words}instants).", "time", {event.id: f"{when}; now is {CLOCKS.when(it.now)[:16]}"})
    return added


def _judge_the_past(store: Store, it: Account) -> None:
    """What was printed before comes out the same, and no other report tells what never was."""
    for number, entry in enumerate(it.entries, 1):
        printed = fold(DECIDER, it.entries[:number])["balance"]
        known = fold(DECIDER, (each.event for each in store.read("account-7", as_of=entry.time)))["balance"]
        if known != printed:
            late = {e.id: f"dated back: the statement of {entry.id} said {printed}, now {known}" for e in _new(it)}
            raise it.mistake(
                f"On the day of {entry.id} the statement said {printed}. Asked again as of that day, the store now "
                f"says {known}: your correction is dated back, and hides what was known then.",
                "dated back",
                late,
            )
    for event in _new(it):
        if event.type == "card.refunded" and event.data.get("amount", 0):
            raise it.mistake(
                "The report of refunds grew, but no shop gave money back. The balance is one reading of the events; "
                "others must stay true as well.",
                "refund",
                {event.id: f"says that a shop gave {event.data.get('amount', 0)} back; none did"},
            )
        if event.data.get("amount", 0) < 0:
            raise it.mistake(
                f"You add {event.type} of {event.data['amount']} cents. No shop ever charged or gave back an amount "
                "below zero: whoever lists the charges finds one that never was. Take the wrong one back, or correct "
                "its amount.",
                "negative",
                {event.id: f"an amount below zero: {event.data['amount']}"},
            )


def _judge_the_balance(store: Store, added: list[Event], it: Account) -> None:
    before = fold(DECIDER, it.entries)
    now = fold(DECIDER, (each.event for each in store.read("account-7")))
    expected = before["balance"] + it.wrong.data["amount"] - it.amount
    charges = sorted({**before["charges"], it.wrong.id: it.amount}.values())
    if now["balance"] != expected or sorted(now["charges"].values()) != charges:
        counted = f"the charges that count are {sorted(now['charges'].values())} and must be {charges}"
        wrong = f"the balance is {now['balance']} and must be {expected}" if now["balance"] != expected else counted
        raise it.mistake(
            f"The balance must be {expected} and is {now['balance']}; {counted}.",
            "balance",
            {added[-1].id: f"after this {wrong}"},
        )


def _new(it: Account) -> list[Event]:
    return it.shown[len(it.entries) :]


EXERCISE = read_exercise("09.5", judge, correct, pure=True)
