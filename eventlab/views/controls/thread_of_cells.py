"""Work in the thread of the cells: what a page says may come in another one, and what a cell made belongs to its own.

JupyterLab gives messages of components a thread of their own. A simulation and a store belong to the thread that made
them, which is the cells'. So what a control runs is handed over to that thread, unless a cell is just running there.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable

PATIENCE = 0.2  # seconds of real time: so long a running cell is waited for


class ThreadOfCells:
    """The thread in which this was made, with the loop that runs in it, if any."""

    def __init__(self) -> None:
        self._thread = threading.get_ident()
        try:
            self._loop: asyncio.AbstractEventLoop | None = asyncio.get_running_loop()
        except RuntimeError:
            self._loop = None

    def do(self, work: Callable[[], None]) -> None:
        """Do it there and come back when it is done; or do it here, where that thread has no time or takes no work."""
        if self._loop is None or threading.get_ident() == self._thread or not self._loop.is_running():
            work()
            return
        taken, over = threading.Lock(), threading.Event()

        def there() -> None:
            if taken.acquire(blocking=False):
                try:
                    work()
                finally:
                    over.set()

        self._loop.call_soon_threadsafe(there)
        if not over.wait(PATIENCE) and taken.acquire(blocking=False):
            work()  # a cell is running: it may take long
        else:
            over.wait()
