"""Half of operations fails: what it knows of Newark cannot be read, what it knows of Kennedy is well.

The failing half answers at once that it cannot: nothing is slow, and nobody waits for a time-out.
"""

from __future__ import annotations

from typing import Any
from zlib import crc32

from eventlab.errors import Unavailable
from eventlab.event import Command
from eventlab.faults import Fault
from eventlab.lessons.lesson02.outage import ASKED, Course, Handler, Outage
from eventlab.measures.requests import ANSWERED, calls
from eventlab.proxy import Policy
from eventlab.sim import SECOND

AIRPORTS = ("Kennedy", "Newark")
COURSE = Course(120.0, 720.0, 900.0, 900.0)  # from minute 2 to 12, Newark's half is ill


def airport(command: Command) -> str:
    """Which airport a question is about: a coin that falls alike on every machine."""
    return AIRPORTS[crc32(command.subject.encode()) % 2]


class HalfDown(Outage):
    """The airport of the outage, where nothing is slow and nothing stops: half of operations cannot answer."""

    def __init__(self, how: Policy | Handler = Policy(), *, seed: int = 1) -> None:
        super().__init__(how, seed=seed, course=COURSE)
        self.operations.answers(ASKED, self._tell, replace=True)

    @property
    def faults(self) -> tuple[Fault, ...]:
        """None: what is ill here is a part of a service."""
        return ()

    def _tell(self, command: Command) -> dict[str, Any]:
        ill = COURSE.slow <= self.lab.sim.passed < COURSE.cut
        if ill and airport(command) == "Newark":
            raise Unavailable("Newark's flights cannot be read")
        return {"status": "delayed"}

    def answered(self) -> dict[str, float]:
        """While half of it is ill: the share of the questions about each airport that were answered, in percent."""
        heard: dict[str, list[bool]] = {name: [] for name in AIRPORTS}
        for call in calls(self.trace):
            if call.type == ASKED and call.caller == "passengers" and COURSE.slow <= call.since / SECOND < COURSE.cut:
                heard[airport(Command(ASKED, {}, call.subject))].append(call.outcome == ANSWERED)
        return {name: 100 * sum(each) / len(each) for name, each in heard.items()}
