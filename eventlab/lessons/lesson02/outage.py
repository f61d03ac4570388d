"""The same outage under any policy: operations is slow for ten minutes, then out of reach for five, then well again.

Passengers ask the boards about their flight, and the boards ask operations; others ask for a gate, and the boards ask
gates, which are never ill. Nobody asks twice: every further request is one that we send. Nothing here comes from the
record of 2013.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from eventlab.client import Client
from eventlab.errors import NoReply, Refused, Unavailable
from eventlab.event import Command
from eventlab.faults import Crash, Fault, Partition, Slow
from eventlab.lab import Lab
from eventlab.network import Delay
from eventlab.proxy import Policy, Proxy
from eventlab.sim import SECOND
from eventlab.stage import Stage
from eventlab.trace import Trace

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
    """A day with an outage: `boards`, `operations` and `gates`, and two questions a second at most.

    `calls` is what the boards send their requests with: a proxy that does what the policy says. One question a second
    is about a flight, which is half of what operations can answer; every other second somebody asks for a gate.
    """

    def __init__(self, policy: Policy = Policy(), *, seed: int = 1, course: Course = DAY) -> None:
        self.policy, self.course = policy, course
        self.lab = lab = Lab(seed)
        actors = ("passengers", "boards", "operations", "gates")
        lab.trace.stage = Stage(people=("passengers",), actors=actors, buses=("bus",))
        self.people = lab.client("passengers")
        self.boards = lab.service("boards", workers=WORKERS, work=Delay(0.005))
        self.operations = lab.service("operations", workers=2, work=Delay(0.6, 0.8))
        self.gates = lab.service("gates", workers=2, work=Delay(0.05, 0.05))
        self.operations.answers(ASKED, lambda command: {"status": "delayed"})
        self.gates.answers(GATE, lambda command: {"gate": "JFK-07"})
        self.calls = Proxy(self.boards, policy)
        self.boards.answers(ASKED, self.describe)
        self.boards.answers(GATE, self.find_gate)

    async def describe(self, command: Command) -> Mapping[str, Any]:
        """What the boards do with a question about a flight: ask operations, as the policy says."""
        return await self.calls.request("operations", command)

    async def find_gate(self, command: Command) -> Mapping[str, Any]:
        """What the boards do with a question about a gate: ask gates, once."""
        return await self.boards.request("gates", command, timeout=1)

    @property
    def trace(self) -> Trace:
        """Everything that has happened so far."""
        return self.lab.trace

    def run(self) -> Outage:
        """Let the whole day pass, with the outage in it."""
        self.lab.inject(*self.course.faults)
        self.come()
        self.lab.run(self.course.end)
        return self

    def come(self) -> None:
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
