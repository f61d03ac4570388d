"""Ahead of the clock: of each architecture a leading course, which is told, and trailing ones, which are acted upon.

A trailing course never passes the clock: what is done now happens in it as if it had been planned from the begin, and
then it leads. So an act shows what it does at once, and the run is, record for record, that of the scenario in which
the act was planned. What was done last is taken back in the same way. A second one trails where it is cheap: then two
acts in a row are both fast.

In idle time the leading courses come to the end, so that a jump to any moment finds it told; and where a run is dear,
courses wait at `marks`, so that after a jump the one that trails need not begin with the day. What is short beside what
was before it (an hour of an afternoon) is told to its end first.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from eventlab.airports.scenario import Run, Scenario
from eventlab.control_room.acts import Act, Acts, forks_at
from eventlab.control_room.asked import says
from eventlab.control_room.chosen import Chosen
from eventlab.control_room.course import Course
from eventlab.control_room.told import Teller
from eventlab.control_room.tracks import MILLISECOND, moment_of
from eventlab.errors import Invalid
from eventlab.times import SECOND, Instant

SOON = 120 * SECOND  # how far ahead of the clock is told before anything else is done
LARGE = 600  # commands of airlines, beyond which one more run would cost too much
TICK = MILLISECOND // 1000  # the page tells no moments apart that are nearer than that
PATIENCE = 0.3  # seconds of real time without a word, after which the page is told how far the kernel is
SMALL = 2000  # packets, of which a page without a kernel can carry what they say
Told = dict[str, Any]


class Ahead:
    """The courses of all architectures. The page has played up to `head` and would like to know up to `wanted`."""

    def __init__(self, scenario: Scenario, chosen: Sequence[Chosen], begin: int, end: int) -> None:
        self.scenario, self.chosen, self.begin, self.end = scenario, chosen, begin, end
        self.tell: Callable[[Told], object] = lambda message: None
        self.acts: tuple[Act, ...] = ()
        self.can_undo = False
        self.runs = 0
        self.head = self.wanted = begin
        self.places = range(len(chosen))
        dear = len(scenario.commands) > LARGE
        self.spares = 1 if dear else 2
        self.is_short = dear and end - begin < begin - scenario.begin
        self.marks = [begin - TICK] if dear else []  # more of them would cost too much memory
        self.leading = [self._course(a) for a in self.places]
        self.trailing: list[list[Course]] = [[] for _ in self.places]
        self._told = [begin - 1 for _ in self.places]  # up to which instant
        self._silent = [True for _ in self.places]  # whether what comes next has been told before
        self._said = time.monotonic()  # when the page last heard how far the kernel is

    def _course(self, a: int) -> Course:
        architecture, options = self.chosen[a]
        return Course(self.scenario, architecture, options, self.acts, a, self.begin)

    def instant(self, moment: Any) -> Instant:
        """The instant of a moment of the page's: milliseconds from the begin."""
        if moment.__class__ not in (int, float) or not -1e12 < moment < 1e12:
            raise Invalid("time", where="the control room", expected="milliseconds since the begin", found=moment)
        return Instant(self.begin + round(moment * 1000) * TICK)

    def moment(self, instant: int) -> float:
        """The page's moment of an instant."""
        return moment_of(instant, self.begin)

    def want(self, at: int, until: int) -> None:
        """The page has played up to one instant and would like to know what happens up to another."""
        self.head = min(max(at, self.begin), self.end)
        self.wanted = min(max(until, self.head), self.end)

    # The acts change ---------------------------------------------------------------------------------------------

    def fork(self, acts: Acts) -> bool:
        """From the first difference on everything is run anew; whether there is one. The page is answered anyhow.

        Courses that have not come to it yet go on with the new acts: the nearest one leads.
        """
        before, self.acts, self.can_undo = self.acts, acts.all, acts.can_undo
        at = forks_at(before, self.acts)
        if at is None:
            self._forked(self.end + TICK)  # nothing that is shown is void
            return False
        for a in self.places:
            early = _latest_first(self.leading[a], *self.trailing[a], until=at - TICK)
            for course in early:
                course.follow(self.acts)
            self.leading[a], *self.trailing[a] = early or [self._course(a)]
        self._forked(at)
        return True

    def again(self) -> None:
        """Tell everything once more, from the begin; what has happened need not happen again."""
        for course in self.leading:
            course.tell_again()
        self._forked(self.begin)

    def rest(self) -> None:
        """Let go of all that was computed; it comes back, silently, when more is wanted."""
        self.leading = [self._course(a) for a in self.places]
        self.trailing = [[] for _ in self.places]
        self._silent = [True for _ in self.places]

    def _forked(self, at: int) -> None:
        """What was told of `at` and later is void; in the page's words, what is later than the moment before it."""
        self.runs += 1
        self._said = time.monotonic()
        self._told = [min(told, at - TICK) for told in self._told]
        self._silent = [True for _ in self.places]
        acts = [act.wire(self.moment) for act in self.acts]
        now = {"at": self.moment(at - TICK), "acts": acts, "can_undo": self.can_undo}
        self.tell({"kind": "forked", "run": self.runs, **now})

    # Time passes -------------------------------------------------------------------------------------------------

    def work(self, deadline: float) -> bool:
        """Compute until the deadline (of the real clock) and tell what is new; whether all that is wanted is told."""
        soon = self.end if self.is_short else min(self.wanted, self.head + SOON)
        return self._lead(soon, deadline) and self._follow(deadline) and self._lead(self.wanted, deadline)

    def _lead(self, until: int, deadline: float) -> bool:
        """Bring the leading courses forward; whether all have come to this instant.

        Each has its share of the time, the last one first: the page shows nothing that is not told of all. But to the
        begin they come one after the other: the page shows the first while the others are on their way.
        """
        way = [a for a in self.places if self._is_on_its_way(a)]
        done = True
        for n, a in enumerate(sorted(set(self.places).difference(way), key=lambda a: self.leading[a].now)):
            now = time.monotonic()
            done &= self._bring(a, until, now + (deadline - now) / (len(self.places) - n))
        if not way:
            return done
        first = max(way, key=lambda a: self.leading[a].now)
        return self._bring(first, until, deadline) and self._lead(until, deadline)

    def _is_on_its_way(self, a: int) -> bool:
        """Whether nothing is told yet of an architecture, and its course has not come to the begin."""
        return self._told[a] < self.begin and self.leading[a].now < self.begin - TICK

    def _bring(self, a: int, until: int, deadline: float) -> bool:
        course = self.leading[a]
        if self._silent[a]:
            if not course.advance(min(self._told[a], until), deadline):
                self._tell_how_far()
                return False
            if self._told[a] > until:
                return True
            course.teller.speak(told=self._told[a] >= self.begin)
            self._silent[a] = False
        reached = self._told[a] >= until or course.advance(until, deadline)
        if course.now > self._told[a] and self._told[a] < self.end:
            self._tell_of(a, course)
        return reached

    def _tell_how_far(self) -> None:
        """Nothing new can be told for long: say how far the kernel is, and with which one if it is one by one."""
        now = time.monotonic()
        if now - self._said >= PATIENCE:
            self._said = now
            way = [a for a in self.places if self._is_on_its_way(a)]
            a = max(way, key=lambda a: self.leading[a].now) if way else None
            at = min(each.now for each in self.leading) if a is None else self.leading[a].now
            self.tell({"kind": "computing", "at": self.moment(at), "a": a})

    def _tell_of(self, a: int, course: Course) -> None:
        since, self._told[a] = self._told[a], course.now
        span = {"from": max(0.0, self.moment(since)), "until": self.moment(course.now)}
        self._said = time.monotonic()
        self.tell({"kind": "told", "run": self.runs, "a": a, **span, **course.teller.take()})

    def _follow(self, deadline: float) -> bool:
        """Bring the trailing courses up to the clock, of each architecture the first one before all second ones."""
        return all(self._come(a, n, deadline) for n in range(self.spares) for a in self.places)

    def _come(self, a: int, n: int, deadline: float) -> bool:
        """Bring one trailing course up to the clock; whether it is there. One beyond it is dropped, but at a mark."""
        target = self.head - TICK
        courses = self.trailing[a]
        courses[:] = [each for each in courses if each.now <= target or each.now in self.marks]
        before = _latest_first(*courses, until=target)
        if len(before) <= n:
            before.append(self._course(a))
            courses.append(before[n])
        return self._trail(before[n], target, deadline)

    def _trail(self, course: Course, until: int, deadline: float) -> bool:
        reached = course.advance(until, deadline)
        course.teller.forget()  # it is told when it leads
        return reached

    def idle(self, deadline: float) -> bool:
        """Do what nobody waits for: bring the leading courses to the end, and one to each mark; whether all is done."""
        is_told = min(self._told) >= self.end or self._lead(self.end, deadline)
        return is_told and all(self._wait_at(mark, a, deadline) for mark in self.marks for a in self.places)

    def _wait_at(self, mark: int, a: int, deadline: float) -> bool:
        """See to it that a course waits at this mark, or on the way to it."""
        courses = self.trailing[a]
        if any(each.now == mark for each in courses):
            return True
        taken = (*self.marks, self.head - TICK)
        coming = [each for each in _latest_first(*courses, until=mark) if each.now not in taken]
        if not coming:
            coming.append(self._course(a))
            courses.append(coming[0])
        return self._trail(coming[0], mark, deadline)

    def has_come(self) -> bool:
        """Whether all that has happened up to the clock is known."""
        return all(min(self._told[a], self.leading[a].now) >= self.head for a in self.places)

    def finish(self, deadline: float) -> bool:
        """Bring the leading courses to where all is over; whether they are there."""
        return self._lead(self.end, deadline) and all(each.finish(deadline) for each in self.leading)

    def digests(self) -> list[str]:
        """The digests of the runs as they stand."""
        return [each.run.digest for each in self.leading]

    def runs_out(self) -> list[Run]:
        """The runs to where all is over. Nothing is told of it, and what has happened already is not run again."""
        with self._whole():
            for course in self.leading:
                course.run_out()
        return [course.run for course in self.leading]

    def record(self) -> Mapping[str, Any]:
        """All that is to be told of the runs, and what their messages say if they are few."""
        told: list[Told] = []
        asked: Told = {}
        for a, course in enumerate(self.leading):
            with self._whole():
                course.run_on(self.end)
            teller = Teller(course.run, self.begin)
            teller.advance(self.end)
            whole = {"kind": "told", "run": 0, "a": a, "from": 0.0, "until": self.moment(self.end)}
            told.append(whole | teller.take())
            packets = [motion[2] for motion in told[-1]["motions"]]
            if len(packets) <= SMALL:
                trace = course.run.trace
                asked |= {f"{a}/{packet}": says(trace, packet, self.moment) for packet in packets}
        return {"told": told, "asked": asked}

    @contextmanager
    def _whole(self) -> Iterator[None]:
        """What is torn apart in the middle (an interrupt) is computed anew."""
        try:
            yield
        except BaseException:
            self.rest()
            raise


def _latest_first(*courses: Course, until: int) -> list[Course]:
    """The courses that have not passed an instant, and the one that is nearest to it before all others."""
    return sorted((each for each in courses if each.ran <= until), key=lambda each: -each.ran)
