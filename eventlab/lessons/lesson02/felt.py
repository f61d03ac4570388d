"""What passengers felt in an outage, and what operations had to bear: read from the trace of a day."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from functools import cached_property, lru_cache

from eventlab.lessons.lesson02.outage import ASKED, DAY, GATE, Course, Outage
from eventlab.measures.requests import ANSWERED, Call, calls
from eventlab.proxy import Policy
from eventlab.sim import SECOND
from eventlab.views import chart
from eventlab.views.drawing.picture import Picture

WELL_AGAIN = 80.0  # percent answered, in every minute from then on


@dataclass(frozen=True)
class Felt:
    """One day, measured. All shares in percent of those who asked, all times in seconds."""

    day: Outage

    @cached_property
    def calls(self) -> list[Call]:
        """Every request of the day."""
        return calls(self.day.trace)

    @property
    def course(self) -> Course:
        """How the outage went."""
        return self.day.course

    def _asked(self, type: str, since: float, until: float) -> list[Call]:
        people = (call for call in self.calls if call.caller == "passengers" and call.type == type)
        return [call for call in people if since <= call.since / SECOND < until]

    def answered(self, since: float, until: float, type: str = ASKED) -> float:
        """The share of the questions of a time that were answered while the passenger was still there."""
        asked = self._asked(type, since, until)
        return 100 * sum(call.outcome == ANSWERED for call in asked) / max(1, len(asked))

    @cached_property
    def before(self) -> float:
        """Questions about flights answered before the outage."""
        return self.answered(0, self.course.slow)

    @cached_property
    def slow(self) -> float:
        """… while operations was slow."""
        return self.answered(self.course.slow, self.course.cut)

    @cached_property
    def outage(self) -> float:
        """… while it was slow or away."""
        return self.answered(self.course.slow, self.course.well)

    @cached_property
    def after(self) -> float:
        """… after it was well again (those whose patience the end of the day cut short left out)."""
        return self.answered(self.course.well, self.course.end - 15)

    @cached_property
    def gates(self) -> float:
        """Questions for gates answered from the beginning of the outage on, though nothing was wrong with gates."""
        return self.answered(self.course.slow, self.course.end - 15, GATE)

    @cached_property
    def minutes(self) -> list[tuple[float, float]]:
        """For every whole minute: requests to operations, and answers in time, for each question about a flight."""
        asked, sent, heard = Counter[int](), Counter[int](), Counter[int]()
        for call in self.calls:
            minute = int(call.since / SECOND / 60)
            if call.callee == "operations":
                sent[minute] += 1
            elif call.caller == "passengers" and call.type == ASKED:
                asked[minute] += 1
                heard[minute] += call.outcome == ANSWERED
        whole = range(int(self.course.end // 60))
        return [(sent[n] / max(1, asked[n]), heard[n] / max(1, asked[n])) for n in whole]

    @cached_property
    def load(self) -> float:
        """The most that operations had to bear in a minute, as a multiple of what it had before the outage."""
        sent = Counter(int(call.since / SECOND / 60) for call in self.calls if call.callee == "operations")
        before = sum(sent[n] for n in range(int(self.course.slow // 60))) / (self.course.slow // 60)
        return max(sent.values()) / before

    @cached_property
    def recovery(self) -> float | None:
        """How many minutes after the outage the boards were well again for good; None if not on this day."""
        first = int(self.course.well // 60)
        shares = [100 * heard for _, heard in self.minutes[first:]][:-1]
        bad = [n for n, share in enumerate(shares) if share < WELL_AGAIN]
        return 0 if not bad else bad[-1] + 1 if bad[-1] + 1 < len(shares) else None

    @cached_property
    def twice(self) -> int:
        """How many questions operations worked on more than once."""
        done = Counter(r.message.subject for r in self.day.trace.of("handled") if r.where == "operations" and r.message)
        return sum(times > 1 for times in done.values())


@lru_cache(12)
def day_under(policy: Policy) -> Felt:
    """The day with the outage under a policy. The same policy gives the same day, so the last ones are kept."""
    return Felt(Outage(policy).run())


def row(name: str, felt: Felt) -> dict[str, str]:
    """A day as a row of the table of policies."""
    recovery = "not on this day" if felt.recovery is None else f"{felt.recovery:.0f} min"
    policy = felt.day.policy
    return {
        "policy": name, "answered: before": f"{felt.before:.0f}%", "while slow": f"{felt.slow:.0f}%",
        "in the whole outage": f"{felt.outage:.0f}%", "after it": f"{felt.after:.0f}%", "gates": f"{felt.gates:.0f}%",
        "well again after": recovery, "load (× usual)": f"{felt.load:.1f}", "parts": str(len(policy.parts)),
        "settings": str(len(policy.settings)),
    }  # fmt: skip


def asked_in(day: Outage, minute: int) -> str:
    """Who asked about a flight first in a minute of the day."""
    begin, end = minute * 60 * SECOND, (minute + 1) * 60 * SECOND
    asked = (call for call in calls(day.trace) if call.caller == "passengers" and call.type == ASKED)
    return next(call.subject for call in asked if begin <= call.since < end)


@lru_cache(64)
def _minutes(policy: Policy, course: Course) -> list[tuple[float, float]]:
    """The minutes of a day that can be run again at any time, so that only they need to be kept."""
    return Felt(Outage(policy, course=course).run()).minutes


def load_chart(day: Outage | Policy, *, course: Course = DAY) -> Picture:
    """Load against time, with the cause marked: requests to operations, and answers in time, for each question.

    Of a day that was run, or of a policy's day, which is run then.
    """
    minutes = _minutes(day, course) if isinstance(day, Policy) else Felt(day).minutes
    course = course if isinstance(day, Policy) else day.course
    sent, heard = zip(*minutes, strict=True)
    last = len(minutes) - 2  # the very last one is not over for those who came late in it
    return chart(
        f"Minute {last}: {sent[last]:.1f} requests and {heard[last]:.1f} answers in time for each question",
        x=[n + 0.5 for n in range(len(minutes))], x_title="minutes", y_title="for each question about a flight",
        series={"requests to operations": sent, "answers in time": heard}, spans=course.spans,
        text="The outage is marked: first slow, then away.",
    )  # fmt: skip
