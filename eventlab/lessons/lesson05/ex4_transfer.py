"""05.4: money goes from one bank to another, led by a desk; the other bank says no, or nothing."""

from __future__ import annotations

from typing import Any

from eventlab.errors import NoReply, Refused
from eventlab.event import Command
from eventlab.lessons.judging.model import Case, Mistake
from eventlab.lessons.judging.prose import read_exercise
from eventlab.lessons.judging.testbed import Testbed, answer_to
from eventlab.measures.requests import Call, calls
from eventlab.service import Service
from eventlab.trace import Trace

MOST, EVERY = 3, 40.0  # requests of one kind; seconds between two transfers
KINDS = ("well", "poor", "closed", "slow", "dark", "away")  # how it goes with a transfer

SHOULD = {
    "well": "done", "poor": "refused", "closed": "taken back", "slow": "done", "dark": "taken back", "away": "unknown",
}  # fmt: skip


async def transfer(desk: Service, number: str, amount: int) -> dict[str, Any]:
    async def ask(bank: str, what: str) -> str:
        for _ in range(3):
            try:
                await desk.request(bank, Command(what, {"amount": amount}, number), timeout=2)
                return "yes"
            except Refused:
                return "no"
            except NoReply:
                pass
        return "silent"

    if await ask("here", "account.debit") == "no":
        return {"state": "refused"}
    credited = await ask("there", "account.credit")
    if credited == "yes":
        return {"state": "done"}
    if credited == "silent" and await ask("there", "credit.cancel") == "silent":
        return {"state": "unknown"}
    await ask("here", "account.refund")
    return {"state": "taken back"}


class Bank:
    """A bank that does each thing that it can once for a transfer, however often it is asked."""

    def __init__(self, service: Service, *can: str) -> None:
        self.service, self.asked = service, dict[tuple[str, str], int]()
        for type in can:
            service.answers(type, self.answer)

    def has(self, what: str, number: str) -> Any:
        """The amount for which something was done for a transfer, None if it was not done."""
        return self.service.state.get(f"{number}: {what}")

    async def answer(self, command: Command) -> dict[str, Any]:
        """Do it unless it was done, taken back, or is not possible; and say so, or nothing, as the transfer goes."""
        type, number = command.type, command.subject
        kind, count = number.split()[0], self.asked.get((type, number), 0)
        self.asked[type, number] = count + 1
        if (type, kind) in (("account.debit", "poor"), ("account.credit", "closed")):
            raise Refused("not enough money" if kind == "poor" else "the account is closed")
        cancelled = self.has("credit.cancel", number) is not None
        if self.has(type, number) is None and not (type == "account.credit" and cancelled):
            self.service.state[f"{number}: {type}"] = command.data.get("amount")
        silent = type == "account.credit" and (kind in ("dark", "away") or (kind == "slow" and count == 0))
        if silent or (type == "credit.cancel" and kind == "away"):
            await self.service.sleep(20)
        return {}


def judge(answer: Any, case: Case) -> None:
    """No money made, none lost unless nobody can know, and what is said is so."""
    lab = Testbed(case)
    here = Bank(lab.service("here", workers=50), "account.debit", "account.refund")
    there = Bank(lab.service("there", workers=50), "account.credit", "credit.cancel")
    desk, people = lab.service("desk", workers=50), lab.client("customers")
    desk.answers("transfer.make", lambda command: answer(desk, command.subject, command.data["amount"]))
    first = lab.draws.below(len(KINDS))
    for number in range(case.size):
        kind = KINDS[(first + number) % len(KINDS)]
        made = Command("transfer.make", {"amount": 50 + 10 * number}, f"{kind} transfer {number + 1}")
        lab.ask_at(1 + EVERY * number, people, "desk", made, timeout=EVERY - 5)
    trace = lab.run(1800)
    for call in (each for each in calls(trace) if each.caller == "customers"):
        _look(trace, call, here, there)


class Story:
    """What became of one transfer: what the desk asked for, what the banks did, what the customer was told."""

    def __init__(self, trace: Trace, call: Call, here: Bank, there: Bank) -> None:
        self.trace, self.call, self.number = trace, call, call.subject
        self.kind, self.name = self.number.split()[0], self.number.split(" ", 1)[1]
        banks = {"account.debit": here, "account.refund": here, "account.credit": there, "credit.cancel": there}
        acts = {type: bank.has(type, self.number) for type, bank in banks.items()}
        self.amounts = {type: amount for type, amount in acts.items() if amount is not None}
        self.debited, self.back = "account.debit" in self.amounts, "account.refund" in self.amounts
        self.credited = "account.credit" in self.amounts and "credit.cancel" not in self.amounts
        sent = [r for r in trace.of("sent") if r.where == "desk" and r.purpose == "request" and r.message is not None]
        self.sent = [(r.index, r.message.type) for r in sent if r.message and r.message.subject == self.number]
        self.types = [type for _, type in self.sent]
        told = answer_to(trace, call)
        self.told = told if told is not None and told.message is not None else None

    @property
    def said(self) -> Any:
        """What the customer was told."""
        return self.told.message.data.get("state") if self.told and self.told.message else None

    def wrong(self, message: str, about: str, *types: str) -> Mistake:
        """A mistake, with the requests of these types marked, and what was told."""
        marks = {} if self.told is None else {self.told.index: f"told: {self.said}"}
        marks |= {index: type for index, type in self.sent if type in types}
        marks = marks or dict(self.sent[-1:])
        return Mistake(f"{self.name}: {message}", trace=self.trace, flight=self.number, marks=marks, kind=about)


def _look(trace: Trace, call: Call, here: Bank, there: Bank) -> None:
    story = Story(trace, call, here, there)
    _look_at_money(story)
    _look_at_requests(story)
    if story.told is None:
        raise story.wrong(f"the customer heard nothing ({call.note}).", "no answer")
    if story.said != SHOULD[story.kind]:
        message = f"the customer was told {story.said!r}, and it is {SHOULD[story.kind]!r}."
        raise story.wrong(message, f"untrue {SHOULD[story.kind]}")


def _look_at_money(story: Story) -> None:
    if story.back and not story.debited:
        raise story.wrong("money was given back that had never been taken.", "from nothing", "account.refund")
    if story.credited and not story.debited:
        raise story.wrong("money was paid there that had not been taken here.", "from nothing", "account.credit")
    if story.credited and story.back:
        message = "money was paid there and given back here: no answer to account.credit is not a no."
        raise story.wrong(message, "twice paid", "account.credit", "account.refund")
    asked = 50 + 10 * (int(story.number.split()[-1]) - 1)
    for type, amount in story.amounts.items():
        if amount != asked and type != "credit.cancel":
            raise story.wrong(f"{type} was for {amount!r:.20}, the transfer is for {asked}.", "amount", type)
    if story.kind == "away" and story.back:
        message = "the money was given back, though nobody knows whether it was paid there."
        raise story.wrong(message, "guessed", "account.refund")
    if story.kind == "dark" and "credit.cancel" in story.types and not story.back:
        raise story.wrong("the credit was cancelled, and the money never given back here.", "lost", "credit.cancel")
    if story.debited and story.kind == "closed" and not story.back:
        raise story.wrong("the other bank said no, and the money never came back here.", "kept", "account.credit")


def _look_at_requests(story: Story) -> None:
    types = story.types
    if "account.debit" not in types:
        raise story.wrong("the money was never taken here: account.debit.", "never")
    for type in dict.fromkeys(types):
        if types.count(type) > MOST:
            raise story.wrong(f"{type} was asked for {types.count(type)} times, {MOST} are allowed.", "many", type)
    if story.kind == "slow" and types.count("account.credit") == 1:
        raise story.wrong("given up after one silence: ask up to three times.", "gave up", "account.credit")


EXERCISE = read_exercise("05.4", judge, transfer, cases=lambda seed: Case(seed, 6))
