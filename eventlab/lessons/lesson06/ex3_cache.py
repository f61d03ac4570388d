"""06.3: a board that remembers an answer for a minute: how old may it be, and who is asked how often?"""

from __future__ import annotations

from bisect import bisect_right
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from eventlab.errors import NoReply, Refused, Unavailable
from eventlab.event import Command
from eventlab.faults import Crash
from eventlab.lessons.judging.excerpt import excerpt
from eventlab.lessons.judging.model import Case, Mistake
from eventlab.lessons.judging.prose import read_exercise
from eventlab.lessons.judging.testbed import Testbed
from eventlab.lessons.lesson06.airport import airport, change
from eventlab.service import Service
from eventlab.sim import SECOND, Draws
from eventlab.trace import Trace

AGE = 60  # seconds


@dataclass
class Watch:
    """What really happened in a run, noted from outside."""

    gates: dict[str, list[tuple[int, str]]] = field(default_factory=dict)  # by flight: since when which
    answered: dict[str, int] = field(default_factory=dict)  # by flight: when gates last answered
    mistake: Mistake | None = None

    def note(self, kind: str, problem: str, trace: Trace, since: int) -> None:
        """Keep the first problem, and what happened from `since` until now."""
        if self.mistake is None:
            self.mistake = Mistake(problem, trace=excerpt(trace, since), kind=kind)


def judge(describe: Any, case: Case) -> None:
    """No answer is older than a minute, gates is asked only when it must be, and not being able to ask is no excuse."""
    lab, watch = Testbed(case), Watch()
    sim, draws = lab.sim, lab.draws
    gates, boards = airport(lab)
    people = lab.service("people")

    def change_gate(flight: str, gate: str) -> None:
        change(gates, flight, gate)
        if gates.up:
            watch.gates.setdefault(flight, []).append((sim.now, gate))

    def gate_asked(asked: Command) -> dict[str, Any]:
        flight = asked.data["flight"]
        age = (sim.now - watch.answered.get(flight, -AGE * SECOND)) / SECOND
        if age < AGE - 1:
            text = f"boards asked gates about {flight}, though gates had answered {age:.0f} seconds before."
            text += f" An answer is good for {AGE} seconds."
            watch.note("asks", text, sim.trace, watch.answered[flight] - SECOND)
        watch.answered[flight] = sim.now
        return {"gate": gates.state[flight]}

    async def ask(flight: str) -> None:
        begin = sim.now
        said: Any = None
        with suppress(NoReply, Refused, Unavailable):
            said = (await people.request("boards", Command("flight.describe", {"flight": flight}, flight))).get("gate")
        _judge_answer(watch, flight, said, begin, sim.trace)

    gates.answers("gate.describe", gate_asked, replace=True)
    boards.answers("flight.describe", lambda asked: describe(boards, asked))
    for number in range(1, case.size + 1):
        flight = f"F{number}"
        for time in range(0, 400, 80):
            lab.at(time + draws.below(40), change_gate, flight, f"B {10 * number + time // 80}")
        for time in range(80, 400, 20):
            lab.at(time + draws.below(15) + number / 10, lambda flight=flight: sim.start(ask(flight), "people"))
    lab.run(900)
    if watch.mistake is not None:
        raise watch.mistake


def _judge_answer(watch: Watch, flight: str, said: Any, begin: int, trace: Trace) -> None:
    last, moments = watch.answered.get(flight, -1000 * SECOND), watch.gates.get(flight, [])
    if said is None:
        if begin - last < (AGE - 1) * SECOND:
            text = f"People got no answer about {flight}, though gates had told boards less than {AGE} seconds before."
            watch.note("none", text, trace, min(begin, last - SECOND))
        return
    gates = [gate for _, gate in moments]
    if said not in gates:
        text = f"People asked about {flight} and heard {said!r}: it never had that gate."
        watch.note("invented", text, trace, begin - 2 * AGE * SECOND)
        return
    until = [since for since, _ in moments[gates.index(said) + 1 :]][:1]
    end = trace[len(trace) - 1].at
    if until and end - until[0] > (AGE + 1) * SECOND:
        now = moments[bisect_right(moments, begin, key=lambda moment: moment[0]) - 1][1]
        text = f"heard {said!r}, which had not been true for {(end - until[0]) // SECOND} seconds; it was {now!r} now."
        watch.note("old", f"Old news: people asked about {flight} and {text}", trace, until[0] - SECOND)


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
