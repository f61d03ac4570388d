"""A rush of questions: people ask the boards at a steady rate, the boards ask two others, and everybody waits.

A small airport of its own, with as many workers as it needs on a normal day and few more. Whoever gets no answer in
time asks again, as people do who press "reload". Nothing here comes from the record of 2013.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from eventlab.client import Client
from eventlab.errors import NoReply, Unavailable
from eventlab.event import Command
from eventlab.faults import Crash, Slow, inject
from eventlab.measures import requests
from eventlab.measures.requests import Call
from eventlab.network import Delay, Network
from eventlab.service import Service
from eventlab.sim import SECOND, Sim
from eventlab.stage import Stage
from eventlab.trace import Trace

ASKED = "flight.describe"


async def describe(airport: RetryStorm, command: Command) -> dict[str, Any]:
    """What the boards do with a question: ask one, wait, ask the other, wait."""
    boards, wait = airport.boards, airport.wait
    flight = await boards.request("operations", command, timeout=wait)
    gate = await boards.request("gates", Command("gate.describe", command.data), timeout=wait)
    return {**flight, **gate}


class RetryStorm:
    """The airport of the rush: `people`, and the services `boards`, `operations` and `gates`.

    `rate`: people who come, a second. `patience`: how long each waits, in seconds, before asking again, up to `tries`
    times in all. `wait`: how long the boards wait for one of the others; `describe`: what they do with a question.
    """

    def __init__(
        self,
        rate: float = 8,
        *,
        tries: int = 4,
        patience: float = 2.0,
        wait: float = 1.0,
        seed: int = 1,
        describe: Callable[[RetryStorm, Command], Any] = describe,
    ) -> None:
        self.rate, self.tries, self.patience, self.wait = rate, tries, patience, wait
        self.sim = Sim(seed)
        self.sim.trace.stage = Stage(people=("passengers",))
        self.network = Network(self.sim)
        self.people = Client("passengers", self.network)
        self.boards = Service("boards", self.network, workers=4, work=Delay(0.010, 0.010))
        self.operations = Service("operations", self.network, workers=4, work=Delay(0.030, 0.040))
        self.gates = Service("gates", self.network, workers=1, work=Delay(0.050, 0.050))
        self.boards.answers(ASKED, partial(describe, self))
        self.operations.answers(ASKED, lambda command: {"status": "delayed"})
        self.gates.answers("gate.describe", lambda command: {"gate": "JFK-07"})

    @property
    def trace(self) -> Trace:
        """Everything that has happened so far."""
        return self.sim.trace

    @property
    def calls(self) -> list[Call]:
        """Every request so far, with its end."""
        return requests.calls(self.sim.trace)

    @property
    def questions(self) -> list[Call]:
        """What people asked, each try by itself."""
        return [call for call in self.calls if call.caller == "passengers"]

    def slow(self, name: str, factor: float, since: float, until: float) -> None:
        """A service needs `factor` times as long, between two instants in seconds; nothing happens if they are one."""
        if until > since:
            inject([Slow(name, factor, since, until)], self.network)

    def restart(self, name: str, at: float, off: float) -> None:
        """Stop a service and start it again `off` seconds later: whatever waits there is thrown away."""
        if off:
            inject([Crash(name, at, at + off)], self.network)

    def run(self, seconds: float) -> RetryStorm:
        """Let people come for so long."""
        draws, now = self.sim.random("who comes when"), 0
        while now < seconds * SECOND:
            self.sim.call_at(now, self._come)
            now += draws.exponential(round(SECOND / self.rate))
        self.sim.run(until=seconds)
        return self

    def _come(self) -> None:
        self.sim.start(self._ask(), "passengers")

    async def _ask(self) -> None:
        for _ in range(self.tries):
            try:
                await self.people.request("boards", Command(ASKED, {"flight": "B61004"}), timeout=self.patience)
                return
            except (NoReply, Unavailable):
                pass  # no pause: this is what makes it a storm
