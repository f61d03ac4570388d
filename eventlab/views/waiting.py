"""A cell that takes long shows how far it is: a line under it that moves, and that is gone when the cell is done.

It tells what is known: the seconds of real time, how much simulated time has passed, how many of several parts are
done. It is a line of its own that changes nothing of what the cell shows or stores.
"""

from __future__ import annotations

import contextvars
import os
import sys
import threading
import time
from contextlib import suppress

from eventlab import under_way

LINE = "text/latex"
PATIENCE = 1.0  # seconds of real time: what takes less is not told
MOST = 20  # parts that are drawn one by one
PAUSE = 0.25  # between two changes of the line


class Waiting:
    """The line under the cell that runs now, if it takes long."""

    def __init__(self) -> None:
        self._over = threading.Event()
        self._thread: threading.Thread | None = None

    def begin(self, *_: object) -> None:
        """A cell begins: wait a little, beside it, then show the line."""
        self.end()
        self._over = threading.Event()
        beside = contextvars.copy_context()  # what is shown there belongs to this cell
        self._thread = threading.Thread(target=beside.run, args=(self._watch, self._over), daemon=True)
        with suppress(RuntimeError):  # where there are no threads, nothing is told
            self._thread.start()

    def end(self, *_: object) -> None:
        """The cell is done: the line goes."""
        self._over.set()
        if self._thread is not None and self._thread.is_alive():
            self._thread.join(2 * PAUSE)
        self._thread = None

    def _watch(self, over: threading.Event) -> None:
        begun = time.monotonic()
        if over.wait(PATIENCE):
            return
        from IPython.display import display

        shown = display({LINE: told(time.monotonic() - begun)}, raw=True, display_id=True)
        while not over.wait(PAUSE):
            shown.update({LINE: told(time.monotonic() - begun)}, raw=True)
        shown.update({LINE: ""}, raw=True)


def how_far() -> tuple[int, int] | None:
    """How many parts of how many are done, where that is known."""
    return next((far() for far in under_way.works[-1:]), None)


def told(seconds: float) -> str:
    """After so many seconds of real time: what is known of how far the cell is."""
    words = [f"{seconds:.0f} s"]
    if (parts := how_far()) is not None:
        done, of = parts
        bar = f"{'▰' * done}{'▱' * (of - done)} " if of <= MOST else ""
        words.append(f"{bar}{done} of {of} done")
    words += [f"{duration(passed())} of simulated time" for passed in under_way.clocks[-1:]]
    return " · ".join(words)


def duration(seconds: float) -> str:
    """Simulated seconds in words: "14 h 20 min", "3 min 12 s"."""
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes_left = divmod(minutes, 60)
    return f"{hours} h {minutes_left} min" if hours else f"{minutes} min {rest} s"


def tell_how_far() -> None:
    """If this is a notebook, show under each cell that takes long how far it is.

    Not where pytest runs the notebook: there nobody looks, and the outputs are compared with those that are stored.
    """
    if "IPython" not in sys.modules or "PYTEST_CURRENT_TEST" in os.environ:
        return
    from IPython import get_ipython

    shell = get_ipython()
    registered = shell.events.callbacks["post_run_cell"] if hasattr(shell, "kernel") else [Waiting.end]
    if any(getattr(each, "__func__", each) is Waiting.end for each in registered):
        return
    waiting = Waiting()
    shell.events.register("pre_run_cell", waiting.begin)
    shell.events.register("post_run_cell", waiting.end)
