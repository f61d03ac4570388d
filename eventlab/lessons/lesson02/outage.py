"""The same outage under any policy: operations is slow for ten minutes, then out of reach for five, then well again.

Passengers ask the boards about their flight, and the boards ask operations; others ask for a gate, and the boards ask
gates, which are never ill. Nobody asks twice: every further request is one that we send. Nothing here comes from the
record of 2013.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from inspect import isawaitable
from typing import Any, Self

from eventlab.client import Client
from eventlab.errors import NoReply, Refused, Unavailable
from eventlab.event import Command
from eventlab.faults import Crash, Fault, Partition, Slow
from eventlab.lab import Lab
from eventlab.network import Delay
from eventlab.proxy import Policy, Proxy
from eventlab.service import Service
from eventlab.sim import SECOND
from eventlab.stage import Stage
from eventlab.trace import Trace

Handler = Callable[[Service, Command], Any]
ASKED, GATE = "flight.describe", "gate.describe"
PATIENCE = 12.0  # seconds: for so long a passenger stands there
WORKERS = 10  # of the boards
TIMES_SLOWER = 2.5


@dataclass(frozen=True)
class Course:
    """How an outage goes, in seconds: well until `slow`, slow until `cut`, out of reach until `well`, over at `end`.

    `stops`: operations is stopped instead of out of reach, and what waits inside it is thrown away.
    """

    slow: float = 120.0
    cut: float = 720.0
    well: float = 1020.0
    end: float = 1620.0
    stops: bool = False

    @property
    def faults(self) -> tuple[Fault, ...]:
        """The outage as faults."""
        away: Fault = Partition("operations", self.cut, self.well, ("boards", "bus"))
        if self.stops:
            away = Crash("operations", self.cut, self.well)
        return Slow("operations", TIMES_SLOWER, self.slow, self.cut), away

    @property
    def spans(self) -> list[tuple[str, float, float]]:
        """What is marked in charts, in minutes."""
        away = "stopped" if self.stops else "out of reach"
        return [("slow", self.slow / 60, self.cut / 60), (away, self.cut / 60, self.well / 60)]


DAY = Course()


class Outage:
    """A day with an outage. `how` the boards deal with a question: a policy for their requests, or a handler of yours.

    A handler gets the boards and the question, `describe(boards, command)`. Each second, on average, somebody asks
    about a flight, which is half of what operations can answer; every other second somebody asks for a gate.
    """

    def __init__(self, how: Policy | Handler = Policy(), *, seed: int = 1, course: Course = DAY) -> None:
        self.policy, self.course = how if isinstance(how, Policy) else Policy(), course
        self.raised: list[Exception] = []  # what a handler of the learner's own raised by mistake
        self.lab = lab = Lab(seed)
        actors = ("passengers", "boards", "operations", "gates")
        lab.trace.stage = Stage(people=("passengers",), actors=actors, buses=("bus",))
        self.people = lab.client("passengers")
        self.boards = lab.service("boards", workers=WORKERS, work=Delay(0.005))
        self.operations = lab.service("operations", workers=2, work=Delay(0.6, 0.8))
        self.gates = lab.service("gates", workers=2, work=Delay(0.05, 0.05))
        self.operations.answers(ASKED, lambda command: {"status": "delayed"})
        self.gates.answers(GATE, lambda command: {"gate": "JFK-07"})
        self.calls = Proxy(self.boards, self.policy)
        self.boards.answers(ASKED, self._describe if isinstance(how, Policy) else self._noting(how))
        self.boards.answers(GATE, self._find_gate)

    def __repr__(self) -> str:
        return f"<{type(self).__name__}: {self.course.end / 60:g} minutes, {len(self.trace):,} records>"

    async def _describe(self, command: Command) -> Mapping[str, Any]:
        return await self.calls.request("operations", command)

    def _noting(self, how: Handler) -> Callable[[Command], Any]:
        """The handler, whose own mistakes are noted: they are raised when the day is over."""

        async def describe(command: Command) -> Any:
            try:
                answer = how(self.boards, command)
                return await answer if isawaitable(answer) else answer
            except (NoReply, Refused, Unavailable):
                raise
            except Exception as error:
                self.raised.append(error)
                raise

        return describe

    async def _find_gate(self, command: Command) -> Mapping[str, Any]:
        return await self.boards.request("gates", command, timeout=1)

    @property
    def trace(self) -> Trace:
        """Everything that has happened so far."""
        return self.lab.trace

    def run(self) -> Self:
        """Let the whole day pass, with what goes wrong in it. The first error of a handler of yours comes out."""
        self.lab.inject(*self.faults)
        self._come_all()
        self.lab.run(self.course.end)
        if self.raised:
            raise self.raised[0]
        return self

    @property
    def faults(self) -> tuple[Fault, ...]:
        """What goes wrong on this day."""
        return self.course.faults

    def _come_all(self) -> None:
        """Let passengers come, as chance has it, until the end of the day."""
        for type, mean in ((ASKED, SECOND), (GATE, 2 * SECOND)):
            draws, now, number = self.lab.sim.random(f"who comes when: {type}"), 0, 0
            while (now := now + draws.exponential(mean)) < self.course.end * SECOND:
                number += 1
                command = Command(type, {}, f"passenger {number}" if type == ASKED else "")
                self.lab.sim.call_at(now, self._come, command)

    def _come(self, command: Command) -> None:
        self.lab.sim.start(_ask(self.people, command), "passengers")


async def _ask(people: Client, command: Command) -> None:
    with suppress(NoReply, Refused, Unavailable):
        await people.request("boards", command, timeout=PATIENCE)
