"""Time as it passes outside: the same kernel and the same coroutines, on asyncio's loop and the wall's clock.

What is planned happens when its time has come, and not before. While anything is on its way or being worked on, a
second is a second: so what is measured are the engines, and a time-out of five seconds means five. While nobody does
anything but wait, time may pass faster: a day of the airports in minutes.
"""

from __future__ import annotations

import asyncio
import signal
import time
from bisect import bisect
from collections.abc import Callable
from heapq import heappop
from typing import Any

from eventlab.errors import Invalid
from eventlab.sim import Entry, Sim
from eventlab.times import SECOND, When
from eventlab.trace import Record, Trace

MANY = 500  # calls in a row, before asyncio's loop has its turn
FASTEST = 1_000_000.0


class Clock(Sim):
    """A `Sim` whose time passes by itself from `go()` on, `speed` times as fast while everybody waits."""

    def __init__(
        self, seed: int = 0, *, start: int | None = None, speed: float = 1.0, trace: Trace | None = None
    ) -> None:
        if isinstance(speed, bool) or not isinstance(speed, int | float) or not 1 <= speed <= FASTEST:
            raise Invalid("speed", where="Clock", expected=f"1 to {FASTEST:,.0f}", found=speed)
        super().__init__(seed, start=time.time_ns() if start is None else start, trace=trace)
        self.speed = speed
        self.failure: BaseException | None = None  # what came out of a turn, for whoever waits for the end
        self.on_way = 0  # how much is on its way outside
        self._loop: asyncio.AbstractEventLoop | None = None
        self._seen, self._then = self.now, 0  # an instant, and what the monotonic clock showed at it
        self._goal = self.now  # up to this instant time passes fast
        self._bends: list[tuple[int, int]] = []  # instants at which time began to pass at another pace
        self._timer: asyncio.TimerHandle | None = None

    def go(self) -> None:
        """Let time begin to pass, on the loop that runs; a second time changes nothing."""
        if self._loop is None:
            self._loop = asyncio.get_running_loop()
            # `asyncio.run` ends its task upon an interrupt, between two turns; in a notebook it would come anywhere.
            self._turns.guards = signal.getsignal(signal.SIGINT) is signal.default_int_handler
            self._seen, self._then, self._goal = self.now, time.monotonic_ns(), self.now
            self._bends.append((self._seen, self._then))
            self._arm()

    def stop(self) -> None:
        """Let no time pass any more."""
        self._forget_timer()
        self._loop = None

    @property
    def present(self) -> int:
        """The present instant, whether or not anything happens."""
        if self._loop is None:
            return self.now
        passed, skipped = time.monotonic_ns() - self._then, max(0, self._goal - self._seen)
        if passed * self.speed < skipped:
            return self._seen + int(passed * self.speed)
        return self._seen + skipped + passed - int(skipped / self.speed)

    def wall(self, at: int) -> float:
        """How many seconds after `go` the wall's clock showed at an instant of the past."""
        if not self._bends:
            return 0.0
        number = bisect(self._bends, (at, 0))
        (seen, then), (later, until) = self._bends[max(0, number - 1)], self._bends[min(number, len(self._bends) - 1)]
        share = (at - seen) / (later - seen) * (until - then) if later > seen else at - seen
        return (then + share - self._bends[0][1]) / SECOND

    def leave(self) -> None:
        """Something begins to be on its way, outside: a second is a second until as many have come back."""
        self.on_way += 1
        if not self._turns.passing:
            self._arm()

    def come(self, many: int = 1) -> None:
        """So many of them are on their way no more."""
        self.on_way -= many
        if not self._turns.passing:
            self._arm()

    def happen(self, call: Callable[..., object], *arguments: Any) -> None:
        """Something has come from outside: let it happen now."""
        self.now = max(self.now, self.present)
        super().call_at(self.now, call, *arguments)
        if not self._turns.passing:
            self._pass()

    def call_at(self, instant: int, call: Callable[..., object], *arguments: Any) -> Entry:
        entry = super().call_at(instant, call, *arguments)
        if self._loop is not None and not self._turns.passing and self._planned[0] is entry:
            self._arm()
        return entry

    def run(self, until: When | None = None) -> None:
        """Not here: time passes by itself."""
        raise _by_itself("run()")

    def step(self) -> list[Record]:
        """Not here: time passes by itself."""
        raise _by_itself("step()")

    @property
    def is_over(self) -> bool:
        """Whether nothing is planned any more."""
        self._drop_withdrawn()
        return not self._planned

    def _pass(self) -> None:
        """Do all whose time has come."""
        planned = self._planned
        self._forget_timer()
        self._look(self.now)
        try:
            with self._turns:
                for _ in range(MANY):
                    self.now = max(self.now, self.present)
                    if not planned or planned[0][0] > self.now or self._turns.held:
                        break
                    _, _, call, arguments = heappop(planned)
                    if call is not None:
                        call(*arguments)
        except BaseException as error:
            self.failure = self.failure or error
        self._arm()

    def _look(self, goal: int) -> None:
        """Go on from the present; fast as far as `goal`."""
        self._seen, self._then, self._goal = self.present, time.monotonic_ns(), goal
        if self.speed != 1:
            self._bends.append((self._seen, self._then))

    def _arm(self) -> None:
        self._forget_timer()
        self._drop_withdrawn()
        if self._loop is None:
            return
        if not self._planned:
            self._look(self.now)
            return
        following = self._planned[0][0]
        self._look(self.now if self.on_way else following)
        wait = (following - self._seen) / SECOND / (1 if self.on_way else self.speed)
        self._timer = self._loop.call_later(max(0.0, wait), self._pass)

    def _forget_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer = None

    def _drop_withdrawn(self) -> None:
        while self._planned and self._planned[0][2] is None:
            heappop(self._planned)


def _by_itself(call: str) -> Invalid:
    return Invalid("call", where="a clock", expected="await runtime.run(): time passes by itself here", found=call)
