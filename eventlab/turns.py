"""Turns: what may not happen while simulated time passes. An interrupt waits, asyncio stays outside, no run in a run.

Time passes in turns: one call from the heap each. Ctrl-C (or a notebook's stop button) in the middle of one would tear
it apart: half of its records written, a worker never free again. So it is held back until the turn is over, and going
on afterwards gives the same trace. A turn that does not end, such as an endless loop in a handler, is interrupted after
`PATIENCE` seconds or by a second interrupt; what is half done then cannot go on, and says so (`TornRun`).
"""

from __future__ import annotations

import _thread
import signal
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from types import FrameType
from typing import Any

from eventlab import under_way
from eventlab.errors import InsideSimulation, TornRun

PATIENCE = 1.0  # seconds of real time


class Turns:
    """Stands around a simulation while its time passes: `with turns: ...`.

    `stop` plans the end of the run, `passed` tells how many simulated seconds have passed.
    """

    __slots__ = ("_loop", "_previous", "_timer", "guards", "held", "passed", "passing", "stop", "torn")

    def __init__(self, stop: Callable[[], object], passed: Callable[[], float]) -> None:
        self.stop, self.passed = stop, passed
        self.passing = self.held = self.torn = False
        self.guards = True  # whether an interrupt would come between: not where somebody else handles it
        self._previous: Any = None
        self._timer: threading.Timer | None = None
        self._loop: Any = None

    def __enter__(self) -> None:
        if self.passing:
            raise InsideSimulation
        if self.torn:
            raise TornRun
        if self.guards and threading.current_thread() is threading.main_thread():
            self._previous = signal.getsignal(signal.SIGINT)
            if callable(self._previous):
                signal.signal(signal.SIGINT, self._hold)
        self.passing, self.held = True, False
        under_way.clocks.append(self.passed)
        if (events := sys.modules.get("asyncio.events")) is not None:  # else nobody can have a loop
            self._loop = events._get_running_loop()
            if self._loop is not None:
                events._set_running_loop(None)

    def __exit__(self, kind: type[BaseException] | None, *rest: object) -> None:
        if self._loop is not None:
            sys.modules["asyncio.events"]._set_running_loop(self._loop)
        self.torn = kind is not None and not issubclass(kind, Exception)
        self.passing = False
        under_way.clocks.remove(self.passed)
        previous, self._previous, self._loop = self._previous, None, None
        if callable(previous):
            signal.signal(signal.SIGINT, previous)
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self.held and kind is None:
            raise KeyboardInterrupt

    def _hold(self, number: int, frame: FrameType | None) -> None:
        """The first interrupt waits for the end of the turn, the second does not."""
        if self.held:
            raise KeyboardInterrupt
        self.held = True
        self.stop()
        with suppress(RuntimeError):  # where there are no threads, a second interrupt must do
            self._timer = threading.Timer(PATIENCE, _thread.interrupt_main)
            self._timer.daemon = True
            self._timer.start()
