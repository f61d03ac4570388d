"""Watchers: functions that are called after something was done. What is done stays done, whatever becomes of them."""

from __future__ import annotations

import logging
from collections.abc import Callable

from eventlab.borders import function

LOG = logging.getLogger("eventlab")
HANDLERS = logging.getLogger("eventlab.handlers")  # who wants to see the errors of handlers sets its level to DEBUG


class Watchers:
    """The functions that want to hear of it, in the order of their coming.

    One that fails robs nobody: the failure goes to the log "eventlab" (Python shows it on the standard error output if
    nobody says otherwise), and the others are called. What one of them sets off is told after what is being told.
    """

    def __init__(self, of: str) -> None:
        self.of = of
        self._callbacks: dict[object, Callable[[], object]] = {}
        self._owed, self._telling = 0, False

    def __repr__(self) -> str:
        return f"<Watchers of {self.of}: {len(self._callbacks)}>"

    def add(self, callback: Callable[[], object]) -> Callable[[], object]:
        """Call it from now on; the function returned ends that, and may be called again."""
        function(callback, "watcher", where=self.of)
        key = object()  # the same callback may watch twice, and each ends alone
        self._callbacks[key] = callback
        return lambda: self._callbacks.pop(key, None)

    def tell(self) -> None:
        """Call each once. An interrupt is raised when all have been called."""
        self._owed += 1
        if self._telling:
            return
        interrupt: BaseException | None = None
        try:
            self._telling = True
            while self._owed:
                self._owed -= 1
                interrupt = self._tell_once() or interrupt
        finally:
            self._telling = False
        if interrupt is not None:
            raise interrupt

    def _tell_once(self) -> BaseException | None:
        interrupt: BaseException | None = None
        for key in tuple(self._callbacks):
            try:
                if (callback := self._callbacks.get(key)) is not None:  # or it has left meanwhile
                    callback()
            except Exception:
                LOG.exception("a watcher of %s failed; what it was told of is done, and the others were told", self.of)
            except BaseException as error:
                interrupt = error
        return interrupt
