"""Simulated time: a small kernel that runs ordinary `async` handlers, the same way every time.

In a cell you start and step, in a handler you await:

    async def handler():
        await sim.sleep(90)

    sim.start(handler())
    sim.run()

Time is an integer, nanoseconds; what is planned for the same instant happens in the order in which it was planned.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Coroutine
from contextlib import suppress
from heapq import heapify, heappop, heappush
from operator import itemgetter
from typing import Any

from msgspec import Struct

from eventlab import borders
from eventlab.door import door
from eventlab.draws import Draws as Draws
from eventlab.errors import ForeignAwait, Invalid, OutsideSimulation, WrongThread
from eventlab.signals import Signal as Signal
from eventlab.signals import pass_time
from eventlab.times import SECOND as SECOND
from eventlab.times import Instant, When, instant
from eventlab.times import nanoseconds as nanoseconds
from eventlab.trace import Record, Trace
from eventlab.turns import Turns

FIRST = 1 << 62  # what `call_first` plans has numbers below zero
Entry = list[Any]  # [instant, sequence, call or None once withdrawn, arguments]: something planned

LAST = borders.GREATEST  # nanoseconds: the last instant that there is


class Sim:
    """Simulated time and everything that is planned in it; one seed gives one run. It belongs to one thread.

    `now` is an instant: nanoseconds since 1970. `start` is the first one.
    """

    @door
    def __init__(self, seed: int = 0, *, start: int = 0, trace: Trace | None = None) -> None:
        self.seed = seed
        self.begin = self.now = int(start)
        self.clock: Callable[[str], int] = lambda clock: instant(clock, self.begin)  # what a clock time means
        self.trace = Trace() if trace is None else trace
        self.task: Task | None = None  # the coroutine that is running at this moment
        self.cause: Any = None  # the message being handled at this moment: what is sent now is caused by it
        self.changes: Any = None  # what the handler that is running has changed, not committed yet (see `state`)
        self._owner = threading.get_ident()
        self._planned: list[Entry] = []
        self._sequence = 0
        self._turns = Turns(
            stop=lambda: heappush(self._planned, [self.now, 0, None, ()]),  # run ends there
            passed=lambda: self.passed,
        )
        self._withdrawn = 0  # how many since the heap was last cleared of them
        self._draws: dict[str, Draws] = {}

    def call_at(self, instant: int, call: Callable[..., object], *arguments: Any) -> Entry:
        """Plan `call(*arguments)` for an instant (nanoseconds); `cancel` takes what this returns."""
        if instant.__class__ is not int or not self.now <= instant <= LAST or not callable(call):
            instant = self._checked(instant, call)
        self._sequence += 1
        entry = [instant, self._sequence, call, arguments]
        heappush(self._planned, entry)
        return entry

    def call_first(self, instant: int, rank: int, call: Callable[..., object], *arguments: Any) -> Entry:
        """Plan a call ahead of all that `call_at` plans for the same instant; of several, the lowest `rank` is first.

        No two may have one rank (0 to 2^62). So what is planned late happens as if it had been planned at the begin.
        """
        entry = [self._checked(instant, call), rank - FIRST, call, arguments]
        heappush(self._planned, entry)
        return entry

    @door
    def planned(self, call: Callable[..., object]) -> list[Entry]:
        """Every time that this call is planned, in order; its arguments are the last entry."""
        return sorted((entry for entry in self._planned if entry[2] == call), key=itemgetter(0, 1))

    def cancel(self, entry: Entry) -> None:
        """Withdraw what `call_at` planned; harmless if it has happened already."""
        entry[2] = None
        self._withdrawn += 1
        if self._withdrawn > len(self._planned) // 2:  # alarms above all; the heap need not carry them
            self._planned[:] = [planned for planned in self._planned if planned[2] is not None]
            heapify(self._planned)
            self._withdrawn = 0

    def _checked(self, instant: int, call: Callable[..., object]) -> int:
        borders.function(call, "call", where="simulated time")
        instant = int(instant) if isinstance(instant, Instant) else instant
        if instant.__class__ is not int or not self.now <= instant <= LAST:
            found = Instant(instant) if instant.__class__ is int else instant
            expected = f"{Instant(self.now).clock} (now) or later"
            raise Invalid("instant", where="simulated time", expected=expected, found=found)
        return instant

    def instant(self, when: When) -> int:
        """The nanoseconds of a point in time: seconds since the beginning, a clock time, or an `Instant`."""
        return int(self.clock(when)) if isinstance(when, str) else instant(when, self.begin)

    def check_thread(self) -> None:
        """Raise `WrongThread` in any thread but the one that made this simulation. `call_at` itself does not look."""
        if threading.get_ident() != self._owner:
            raise WrongThread

    @door
    def start(self, work: Coroutine[Any, Any, Any], name: str = "", then: Callable[[Task], None] | None = None) -> Task:
        """Let a coroutine run from now on. `then(task)` is called when it ends, also by an error.

        Without `then`, an error of the coroutine comes out of `run()` or `step()`.
        """
        self.check_thread()
        if not hasattr(work, "send"):
            raise Invalid("work", where="sim.start", expected="a coroutine: a call of an `async def`", found=work)
        task = Task(self, work, name or getattr(work, "__name__", "task"), then, self.cause)
        task.plan = self.call_at(self.now, task.advance)
        return task

    def run(self, until: When | None = None) -> None:
        """Let time pass until nothing is planned any more, or until a point in time, which is then `now`."""
        self.check_thread()
        end = None if until is None else self._checked(self.instant(until), self.run)
        planned, turns = self._planned, self._turns
        with turns:
            while planned and (end is None or planned[0][0] <= end):
                instant, _, call, arguments = heappop(planned)
                if call is not None:
                    self.now = instant
                    call(*arguments)
                elif turns.held:
                    return
            self.now = max(self.now, end or 0)

    def step(self) -> list[Record]:
        """Let time pass until something visible happens; the new records of the trace, none when all is over."""
        self.check_thread()
        planned, seen = self._planned, len(self.trace)
        with self._turns:
            while planned and len(self.trace) == seen and not self._turns.held:
                instant, _, call, arguments = heappop(planned)
                if call is not None:
                    self.now = instant
                    call(*arguments)
        return self.trace.records[seen:]

    @property
    def passed(self) -> float:
        """The seconds since the beginning."""
        return (self.now - self.begin) / SECOND

    @property
    def is_over(self) -> bool:
        """Whether nothing is planned any more."""
        return all(call is None for _, _, call, _ in self._planned)

    async def sleep(self, seconds: float) -> None:
        """Wait, in simulated seconds. Only inside a handler."""
        if self.task is None:
            raise OutsideSimulation("sim.sleep(...)")
        await pass_time(nanoseconds(seconds))

    async def until(self, instant: int) -> None:
        """Wait for an instant (nanoseconds); not at all if it has passed. Only inside a handler."""
        if self.task is None:
            raise OutsideSimulation("sim.until(...)")
        borders.integer(instant, "instant", where="sim.until")
        await pass_time(max(0, instant - self.now))

    def signal(self) -> Signal:
        """Something to wait for: `value = await signal.wait()` until somebody calls `signal.set(value)`."""
        return Signal(self)

    @door
    def random(self, name: str) -> Draws:
        """The random numbers of one purpose. Every name has its own: a new service does not change the others'."""
        if name not in self._draws:
            self._draws[name] = Draws(self.seed, name)
        return self._draws[name]

    def __repr__(self) -> str:
        return f"<Sim seed {self.seed} at {self.passed:g} s: {len(self.trace):,} records>"


class Task(Struct, eq=False):
    """A coroutine in simulated time. When it is `done`, it has a `result` or an `error`."""

    sim: Sim
    work: Coroutine[Any, Any, Any]
    name: str
    then: Callable[[Task], None] | None
    cause: Any = None  # the message that is being handled while it runs
    about: Any = None  # for whoever started it
    changes: Any = None  # what it has changed, not committed yet (see `state`)
    plan: Entry | None = None  # its next turn
    waits_for: Signal | None = None
    done: bool = False
    result: Any = None
    error: BaseException | None = None

    def advance(self, value: Any = None, error: BaseException | None = None) -> None:
        """Run up to the next `await`."""
        sim = self.sim
        self.plan = None
        outer_task, outer_cause, outer_changes = sim.task, sim.cause, sim.changes
        sim.task, sim.cause, sim.changes = self, self.cause, self.changes
        try:
            what: Any = self.work.send(value) if error is None else self.work.throw(error)
            while what.__class__ is not int and what.__class__ is not Signal:
                what = self.work.throw(ForeignAwait(self.name, what))
        except StopIteration as end:
            self.result, what = end.value, None
        except Exception as failure:
            if "no running event loop" in str(failure):  # asyncio, outside a notebook
                failure = ForeignAwait(self.name, failure)
            self.error, what = failure, None
        finally:
            sim.task, sim.cause, sim.changes = outer_task, outer_cause, outer_changes
        if what is None:
            self._end()
        elif self.done:  # stopped while it ran
            self._close()
        elif isinstance(what, int):
            self.plan = sim.call_at(sim.now + what, self.advance)
        else:
            what.wake(self)

    def _end(self) -> None:
        if self.done:
            return
        self.done = True
        if self.then is not None:
            self.then(self)
        elif self.error is not None:
            raise self.error

    def stop(self) -> None:
        """End it where it stands, as a crash does: no `except Exception` in it runs, and `then` is not called."""
        if self.done:
            return
        self.done = True
        if self.plan is not None:
            self.sim.cancel(self.plan)
        if self.waits_for is not None and self in self.waits_for.waiting:
            self.waits_for.waiting.remove(self)
        self.waits_for = None
        if self.sim.task is not self:
            self._close()

    def __repr__(self) -> str:
        return f"<Task {self.name}: {'done' if self.done else 'going on'}>"

    def _close(self) -> None:
        sim = self.sim
        outer, sim.changes = sim.changes, self.changes  # a `finally` may still write: nobody will see it
        try:
            with suppress(Exception):  # what it still awaits or raises concerns nobody: it has crashed
                self.work.close()
        finally:
            sim.changes = outer
