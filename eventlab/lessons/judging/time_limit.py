"""A limit in real time: code that never ends is interrupted, so that the notebook stays usable."""

from __future__ import annotations

import _thread
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager


class TookTooLong(Exception):
    """The limit was reached."""


def _interrupt() -> None:
    """Interrupt the main thread, also while it waits for the system."""
    main = threading.main_thread().ident
    if sys.platform != "win32" and main is not None:
        signal.pthread_kill(main, signal.SIGINT)
    else:
        _thread.interrupt_main()


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
                _interrupt()

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
