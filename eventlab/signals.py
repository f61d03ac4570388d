"""What a coroutine in simulated time waits for: that time passes, or that something happens once."""

from __future__ import annotations

from collections.abc import Generator
from types import coroutine
from typing import Any

from eventlab.errors import OutsideSimulation
from eventlab.times import nanoseconds


@coroutine
def pass_time(what: Any) -> Generator[Any, Any, Any]:
    """Hand `what` (nanoseconds or a Signal) to the kernel; comes back with what the kernel sends."""
    return (yield what)


class Signal:
    """Something that happens once, with a value or an error, and wakes everybody who waits for it."""

    __slots__ = ("_sim", "error", "is_set", "value", "waiting")

    def __init__(self, sim: Any) -> None:
        self._sim, self.is_set = sim, False
        self.value: Any = None
        self.error: BaseException | None = None
        self.waiting: list[Any] = []

    def __repr__(self) -> str:
        return f"<Signal: {'set' if self.is_set else 'not set'}, {len(self.waiting)} waiting>"

    def wake(self, task: Any) -> None:
        """Give the task its turn once it has happened; handlers call `wait` instead."""
        if self.is_set:
            task.plan = self._sim.call_at(self._sim.now, task.advance, self.value, self.error)
        else:
            task.waits_for = self
            self.waiting.append(task)

    def set(self, value: Any = None, error: BaseException | None = None) -> None:
        """Let it happen: `wait()` gives `value` or raises `error`. A second call changes nothing."""
        if self.is_set:
            return
        self.is_set, self.value, self.error = True, value, error
        for task in self.waiting:
            task.waits_for = None
            task.plan = self._sim.call_at(self._sim.now, task.advance, value, error)
        self.waiting.clear()

    async def wait(self, timeout: float | None = None) -> Any:
        """The value, as soon as there is one; `TimeoutError` after `timeout` simulated seconds."""
        sim, task = self._sim, self._sim.task
        if task is None:
            raise OutsideSimulation("signal.wait()")
        if timeout is None:
            return await pass_time(self)
        alarm = sim.call_at(sim.now + nanoseconds(timeout), self._expire, task, timeout)
        try:
            return await pass_time(self)
        finally:
            sim.cancel(alarm)

    def _expire(self, task: Any, timeout: float) -> None:
        if task.waits_for is self:
            self.waiting.remove(task)
            task.waits_for = None
            task.advance(None, TimeoutError(f"waited {float(timeout):g} simulated seconds"))
