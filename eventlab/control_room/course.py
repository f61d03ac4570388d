"""A course: one run of one architecture with what is told of it, brought forward in slices, and acted upon."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import Any

from eventlab.airports.scenario import BEHIND_FAULTS, Run, Scenario
from eventlab.control_room.acts import Act
from eventlab.control_room.told import Teller
from eventlab.faults import STEPS, Planned, inject
from eventlab.sim import LAST
from eventlab.times import SECOND, Instant

LEAST, MOST = SECOND // 1000, 3600 * SECOND  # of simulated time in one stride


class Course:
    """A run from its begin, in which `acts` are planned, and its teller, which is quiet at first."""

    def __init__(
        self, scenario: Scenario, architecture: str, options: Mapping[str, Any], acts: Sequence[Act], a: int, begin: int
    ) -> None:
        self.scenario, self.a = scenario, a
        self.run = Run(scenario, architecture, dict(options))
        self.begin = begin
        self.ran = self.run.sim.begin - 1  # up to where everything has happened
        self.tell_again()
        self._stride = 60 * SECOND
        self._ends: dict[int, tuple[int, list[Planned]]] = {}  # of each fault that is planned: how to end it
        for act in acts:
            self.plan(act, acts)

    def tell_again(self) -> None:
        """Let a new teller read from the begin; what has happened need not happen again."""
        self.teller = Teller(self.run, self.begin, quiet=True)
        self.now = self.run.sim.begin - 1  # up to where everything has happened, and has been read

    @property
    def network(self) -> Any:
        """The run's network."""
        return self.run.cast.network

    def advance(self, until: int, deadline: float) -> bool:
        """Let time pass up to an instant or until the deadline (of the real clock); whether the instant is reached."""
        while self.now < until:
            begun = time.monotonic()
            if begun >= deadline:
                return False
            to = min(until, self.now + self._stride)
            self.run_on(to)
            self.teller.advance(to)
            self.now = to
            took = time.monotonic() - begun
            if took < (deadline - begun) / 8:
                self._stride = min(MOST, self._stride * 2)
            elif took > (deadline - begun) / 2:
                self._stride = max(LEAST, self._stride // 2)
        return True

    def run_on(self, until: int) -> None:
        """Let all happen up to an instant; nothing of it is read yet."""
        if self.ran < until:
            self.run.sim.run(until=Instant(max(until, self.run.sim.now)))
            self.ran = until

    def run_out(self) -> None:
        """Let all happen that is still to come; nothing of it is read yet."""
        self.run.finish()
        self.ran = max(self.ran, LAST)

    def finish(self, deadline: float) -> bool:
        """Let time pass until all is over or until the deadline; whether it is over."""
        while not self.run.sim.is_over:
            if not self.advance(self.now + self._stride, deadline):
                return False
        return True

    def plan(self, act: Act, acts: Sequence[Act]) -> None:
        """Plan an act that is still to come, as if it had been planned from the begin in its place among these."""
        if act.a not in (None, self.a):
            return
        faults = [each for each in acts if each.intervention() is None]
        intervention = act.intervention()
        if intervention is None:
            fault = act.fault()
            assert fault is not None
            number = len(self.scenario.faults) + faults.index(act)
            self._ends[act.id] = number, fault.steps(self.network)
            inject([_Steps(self._ends[act.id][1])], self.network, ahead=number)
            return
        others = [each for each in acts if each.a == self.a and each.intervention() is not None]
        rank = BEHIND_FAULTS + len(self.scenario.interventions) + others.index(act)
        at = self.run.sim.instant(act.at)
        self.run.sim.call_first(at, rank, self.network.intervene, intervention.packet, intervention.apply)

    def end(self, id: int, until: int) -> None:
        """Plan the end of an act that had none."""
        number, steps = self._ends.pop(id)
        for step, (at, call, arguments) in enumerate(steps):
            if at is None:
                self.run.sim.call_first(until, number * STEPS + step, call, *arguments)


class _Steps:
    """Steps that were made already, as a fault."""

    def __init__(self, planned: list[Planned]) -> None:
        self._planned = planned

    def steps(self, network: Any) -> list[Planned]:
        return self._planned
