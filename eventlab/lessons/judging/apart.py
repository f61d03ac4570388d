"""Run what may never end in a process of its own, a fork of this one, which can be ended whatever it does.

Linux only: on Windows there is no fork, and on macOS a fork of a process with threads may crash in the system's own
libraries. What runs apart sees everything that is here, and changes nothing of it.
"""

from __future__ import annotations

import builtins
import gc
import os
import signal
import sys
import time
import warnings
from collections.abc import Callable, Iterable
from dataclasses import dataclass

CAN_FORK = sys.platform == "linux"
MEMORY = 1 << 30  # bytes that it may take beyond what there is
PATIENCE = 3  # as long again, so often at most, for what stands in line for a processor on a busy machine
LARGEST = 1 << 26  # bytes of all that it says
HEAD = 8  # bytes before each message: its length; after the last one comes the length 0


@dataclass(frozen=True)
class Heard:
    """What was said: the last message if there was any, and how it ended: "done", "late" or "gone"."""

    last: bytes | None
    end: str


def run_apart(work: Callable[[], Iterable[bytes]], seconds: float) -> Heard:
    """Let `work` say something in a process of its own, for so many seconds of real time at most.

    What it stands in line for a processor does not count: on a busy machine it is waited for, up to four times as long.
    """
    hear, say = os.pipe()
    mask = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})  # an interrupt waits until the child can be ended
    try:
        child = _fork()
        if child == 0:
            _be_the_child(work, hear, say, seconds)
        try:
            os.close(say)
            signal.pthread_sigmask(signal.SIG_SETMASK, mask)
            return _listen(hear, child, seconds)
        finally:
            signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
            _end(child)
    finally:
        os.close(hear)
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)


def _fork() -> int:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # threads of the notebook: the child uses nothing that they hold
        return os.fork()


def _end(child: int) -> None:
    """End the child and all that it has started."""
    try:
        os.killpg(child, signal.SIGKILL)
    except OSError:  # it has no group of its own yet
        os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)


def _stood_in_line(child: int) -> float:
    """Seconds in which the child could have gone on and had no processor, as far as the system says."""
    try:
        with open(f"/proc/{child}/schedstat", encoding="ascii") as file:
            return int(file.read().split()[1]) / 1e9
    except (OSError, ValueError, IndexError):
        return 0.0


def _listen(hear: int, child: int, seconds: float) -> Heard:
    """Read messages until the last one, the end of the child, or of its time on the clock that only runs forwards."""
    import select

    ready = select.poll()
    ready.register(hear, select.POLLIN)
    whole, last, begun = b"", None, time.monotonic()
    while (left := seconds + min(_stood_in_line(child), PATIENCE * seconds) - (time.monotonic() - begun)) > 0:
        if not ready.poll(left * 1000):
            continue
        part = os.read(hear, 1 << 16)
        if not part or len(whole) > LARGEST:
            return Heard(last, "gone")
        whole += part
        while len(whole) >= HEAD and len(whole) >= HEAD + (length := int.from_bytes(whole[:HEAD])):
            if not length:
                return Heard(last, "done")
            last, whole = whole[HEAD : HEAD + length], whole[HEAD + length :]
    return Heard(last, "late")


# In the child ---------------------------------------------------------------------------------------------------------


def _be_the_child(work: Callable[[], Iterable[bytes]], hear: int, say: int, seconds: float) -> None:
    """Do the work and end, without anything that Python does at its end. Never returns."""
    me = os.getpid()
    try:
        os.close(hear)
        _settle(seconds)
        for message in work():
            _say(say, message, me)
        _say(say, b"", me)
    finally:
        os._exit(0)


def _say(say: int, message: bytes, me: int) -> None:
    if os.getpid() != me:
        os._exit(0)  # a process that the work itself has forked says nothing
    left = len(message).to_bytes(HEAD) + message
    while left:
        left = left[os.write(say, left) :]


def _settle(seconds: float) -> None:
    """Let go of what belongs to the notebook: its signals, its terminal, its objects; and set limits."""
    import resource

    gc.freeze()  # objects of the notebook, such as open connections, are not collected here
    os.setsid()
    signal.set_wakeup_fd(-1)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    for number in (signal.SIGALRM, signal.SIGTERM, signal.SIGCHLD):
        signal.signal(number, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_SETMASK, set())
    signal.alarm(int(seconds * (1 + PATIENCE)) + 2)  # should nobody be there any more to end it
    _limit(resource.RLIMIT_CORE, 0)
    _limit(resource.RLIMIT_CPU, int(seconds) + 2)
    with open("/proc/self/statm", encoding="ascii") as file:
        _limit(resource.RLIMIT_AS, int(file.read().split()[0]) * resource.getpagesize() + MEMORY)
    _close_the_doors()


def _limit(what: int, most: int) -> None:
    import resource

    _, hard = resource.getrlimit(what)
    most = most if hard == resource.RLIM_INFINITY else min(most, hard)
    resource.setrlimit(what, (most, most))


def _close_the_doors() -> None:
    """Nobody can be asked, and what is shown or written past Python goes nowhere."""
    nowhere = os.open(os.devnull, os.O_RDWR)
    for number in (0, 1, 2):
        os.dup2(nowhere, number)
    sys.stdin = open(os.devnull, encoding="utf-8")  # noqa: SIM115 - for the rest of its life
    builtins.input = _nobody_answers
    if "IPython" in sys.modules:
        from IPython.core.displaypub import CapturingDisplayPublisher
        from IPython.core.interactiveshell import InteractiveShell

        if InteractiveShell.initialized():
            InteractiveShell.instance().display_pub = CapturingDisplayPublisher()


def _nobody_answers(prompt: object = "", /) -> str:
    raise EOFError("nobody can answer an input() while your code is checked")
