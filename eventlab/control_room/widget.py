"""The control room as a widget: the page in JupyterLab, and the session that computes for it between messages."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import traitlets

from eventlab.control_room import scripts
from eventlab.control_room.session import Session
from eventlab.views.widget import LATE, Widget

QUIET = 120  # seconds without a word of the page, after which what was computed is let go
SLICE = 0.02  # seconds of computing, after which the kernel looks whether there is something else to do


class RoomWidget(Widget):
    """The page; whatever it says goes to the session, which computes in slices on the kernel's own loop.

    So no cell is blocked, and no thread is needed: between two slices the kernel does what else there is to do.
    """

    _esm = f"{LATE}\n{scripts.script('widget')}"
    _css = scripts.style()
    setting = traitlets.Unicode("{}").tag(sync=True)
    still = traitlets.Bool(False).tag(sync=True)  # the output behind it is a still picture of the same, to be hidden

    def __init__(self, session: Session) -> None:
        super().__init__(setting=json.dumps(session.setting, ensure_ascii=False))
        self._session, self._planned = session, False
        self._loop = _running()
        self._rest: Any = None  # what is planned for when the page has been silent for long
        session.tell = self._tell
        self.on_msg(self._heard)

    def _tell(self, message: dict[str, Any]) -> None:
        """Tell the page, as text: where Python runs in the page, a None on its way there would vanish with its key."""
        self.send({"json": json.dumps(message, ensure_ascii=False)})

    def _heard(self, _: Any, message: dict[str, Any], buffers: Any) -> None:
        """A message of the page: it may come in another thread than the one that owns the simulations."""
        if self._loop is None:
            self._take(message)
        else:
            self._loop.call_soon_threadsafe(self._take, message)

    def _take(self, message: dict[str, Any]) -> None:
        self._session.hear(message)
        if self._loop is not None:
            if self._rest is not None:
                self._rest.cancel()
            self._rest = self._loop.call_later(QUIET, self._let_go)
        if not self._planned:
            self._slice()

    def _let_go(self) -> None:
        """The page has been silent for long: let go of what was computed, but not while it is being computed."""
        if self._planned and self._loop is not None:
            self._rest = self._loop.call_later(QUIET, self._let_go)
        else:
            self._session.rest()

    def _slice(self) -> None:
        """Compute for a moment, and go on when everybody else had his turn."""
        self._planned = False
        while self.comm is not None and self._session.work(SLICE):
            if self._loop is not None:
                self._planned = True
                self._loop.call_soon(self._slice)
                return

    def close(self) -> None:
        """Let go of the page, and of what was computed for it."""
        if self._rest is not None:
            self._rest.cancel()
        self._session.rest()
        super().close()

    def __repr__(self) -> str:
        return f"<Control room: {', '.join(self._session.setting['architectures'])}>"


def _running() -> asyncio.AbstractEventLoop | None:
    """The loop on which the kernel runs this cell; None where there is none, as in a script."""
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None
