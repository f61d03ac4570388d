"""A workbench for judges: simulated time, a network and a bus, with the faults of a case, and an end that is sure."""

from __future__ import annotations

from typing import Any

from eventlab.bus import Bus
from eventlab.faults import inject
from eventlab.lessons.judging.model import Case, Mistake
from eventlab.network import Delay, LinkQuality, Network
from eventlab.service import Service
from eventlab.sim import SECOND, Draws, Sim
from eventlab.trace import Trace

USUAL_QUALITY = LinkQuality(Delay(0.010, 0.040))


class Testbed:
    """Make the services first, then `run`: the faults of the case are planned when the run begins."""

    def __init__(self, case: Case, quality: LinkQuality = USUAL_QUALITY) -> None:
        self.case = case
        self.sim = Sim(case.seed)
        self.network = Network(self.sim, quality)
        self.bus = Bus(self.network)
        self._planned = False

    @property
    def trace(self) -> Trace:
        """Everything that has happened so far."""
        return self.sim.trace

    @property
    def draws(self) -> Draws:
        """Random numbers for the judge: what happens, and when."""
        return self.sim.random("the case")

    def service(self, name: str, **options: Any) -> Service:
        """A service with this name on the network; `options` are those of `Service`."""
        return Service(name, self.network, self.bus, **options)

    def at(self, seconds: float, call: Any, *arguments: Any) -> None:
        """Plan a call, in simulated seconds from the beginning."""
        self.sim.call_at(round(seconds * SECOND), call, *arguments)

    def run(self, until: float = 3600.0) -> Trace:
        """Let time pass until all is over. What is not over after `until` simulated seconds never ends: a `Mistake`."""
        if not self._planned:
            inject(self.case.faults, self.network)
            self._planned = True
        self.sim.run(until=until)
        if not self.sim.is_over:
            message = f"After {until:g} simulated seconds something still goes on: it waits or repeats itself for ever."
            raise Mistake(message, trace=Trace(self.trace.records[:40]), kind="never ends")
        return self.trace
