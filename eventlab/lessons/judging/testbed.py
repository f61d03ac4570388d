"""A laboratory for judges: with the faults of a case, people who ask, and an end that is sure."""

from __future__ import annotations

from contextlib import suppress

from eventlab.client import Client
from eventlab.door import door
from eventlab.draws import Draws
from eventlab.errors import NoReply, Refused, Unavailable
from eventlab.event import Command
from eventlab.lab import Lab
from eventlab.lessons.judging.model import Case, Mistake
from eventlab.lessons.judging.own_state import OwnState
from eventlab.measures.requests import Call
from eventlab.network import Delay, LinkQuality
from eventlab.service import NO_TIME, Service
from eventlab.times import When
from eventlab.trace import Record, Trace

USUAL_QUALITY = LinkQuality(Delay(0.010, 0.040))


class Testbed(Lab):
    """Make the services first, then `run`: the faults of the case are injected when the run begins."""

    @door
    def __init__(self, case: Case, quality: LinkQuality = USUAL_QUALITY) -> None:
        super().__init__(case.seed, quality=quality)
        self.faults = case.faults

    def service(self, name: str, *, workers: int = 1, work: Delay = NO_TIME, durable: bool = True) -> Service:
        """A new service, in whose state an answer may keep things of its own shapes."""
        service = super().service(name, workers=workers, work=work, durable=durable)
        service.state = OwnState(name, self.sim)
        return service

    @property
    def draws(self) -> Draws:
        """Random numbers for the judge: what happens, and when."""
        return self.sim.random("the case")

    def ask_at(self, when: When, who: Client, whom: str, command: Command, timeout: float = 5.0) -> None:
        """Let somebody ask at that instant, and wait so many seconds. What comes of it, the trace has."""

        async def ask() -> None:
            with suppress(NoReply, Refused, Unavailable):
                await who.request(whom, command, timeout=timeout)

        self.at(when, lambda: self.sim.start(ask(), who.name))

    def run(self, until: When | None = 3600.0) -> Trace:
        """Let time pass until all is over. What is not over at `until` (an hour) never ends: a `Mistake`."""
        self.inject(*self.faults)
        self.faults = ()
        trace = super().run(until)
        if not self.sim.is_over:
            message = f"After {until:g} simulated seconds something still goes on: it waits or repeats itself for ever."
            shown = Trace(trace.records[:40], trace.stage)
            marks = {len(shown) - 1: "and so on, without an end"} if len(shown) else {}
            raise Mistake(message, trace=shown, marks=marks, kind="never ends")
        return trace


def answer_to(trace: Trace, call: Call) -> Record | None:
    """Where the answer to a request came in, if one came: also one that came too late."""
    for record in trace.of("received"):
        if record.where == call.caller and record.purpose == "reply" and record.message is not None:
            if record.message.causationid == call.id:
                return record
    return None
