"""What is told of a run: everything the control room shows, derived from the trace, record by record.

    teller = Teller(run, begin)
    teller.advance(until)      reads what the trace says up to an instant
    teller.speak()             ends a silence: a quiet teller follows, and writes nothing down
    teller.take()              what is new since last time, as plain data

Nothing is told before its time: what is shown at an instant follows from the records up to it, and from what the
airlines knew by then.
"""

from __future__ import annotations

from collections.abc import Callable
from heapq import heappop, heappush
from itertools import count
from typing import Any

from eventlab.airports.metrics import Moment, truth_of
from eventlab.airports.scenario import Run
from eventlab.airports.stage import ORDER
from eventlab.control_room.finding import finding
from eventlab.control_room.lanes import Lanes
from eventlab.control_room.lines import Lines, Spans
from eventlab.control_room.people import People
from eventlab.control_room.questions import Questions
from eventlab.control_room.rows import Rows
from eventlab.control_room.services import Services
from eventlab.control_room.tracks import Tracks
from eventlab.control_room.traffic import Traffic
from eventlab.trace import Record

ASKING = ("sent", "received", "expired", "lost")  # kinds of record that can be about a question
FEW = 12  # flights: up to so many each story is worth watching closely


class Teller:
    """Follows one run from its begin; what is before the instant `begin` is summed up there."""

    def __init__(self, run: Run, begin: int, *, quiet: bool = False) -> None:
        scenario = run.scenario
        self.quiet = quiet
        self.run, self.read, self.now = run, 0, run.sim.begin
        self.tracks = tracks = Tracks(begin)
        self._timers: list[tuple[int, int, Callable[[int], None]]] = []
        self._numbers = count()
        commands = scenario.commands
        truth, booked = truth_of(commands)
        self.services = Services(tracks, ORDER, self.now)
        self.traffic = Traffic(tracks, run.architecture, begin)
        self.lanes = Lanes(tracks, run.architecture)
        self.people = People(tracks, booked, self.plan, self.now)
        self.rows = Rows(tracks, {key: key.split("-")[0] for key in booked}, self.plan)
        self.questions = Questions()
        self.lines = Lines(tracks, few=len(booked) <= FEW)
        self.spans = Spans(tracks, few=len(booked) <= FEW)
        self.history: list[tuple[int, dict[str, Any]]] = []  # the figures from each instant on
        self._summed = True  # whether the figures have to be counted anew
        self._unwritten: dict[str, Any] | None = None  # figures
        for key, moments in truth.items():
            for moment in moments:
                self.plan(moment.since, lambda now, key=key, moment=moment: self._know(key, moment))  # type: ignore[misc]
        for command in commands:
            self.plan(command.time, lambda now, command=command: self.services.hear_of(command))  # type: ignore[misc]

    def plan(self, instant: int, call: Callable[[int], None]) -> None:
        """Call back when the run has come to an instant."""
        heappush(self._timers, (instant, next(self._numbers), call))

    def _know(self, key: str, moment: Moment) -> None:
        self.people.know(key, moment)
        self.rows.know(key, moment)

    def advance(self, until: int) -> None:
        """Read all that the trace says up to an instant, and let time pass until then."""
        records = self.run.trace.records
        while self.read < len(records) and (record := records[self.read]).at <= until:
            if record.at != self.now:
                self._let_pass(record.at)
            self.read += 1
            self._take(record)
        self._let_pass(until)
        self._flush()

    def _let_pass(self, instant: int) -> None:
        """Let the clock come to an instant; what is due on the way happens at its own time."""
        timers = self._timers
        while timers and timers[0][0] <= instant:
            due, _, call = heappop(timers)
            if due > self.now:
                self._flush()
                self.now = due
            call(self.now)
        if instant > self.now:
            self._flush()
            self.now = instant

    def _take(self, record: Record) -> None:
        kind = record.kind
        self.services.take(record)
        self.traffic.take(record)
        self.lanes.take(record)
        if kind in ("changed", "acted"):
            self.people.take(record)
            self.rows.take(record)
        elif kind in ASKING:
            self._summed |= self.questions.take(record)
        self.spans.take(record)
        self.lines.take(record)

    def _flush(self) -> None:
        """Sum up what this instant has changed, and write it down."""
        now = self.now
        troubled = bool(self.services.changed) and self.services.follow(now)
        if self.people.changed or self.rows.changed:
            self._summed = True
            self.people.follow()
            self.rows.follow(now)
        if self._summed or troubled:
            self._summed = False
            figures = {**self.people.figures(), **self.rows.figures(), **self.questions.figures()}
            self.history.append((now, figures))
            self._unwritten = figures
        if not self.quiet:
            self._write(now)

    def _write(self, now: int) -> None:
        self.services.write(now)
        if self.traffic.changed:
            self.traffic.flush(now)
        if self.lanes.changed:
            self.lanes.flush(now)
        self.people.write(now)
        self.rows.write(now)
        self.lines.flush(now)
        if (figures := self._unwritten) is not None:
            self._unwritten = None
            self.tracks.put("figures", now, figures)
            self.tracks.put("finding", now, finding(figures, self.services))

    def speak(self, *, told: bool = False) -> None:
        """End a silence: from now on all is written down. `told`: what stands so far has been told before.

        What is under way counts as new.
        """
        self.quiet = False
        self._flush()
        if told:
            self.tracks.take()
        self.traffic.tell_again()
        self.spans.tell_again(self.now)

    def forget(self) -> None:
        """Forget what is new of a silence, in which nobody asks for it: much would be kept."""
        self.traffic.forget()
        self.spans.forget()

    def take(self) -> dict[str, Any]:
        """What is new since this was last asked: tracks, motions, news."""
        return {"tracks": self.tracks.take(), "motions": self.traffic.new(), "news": self.spans.new()}
