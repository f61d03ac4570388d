"""Half of operations fails: what it knows of Newark cannot be read, what it knows of Kennedy is well.

The failing half answers at once that it cannot: nothing is slow, and nobody waits for a time-out.
"""

from __future__ import annotations

from typing import Any
from zlib import crc32

from eventlab.errors import Unavailable
from eventlab.event import Command
from eventlab.lessons.lesson02.outage import ASKED, Course, Outage
from eventlab.measures.requests import ANSWERED, calls
from eventlab.sim import SECOND

AIRPORTS = ("Kennedy", "Newark")


class HalfDown(Outage):
    """The airport of the outage; half of the questions about flights are about each airport. Newark's half is ill."""

    def __init__(self, *, seed: int = 1) -> None:
        super().__init__(seed=seed, course=Course(end=900.0))
        self.operations.answers(ASKED, self._tell, replace=True)

    def run(self) -> HalfDown:
        """Let fifteen minutes pass; in ten of them, half of operations is ill."""
        self.come()
        self.lab.run(self.course.end)
        return self

    def airport(self, command: Command) -> str:
        """Which airport a question is about."""
        return AIRPORTS[crc32(command.subject.encode()) % 2]  # a coin that is the same on every machine

    def _tell(self, command: Command) -> dict[str, Any]:
        ill = self.course.slow <= self.lab.sim.passed < self.course.cut
        if ill and self.airport(command) == "Newark":
            raise Unavailable("Newark's flights cannot be read")
        return {"status": "delayed"}

    def answered(self) -> dict[str, float]:
        """While half of it is ill: the share of the questions about each airport that were answered, in percent."""
        found: dict[str, list[bool]] = {name: [] for name in AIRPORTS}
        for call in calls(self.trace):
            if call.caller == "passengers" and call.type == ASKED:
                if self.course.slow <= call.since / SECOND < self.course.cut:
                    found[self.airport(Command(ASKED, {}, call.subject))].append(call.outcome == ANSWERED)
        return {name: 100 * sum(heard) / len(heard) for name, heard in found.items()}
