"""09.6: how a bank cuts its history into streams, with bars that are measured."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from random import Random
from typing import Any

from eventlab.errors import WrongExpectedVersion
from eventlab.event import Event
from eventlab.lessons.judging.model import Case, Mistake
from eventlab.lessons.judging.prose import read_exercise
from eventlab.store import Store

ROUNDS, MONTHS = 180, 4
CUSTOMERS = ("Ada", "Ben", "Cleo")
BARS = {"folded": 50, "conflicts": 0, "overdrawn": 0, "snapshots": 20}
MEANINGS = {
    "folded": "events folded for one decision, at most",
    "conflicts": "refused appends between two different customers",
    "overdrawn": "payments made without the money for them",
    "snapshots": "snapshots kept",
}
STREAMS: dict[str, Callable[[str, int, int], str]] = {
    "bank": lambda customer, month, number: "bank-all",
    "account": lambda customer, month, number: f"account-{customer}",
    "account and month": lambda customer, month, number: f"account-{customer} {month}",
    "payment": lambda customer, month, number: f"payment-{number}",
}
ADVICE = {
    "folded": "The history behind one decision is too long. A snapshot shortens it; so does a stream that ends.",
    "conflicts": "Two tills served two different customers at the same moment, and one had to begin again, because "
    "both wrote to one stream. What need not be decided together should not share a stream.",
    "overdrawn": "The decision did not see the whole account: what a rule needs must stand in one stream.",
    "snapshots": "Each snapshot is one more thing to store, and to throw away when evolve changes. Fewer are enough.",
}
ABOUT = (  # how the words begin that a reason can be made of
    "account", "balance", "bank", "book", "clos", "conflict", "customer", "decid", "decision", "event", "fold",
    "histor", "long", "money", "month", "overdr", "pay", "rule", "short", "snapshot", "stream", "till", "together",
    "wait", "year",
)  # fmt: skip

PLAN = {
    "stream": "account",
    "snapshot_every": 25,
    "because": "The rule (no payment without money) is about one account, so the account is the stream. Its history "
    "grows for years, so a snapshot limits what one decision folds. A stream for each month would do too: "
    "it begins with the old balance.",
}


@dataclass
class Bank:
    """Three customers pay for months, two of them always at the same moment, at two tills."""

    stream: str
    snapshot_every: int
    store: Store = field(default_factory=Store)
    measures: dict[str, int] = field(default_factory=lambda: dict.fromkeys(BARS, 0))
    truth: dict[str, int] = field(default_factory=dict)
    number: int = 0

    def work(self, seed: int) -> dict[str, int]:
        """All rounds, and what was measured."""
        chance = Random(seed)
        for turn in range(ROUNDS):
            month = turn * MONTHS // ROUNDS
            pair = (CUSTOMERS[turn % 3], CUSTOMERS[(turn + 1) % 3])
            self._at_the_same_moment(month, [(customer, self._amount(chance, turn)) for customer in pair])
        return self.measures

    def _amount(self, chance: Random, turn: int) -> int:
        """A salary now and then, else a payment, sometimes a large one."""
        return 400 if turn % 15 < 3 else -chance.choice((5, 20, 60, 250))

    def _at_the_same_moment(self, month: int, wanted: list[tuple[str, int]]) -> None:
        """Both tills read before either writes: who comes second must begin again if the stream has grown."""
        ready = [(customer, amount, *self._load(customer, month)) for customer, amount in wanted]
        for customer, amount, stream, state, version in ready:
            for _ in range(2):
                if amount < 0 and state.get(customer, -amount) < -amount:
                    break  # refused: not enough money
                try:
                    self._append(stream, customer, amount, version)
                    break
                except WrongExpectedVersion:
                    self.measures["conflicts"] += 1  # the other till served another customer
                    stream, state, version = self._load(customer, month)

    def _load(self, customer: str, month: int) -> tuple[str, Mapping[str, int], int]:
        self.number += 1
        stream = STREAMS[self.stream](customer, month, self.number)
        state, version, folded = self._fold(stream)
        if self.stream == "account and month" and month and not version:  # the books of last month are closed
            before, _, more = self._fold(STREAMS[self.stream](customer, month - 1, 0))
            self._append(stream, customer, before[customer], 0, "month.opened")
            state, version, folded = before, 1, folded + more
        self.measures["folded"] = max(self.measures["folded"], folded)
        return stream, state, version

    def _fold(self, stream: str) -> tuple[Mapping[str, int], int, int]:
        """The balances that a stream knows, its version, and how many events were folded to know them."""
        snapshot = self.store.snapshot(stream) if self.snapshot_every else None
        state: dict[str, int] = dict(snapshot.state) if snapshot else {}
        version = since = snapshot.version if snapshot else 0
        for recorded in self.store.read(stream, after=version):
            customer, amount = recorded.event.data["customer"], recorded.event.data["amount"]
            state[customer] = state.get(customer, 0) + amount
            version = recorded.version
        return state, version, version - since

    def _append(self, stream: str, customer: str, amount: int, version: int, type: str = "") -> None:
        type = type or ("money.paid" if amount < 0 else "money.received")
        event = Event(type, {"customer": customer, "amount": amount}, customer, f"bank-{self.store.position + 1}")
        done = self.store.append(stream, event, version)
        if type != "month.opened":
            self.truth[customer] = self.truth.get(customer, 0) + amount
            self.measures["overdrawn"] += amount < 0 and self.truth[customer] < 0
        if self.snapshot_every and done.version % self.snapshot_every == 0:
            self.store.save_snapshot(stream, done.version, dict(self._fold(stream)[0]))
            self.measures["snapshots"] += 1


def measured(plan: Mapping[str, Any]) -> list[dict[str, object]]:
    """What a plan costs, beside the bars."""
    found = _measure(plan, 0)
    return [
        {"what": MEANINGS[name], "bar": bar, "your plan": found[name], "": "✓" if found[name] <= bar else "✕"}
        for name, bar in BARS.items()
    ]


def judge(answer: Any, case: Case) -> None:
    """Every bar is met, and the choice is argued."""
    if not isinstance(answer, Mapping):
        raise Mistake(f"Expected a dictionary with stream, snapshot_every and because; found {answer!r:.80}.")
    found = _measure(answer, case.seed)
    for name, bar in BARS.items():
        if found[name] > bar:
            raise Mistake(
                f"{MEANINGS[name].capitalize()}: {found[name]}, and the bar is {bar}. {ADVICE[name]}", kind=name
            )
    if not is_a_reason(str(answer.get("because", ""))):
        raise Mistake(
            "All bars are met. Now say why, in a sentence or two, under “because”: what must be decided together, and "
            "what makes a history long?",
            kind="argue",
        )


def is_a_reason(text: str) -> bool:
    """Whether a text can be a reason: some words, most of them different, and two of those that it is about."""
    words = [word.casefold().strip(".,;:!?()'\"“”") for word in text.split()]
    different = {word for word in words if len(word) > 1}
    return (
        len(words) >= 8
        and len(different) >= 6
        and sum(any(word.startswith(s) for word in different) for s in ABOUT) >= 2
    )


def _measure(plan: Mapping[str, Any], seed: int) -> dict[str, int]:
    stream, every = plan.get("stream"), plan.get("snapshot_every")
    if stream not in STREAMS:
        raise Mistake(f"“stream” must be one of {', '.join(STREAMS)}; found {stream!r}.", kind="shape")
    if every.__class__ is not int or every < 0:
        raise Mistake(f"“snapshot_every” must be a whole number, 0 for no snapshots; found {every!r}.", kind="shape")
    bank = Bank(stream, every)
    with bank.store:
        return bank.work(seed)


EXERCISE = read_exercise("09.6", judge, PLAN, runs=1)
