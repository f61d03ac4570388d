"""The reader's own errors: what his handlers raised while a run went on is told under the cell, with its line.

A service records that a handler failed, and goes on, as services do. In a notebook the handler is the reader's, who
wants to know where. Errors of the laboratory itself, such as no answer, are the subject of lessons and stay in
the trace.
"""

from __future__ import annotations

import linecache
import logging
import sys
from collections import Counter
from traceback import walk_tb
from typing import Any

from eventlab.errors import EventlabError, Invalid
from eventlab.views.drawing.fitting import cut
from eventlab.views.drawing.text import plain

MOST = 3  # different errors that are told
WORDS = 300  # characters of one
SLEEP = "Time is simulated here: wait with `await` and the `sleep(seconds)` of your service, nothing else"


class OwnErrors(logging.Handler):
    """Hears of every handler that fails, and counts the errors that came out of code of cells."""

    def __init__(self, shell: Any) -> None:
        super().__init__(logging.DEBUG)
        self.shell, self.found = shell, Counter[str]()

    def emit(self, record: logging.LogRecord) -> None:
        """Keep an error, if it is the reader's own."""
        error = record.exc_info[1] if record.exc_info else None
        if error is None or (isinstance(error, EventlabError) and not isinstance(error, Invalid)):
            return
        own = [each for each in walk_tb(error.__traceback__) if each[0].f_globals is self.shell.user_ns]
        words = f"{type(error).__name__}: {cut(plain(error), WORDS)}{hint(error)}"
        if own:
            frame, number = own[-1]
            code = linecache.getline(frame.f_code.co_filename, number).strip()
            self.found[f"`{frame.f_code.co_name}`, line {number}: {words}\n    {code}"] += 1
        elif isinstance(error, Invalid):
            self.found[words] += 1

    def begin(self, *_: object) -> None:
        """Forget what controls of earlier cells did."""
        self.found.clear()

    def end(self, *_: object) -> None:
        """Tell under the cell what was found."""
        for words, times in self.found.most_common(MOST):
            print(f"A handler failed, {times:,} times. {words}" if times > 1 else f"A handler failed. {words}")
        if (more := len(self.found) - MOST) > 0:
            print(f"And {more:,} other errors of handlers.")
        self.found.clear()


def hint(error: BaseException) -> str:
    """What to write instead, where the words of an error do not say it."""
    return f". {SLEEP}" if "no running event loop" in plain(error) else ""


def tell_own_errors() -> None:
    """If this is a notebook, tell under each cell which errors its handlers raised."""
    if "IPython" not in sys.modules:
        return
    from IPython import get_ipython

    shell, log = get_ipython(), logging.getLogger("eventlab.handlers")
    if shell is None or any(isinstance(each, OwnErrors) and each.shell is shell for each in log.handlers):
        return
    own = OwnErrors(shell)
    log.setLevel(logging.DEBUG)
    log.propagate = False
    log.addHandler(own)
    shell.events.register("pre_run_cell", own.begin)
    shell.events.register("post_run_cell", own.end)
