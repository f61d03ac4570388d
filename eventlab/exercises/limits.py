"""A limit in real time: code that never ends is interrupted, so that the notebook stays usable."""

from __future__ import annotations

import _thread
import threading
from collections.abc import Iterator
from contextlib import contextmanager


class TookTooLong(Exception):
    """The limit was reached."""


@contextmanager
def limit(seconds: float) -> Iterator[None]:
    """Interrupt the block after so many seconds, as if somebody had pressed Ctrl-C, and raise `TookTooLong`.

    Only the main thread, in which cells run, can be interrupted; in another one there is no limit.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    lock = threading.Lock()
    over = fired = False

    def fire() -> None:
        nonlocal fired
        with lock:
            if not over:
                fired = True
                _thread.interrupt_main()

    timer = threading.Timer(seconds, fire)
    timer.daemon = True
    timer.start()
    try:
        try:
            yield
        finally:
            with lock:
                over = True
            timer.cancel()
            if fired:
                for _ in range(10_000):  # an interrupt that is on its way arrives here, and not behind the block
                    pass
    except KeyboardInterrupt:
        if fired:
            raise TookTooLong from None
        raise
