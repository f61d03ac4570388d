"""06.3: a board that remembers an answer for a minute: how old may it be, and who is asked how often?"""

from __future__ import annotations

from bisect import bisect_right
from contextlib import suppress
from typing import Any

from eventlab.errors import NoReply, Refused, Unavailable
from eventlab.event import Command
from eventlab.faults import Crash
from eventlab.lessons.judging.model import Case, Mistake
from eventlab.lessons.judging.prose import read_exercise
from eventlab.lessons.judging.testbed import Testbed
from eventlab.lessons.lesson06.airport import airport, change
from eventlab.service import Service
from eventlab.sim import SECOND, Draws
from eventlab.trace import Trace

AGE = 60  # seconds


class Town:
    """An airport whose boards are under test, and what really happened there, noted from outside."""

    def __init__(self, lab: Testbed, describe: Any) -> None:
        self.lab, self.sim = lab, lab.sim
        self.truth: dict[str, list[tuple[int, str]]] = {}  # by flight: since when which gate
        self.answered: dict[str, int] = {}  # by flight: when gates last answered
        self.mistake: Mistake | None = None
        self.gates, self.boards = airport(lab)
        self.people = lab.service("people")
        self.gates.answers("gate.describe", self.asked, replace=True)
        self.boards.answers("flight.describe", lambda question: describe(self.boards, question))

    def change(self, flight: str, gate: str) -> None:
        """The flight gets another gate, if gates is there to say so."""
        change(self.gates, flight, gate)
        if self.gates.up:
            self.truth.setdefault(flight, []).append((self.sim.now, gate))

    def asked(self, question: Command) -> dict[str, Any]:
        """Gates is asked, and looks at how long ago it was asked before."""
        flight = question.data["flight"]
        age = (self.sim.now - self.answered.get(flight, -AGE * SECOND)) / SECOND
        if age < AGE - 1:
            message = (
                f"boards asked gates about {flight}, though gates had answered {age:.0f} seconds before. An answer is "
                f"good for {AGE} seconds."
            )
            self.note("asks", message, flight, self.answered[flight] - SECOND, f"asked again after {age:.0f} s")
        self.answered[flight] = self.sim.now
        return {"gate": self.gates.state[flight]}

    async def ask(self, flight: str) -> None:
        """Somebody asks the boards."""
        begin, up = self.sim.now, self.gates.up
        said: Any = None
        with suppress(NoReply, Refused, Unavailable):
            question = Command("flight.describe", {"flight": flight}, flight)
            said = (await self.people.request("boards", question)).get("gate")
        down = [record.at for record in self.sim.trace.of("crashed")]
        reachable = up and self.gates.up and not any(begin < at for at in down)
        self.judge_answer(flight, said, begin, reachable)

    def judge_answer(self, flight: str, said: Any, begin: int, reachable: bool) -> None:
        """Whether an answer came if one was possible, was ever true, and was young enough."""
        last, moments = self.answered.get(flight), self.truth[flight]
        age = None if last is None else (begin - last) / SECOND
        if said is None:
            if age is not None and age < AGE - 1:
                message = (
                    f"People got no answer about {flight}, though gates had told boards less than {AGE} seconds before."
                )
                self.note("none", message, flight, min(begin, last or begin) - SECOND, "no gate")
            elif reachable:
                message = f"People got no answer about {flight}, though gates is there to be asked."
                self.note("silent", message, flight, begin, "no gate")
            return
        if said not in [gate for _, gate in moments]:
            message = f"People asked about {flight} and heard {said!r}: it never had that gate."
            self.note("invented", message, flight, begin, f"told: {said}")
        elif age is None or age > AGE + 1:
            true = moments[bisect_right(moments, begin, key=lambda moment: moment[0]) - 1][1]
            message = f"Old news: people asked about {flight} and heard {said!r}, from an answer that gates gave "
            message += f"{age:.0f} seconds before: it is good for {AGE} seconds." if age is not None else "to nobody."
            message += f" The gate is {true!r} now." if true != said else ""
            self.note("old", message, flight, (last or begin) - SECOND, f"told: {said}, {age or 0:.0f} s old")

    def note(self, kind: str, message: str, flight: str, since: int, words: str) -> None:
        """Keep the first mistake, with all that has happened until now."""
        if self.mistake is None:
            trace = Trace(list(self.sim.trace.records), self.sim.trace.stage)
            own = [
                r
                for r in trace
                if r.message is not None and flight in (r.message.subject, r.message.data.get("flight"))
            ]
            marks = {own[-1].index: words}
            self.mistake = Mistake(message, trace=trace, flight=flight, since=since, marks=marks, kind=kind)


def judge(describe: Any, case: Case) -> None:
    """No answer is older than a minute, gates is asked only when it must be, and whoever asks gets an answer."""
    lab = Testbed(case)
    town, draws = Town(lab, describe), lab.draws
    for number in range(1, case.size + 1):
        flight = f"F{number}"
        for time in range(0, 400, 80):
            lab.at(time + draws.below(40) * (time > 0), town.change, flight, f"B {10 * number + time // 80}")
        for time in range(1, 400, 20):
            lab.at(
                time + draws.below(15) + number / 10, lambda flight=flight: lab.sim.start(town.ask(flight), "people")
            )
    lab.run(900)
    if town.mistake is not None:
        raise town.mistake


async def describe(boards: Service, question: Command) -> dict[str, Any]:
    flight, now = question.data["flight"], boards.now
    known = boards.state.get(flight)
    if known and now - known["asked"] <= 60 * SECOND:
        return {"gate": known["gate"]}
    news = await boards.request("gates", Command("gate.describe", {"flight": flight}))
    boards.state[flight] = {"gate": news["gate"], "asked": now}
    return {"gate": news["gate"]}


def down(seed: int) -> Case:
    """Gates is down for 30 seconds at some time."""
    begin = 100 + Draws(seed, "down").below(200)
    return Case(seed, 3, (Crash("gates", begin, begin + 30),))


EXERCISE = read_exercise("06.3", judge, describe, cases=down)
