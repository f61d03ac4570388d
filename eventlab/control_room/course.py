"""A course: one run of one architecture with what is told of it, brought forward in slices, and acted upon.

What is done by hand is planned only when it is due, as if it had been planned from the begin. So a course fits any acts
that differ in nothing that has happened in it: an act that is taken back needs no new run where a course is before it.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from eventlab.airports.scenario import BEHIND_FAULTS, Run, Scenario
from eventlab.control_room.acts import Act
from eventlab.control_room.told import Teller
from eventlab.faults import STEPS, Planned
from eventlab.sim import LAST
from eventlab.times import SECOND, Instant

LEAST, MOST = SECOND // 1000, 3600 * SECOND  # of simulated time in one stride


class Course:
    """A run from its begin, in which `acts` happen, and its teller, which is quiet at first."""

    def __init__(
        self, scenario: Scenario, architecture: str, options: Mapping[str, Any], acts: Sequence[Act], a: int, begin: int
    ) -> None:
        self.scenario, self.a = scenario, a
        self.run = Run(scenario, architecture, dict(options))
        self.begin = begin
        self.ran = self.run.sim.begin - 1  # up to where everything has happened
        self.tell_again()
        self._stride = 60 * SECOND
        self._faults: dict[int, tuple[Act, list[Planned]]] = {}  # of each act that is a fault, its steps
        self.follow(acts)

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

    def follow(self, acts: Sequence[Act]) -> None:
        """From now on these acts happen; they differ from those before in nothing that has happened already."""
        self.acts = [act for act in acts if act.a in (None, self.a)]
        faults, self._faults = self._faults, {}
        for act in self.acts:
            fault = act.fault()
            if fault is not None:
                steps = fault.steps(self.network)
                was, begun = faults.get(act.id, (act, steps))
                if was.at <= self.ran and replace(was, until=act.until) == act:  # it goes on: only its end is planned
                    steps = [(at, *what) for (at, *_), (_, *what) in zip(steps, begun, strict=True)]  # type: ignore[misc]
                self._faults[act.id] = act, steps

    def run_on(self, until: int) -> None:
        """Let all happen up to an instant; nothing of it is read yet."""
        if self.ran < until:
            self._plan(until)
            self.run.sim.run(until=Instant(max(until, self.run.sim.now)))
            self.ran = until

    def run_out(self) -> None:
        """Let all happen that is still to come; nothing of it is read yet."""
        self._plan(LAST)
        self.run.finish()
        self.ran = max(self.ran, LAST)

    def finish(self, deadline: float) -> bool:
        """Let time pass until all is over or until the deadline; whether it is over."""
        while not (self.run.sim.is_over and not any(at > self.ran for at, *_ in self._due())):
            if not self.advance(self.now + self._stride, deadline):
                return False
        return True

    def _plan(self, until: int) -> None:
        """Plan what the acts do up to an instant."""
        for at, rank, call, arguments in self._due():
            if self.ran < at <= until:
                self.run.sim.call_first(at, rank, call, *arguments)

    def _due(self) -> Iterator[tuple[int, int, Callable[..., object], tuple[Any, ...]]]:
        """What the acts do: when, before what else at the same instant, and what."""
        number, rank = len(self.scenario.faults), BEHIND_FAULTS + len(self.scenario.interventions)
        for act in self.acts:
            if act.id in self._faults:
                for step, (at, call, arguments) in enumerate(self._faults[act.id][1], number * STEPS):
                    if at is not None:
                        yield at, step, call, arguments
                number += 1
            elif (intervention := act.intervention()) is not None:
                at = self.run.sim.instant(act.at)
                yield at, rank, self.network.intervene, (intervention.packet, intervention.apply)
                rank += 1
