"""A limit for where there is no fork: what never ends is interrupted again and again until it is left.

Where there are no threads either, as in a browser, Python itself counts calls and jumps, and looks at the clock.
"""

from __future__ import annotations

import _thread
import gc
import signal
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from types import CodeType, FrameType
from typing import Any, TypeVar

AGAIN = 0.02  # seconds between two interrupts
PATIENCE = 2  # times the limit, in real time: for work that waits, or that others on a busy machine keep from working
CAN_START_THREADS = sys.platform != "emscripten"
SLOWER = 1 if CAN_START_THREADS else 6  # a browser takes longer for the same, and each jump is counted there
STEPS = 500  # calls and jumps between two looks at the clock: some thousandths of a second
LIBRARIES = (str(Path(__file__).parents[2]), str(Path(threading.__file__).parent), "<frozen")  # not the learner's
Result = TypeVar("Result")


class TookTooLong(BaseException):
    """The limit was reached. No `Exception`, so that services and handlers do not take it for a failure of theirs."""


def limited(work: Callable[[], Result], seconds: float) -> Result:
    """Do the work; after so many seconds interrupt it, as Ctrl-C would, until it is left, and raise `TookTooLong`.

    They are seconds of processor time, or twice as many of real time; in a browser, of real time.
    Afterwards interrupts, and how deep calls may go, are as they were. Only in the main thread, in which cells run, is
    there a limit; one call into C that takes long is waited for, and work that ignores interrupts is not ended.
    """
    if not CAN_START_THREADS:
        return _counted(work, seconds)
    if threading.current_thread() is not threading.main_thread():
        return work()
    over, late = threading.Event(), threading.Event()
    before, deep, traced = signal.getsignal(signal.SIGINT), sys.getrecursionlimit(), sys.gettrace()
    watcher = threading.Thread(target=_watch, args=(seconds, over, late), daemon=True)
    signal.signal(signal.SIGINT, _handler(late, before))
    try:
        watcher.start()
        return _inside(work)
    except KeyboardInterrupt:
        if late.is_set():  # a simulation holds interrupts back, and then raises this one
            raise TookTooLong from None
        raise
    finally:
        over.set()
        watcher.join()
        sys.settrace(traced)
        sys.setrecursionlimit(deep)
        signal.signal(signal.SIGINT, before)


def _counted(work: Callable[[], Result], seconds: float) -> Result:
    """The same where no thread can watch: `TookTooLong` is raised at the calls and jumps of work that is late."""
    monitoring: Any = getattr(sys, "monitoring", None)  # from Python 3.12 on
    number = next((n for n in range(6) if monitoring is not None and monitoring.get_tool(n) is None), None)
    if number is None:
        return work()
    events = monitoring.events.PY_START | monitoring.events.PY_RESUME | monitoring.events.JUMP
    deep, look = sys.getrecursionlimit(), _clock(time.monotonic() + seconds)
    said, told = sys.stdout, sys.stderr  # what gives them back may be interrupted too
    monitoring.use_tool_id(number, "time limit")
    try:
        for event in (monitoring.events.PY_START, monitoring.events.PY_RESUME, monitoring.events.JUMP):
            monitoring.register_callback(number, event, look)
        monitoring.set_events(number, events)
        return _inside(work)
    finally:
        monitoring.set_events(number, 0)
        monitoring.free_tool_id(number)
        sys.stdout, sys.stderr = said, told
        sys.setrecursionlimit(deep)


def _clock(until: float) -> Callable[..., None]:
    """What is called at each call and jump, and looks at the clock now and then.

    Once it is late, every step of the learner's own code raises; in ours and Python's, one now and then, so that what
    they have to put back is put back.
    """
    left, late = STEPS, False

    def look(code: CodeType, *where: object) -> None:
        nonlocal left, late
        left -= 1
        if left > 0 and not (late and not code.co_filename.startswith(LIBRARIES)):
            return
        left = STEPS
        late = late or time.monotonic() >= until
        if late and _is_inside(sys._getframe(1)):
            raise TookTooLong

    return look


def _watch(seconds: float, over: threading.Event, late: threading.Event) -> None:
    """Interrupt the work when it is late, until it is over."""
    worked, waited = time.process_time() + seconds, time.monotonic() + PATIENCE * seconds

    def left() -> float:
        return min(worked - time.process_time(), waited - time.monotonic())

    while not over.wait(AGAIN if late.is_set() else max(AGAIN, left())):
        if late.is_set() or left() <= 0:
            late.set()
            _interrupt()


def _handler(late: threading.Event, before: Any) -> Callable[[int, FrameType | None], None]:
    """What an interrupt leads to: `TookTooLong` in work that is late, else what it led to before."""

    def interrupted(number: int, frame: FrameType | None) -> None:
        if late.is_set():
            if frame is not None and _is_inside(frame):
                frame.f_trace = _again
                sys.settrace(_again)
                raise TookTooLong
        elif callable(before):
            before(number, frame)

    return interrupted


def _again(frame: FrameType, event: str, found: object) -> Any:
    """Raise it once more in the next line: an `except` that caught the first one is left by the second."""
    if event == "line" and _is_inside(frame):
        raise TookTooLong
    return _again


def _inside(work: Callable[[], Result]) -> Result:
    return work()


def _is_inside(frame: FrameType | None) -> bool:
    """Whether the work is going on: an interrupt that comes when it has just been left must harm nobody.

    Nor what others have Python call while it collects rubbish: there it would be swallowed.
    """
    aside = [getattr(call, "__code__", None) for call in gc.callbacks]
    while frame is not None and frame.f_code is not _inside.__code__:
        if frame.f_code in aside:
            return False
        frame = frame.f_back
    return frame is not None


def _interrupt() -> None:
    """Interrupt the main thread, also while it waits for the system."""
    main = threading.main_thread().ident
    if sys.platform != "win32" and main is not None:
        signal.pthread_kill(main, signal.SIGINT)
    else:
        _thread.interrupt_main()
