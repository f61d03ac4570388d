"""What became of wishes that somebody left at the boards: done, done twice, never done, and what people were told."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

from eventlab.lessons.lesson02.outage import ASKED, Outage
from eventlab.measures.requests import ANSWERED, calls
from eventlab.sim import SECOND

LAST = 300.0  # seconds before the end of the day: what comes later may not be done yet


@dataclass(frozen=True)
class Fates:
    """The wishes of a day, counted; `slowest` in seconds, from the wish until it was done."""

    wishes: int
    never: int  # never done
    twice: int  # done more than once
    mistaken: int  # people heard that it was not done, or nothing, and it was
    slowest: float

    @property
    def row(self) -> dict[str, str]:
        """As a row of a table."""
        return {
            "wishes": str(self.wishes), "never done": str(self.never), "done twice": str(self.twice),
            "people told wrong": str(self.mistaken), "longest wait until done": f"{self.slowest / 60:.1f} min",
        }  # fmt: skip


def fates(day: Outage) -> Fates:
    """What became of every question about a flight, taken as a wish that operations must do once."""
    trace = day.trace
    asked = {call.subject: call for call in calls(trace) if call.caller == "passengers" and call.type == ASKED}
    done: dict[str, list[int]] = defaultdict(list)
    for record in trace.of("handled"):
        if record.where == "operations" and record.message is not None:
            done[record.message.subject].append(record.at)
    counted = {name: call for name, call in asked.items() if call.since / SECOND < day.course.end - LAST}
    slowest = max((done[name][0] - call.since for name, call in counted.items() if done[name]), default=0)
    return Fates(
        len(counted),
        sum(not done[name] for name in counted),
        sum(len(done[name]) > 1 for name in counted),
        sum(bool(done[name]) and call.outcome != ANSWERED for name, call in counted.items()),
        slowest / SECOND,
    )
