"""02.3: a retry budget: how much load may further tries add?"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from typing import Any

from eventlab.errors import NoReply, Refused, Unavailable
from eventlab.event import Command
from eventlab.lessons.judging.model import Case, Mistake
from eventlab.lessons.judging.prose import read_exercise
from eventlab.lessons.judging.testbed import Testbed
from eventlab.network import Delay, LinkQuality
from eventlab.views import chart

SHARES = (0.5, 0.25, 0.125)  # sums of them are exact
TRIES = 4


def allow(first: bool, tokens: float, share: float, most: float) -> tuple[bool, float]:
    if first:
        return True, min(most, tokens + share)
    if tokens >= 1:
        return True, tokens - 1
    return False, tokens


class Asking:
    """Asks operations as the answer allows, and compares each of its decisions with the right one."""

    def __init__(self, lab: Testbed, name: str, answer: Any) -> None:
        self.lab, self.answer = lab, answer
        self.share, self.most = SHARES[lab.draws.below(len(SHARES))], 1 + lab.draws.below(3)
        self.client = lab.client(name)
        self.tokens: float = self.most
        self.right: float = self.most
        self.first = self.further = 0
        self.yours: list[float | None] = []  # tokens after each try
        self.should: list[float] = []

    async def ask(self, number: int, ill: bool) -> None:
        """One question: a first try, and further ones as long as it fails and the budget allows."""
        self.first += 1
        self._decide(True)
        for n in range(TRIES):
            with suppress(NoReply, Refused, Unavailable):
                asked = Command("flight.describe", {"ill": ill, "try": n + 1}, f"question {number}")
                await self.client.request("operations", asked)
                return
            if n + 1 == TRIES or not self._decide(False):
                return
            self.further += 1

    def _decide(self, first: bool) -> bool:
        given = self.answer(first, self.tokens, self.share, self.most)
        right, self.right = allow(first, self.right, self.share, self.most)
        self.should.append(self.right)
        allowed, tokens = self._read(given)
        self.yours.append(tokens)
        told = f"share {self.share:g}, at most {self.most} saved, {self.first} first and {self.further} further tries"
        if first and not allowed:
            raise self._wrong("a first try was held back: the budget is for further tries.", "first")
        if tokens > self.most:
            raise self._wrong(f"{tokens:g} tokens were kept, at most {self.most} may be ({told}).", "cap")
        if allowed and not right:
            raise self._wrong(f"one more try was sent, though no whole token was left ({told}).", "generous")
        if right and not allowed:
            left = self.right + 1
            raise self._wrong(f"a try was held back, though {left:g} tokens were left ({told}).", "stingy")
        self.tokens = tokens
        return allowed

    def _read(self, given: Any) -> tuple[bool, float]:
        if isinstance(given, Sequence) and len(given) == 2 and isinstance(given[1], int | float):
            return bool(given[0]), float(given[1])
        message = f"give back two things, whether it may be sent and the tokens that are left, not {given!r:.60}."
        raise self._wrong(message, "shape")

    def _wrong(self, message: str, kind: str) -> Mistake:
        tries = list(range(1, len(self.should) + 1))
        if kind == "first":  # the tokens may be right all the same
            sent = {"yours": [0.0], "as it should be": [1.0]}
            picture = chart("Sent at this try", x=[f"try {tries[-1]}"], series=sent, bars=True, text=message)
            return Mistake(message, picture=picture, kind=kind)
        yours = [*self.yours, *[None] * (len(tries) - len(self.yours))]
        series: dict[str, Sequence[float | None]] = {"yours": yours, "as they should be": self.should}
        picture = chart("Tokens after each try", x=tries, series=series, x_title="try", text=message)
        return Mistake(message, picture=picture, kind=kind)


def judge(answer: Any, case: Case) -> None:
    """Never more further tries than it says and never fewer: in an outage, after a quiet time, and in between."""
    lab = Testbed(case, LinkQuality(Delay(0.01)))
    draws = lab.draws
    boards, kiosk = Asking(lab, "boards", answer), Asking(lab, "kiosk", answer)  # each has a budget of its own
    lab.service("operations").answers("flight.describe", _operations)

    async def day() -> None:
        number = 0
        for ill in (True, False, True, True):
            for _ in range(4 * case.size if ill else 12 * case.size):
                number += 1
                await (boards if number % 2 else kiosk).ask(number, ill or draws.chance(0.1))
                await lab.sim.sleep(1)

    lab.start(day())
    lab.run()


def _operations(command: Command) -> dict[str, Any]:
    if command.data["ill"]:
        raise Unavailable("too much to do")
    return {"status": "delayed"}


EXERCISE = read_exercise("02.3", judge, allow, cases=lambda seed: Case(seed, 5))
