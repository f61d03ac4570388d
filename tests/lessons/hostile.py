"""Answers to 12.2 that nobody would wish for: each must end within the limit, and leave the next check right."""

from __future__ import annotations

import builtins
import os
import re
import signal
import sys
import threading
import time
from collections.abc import Callable
from typing import Any

Answer = Callable[[Any, Any], Any]


def swallows(figures: Any, bars: Any) -> Any:
    while True:
        try:  # noqa: SIM105 - as beginners write it
            int("no number")
        except:  # noqa: E722
            pass


def goes_on_at_the_end(figures: Any, bars: Any) -> Any:
    try:
        while True:
            pass
    finally:
        goes_on_at_the_end(figures, bars)


class Clinging:
    def __del__(self) -> None:
        while True:
            pass


def clings(figures: Any, bars: Any) -> Any:
    Clinging()


def matches_for_ever(figures: Any, bars: Any) -> Any:
    return re.match("(a+)+$", "a" * 60 + "b")


def computes_for_ever(figures: Any, bars: Any) -> Any:
    return 9**9**8


def adds_for_ever(figures: Any, bars: Any) -> Any:
    return sum(range(10**12))


def sleeps(figures: Any, bars: Any) -> Any:
    time.sleep(3600)


def asks(figures: Any, bars: Any) -> Any:
    return input("Which one?")


def takes_all_memory(figures: Any, bars: Any) -> Any:
    return [bytearray(1 << 28) for _ in range(1 << 20)]


def forks(figures: Any, bars: Any) -> Any:
    os.fork()
    while True:
        pass


def forks_and_leaves(figures: Any, bars: Any) -> Any:
    if os.fork():
        os._exit(0)
    time.sleep(3600)


def floods(figures: Any, bars: Any) -> Any:
    while True:
        print("x" * 1000)


def floods_past_python(figures: Any, bars: Any) -> Any:
    while True:
        os.write(1, b"x" * 1000)


def leaves(figures: Any, bars: Any) -> Any:
    sys.exit(3)


def leaves_at_once(figures: Any, bars: Any) -> Any:
    os._exit(0)


def interrupts(figures: Any, bars: Any) -> Any:
    raise KeyboardInterrupt


def kills_itself(figures: Any, bars: Any) -> Any:
    os.kill(os.getpid(), signal.SIGKILL)


def stops_itself(figures: Any, bars: Any) -> Any:
    os.kill(os.getpid(), signal.SIGSTOP)


def closes_everything(figures: Any, bars: Any) -> Any:
    os.closerange(0, 10_000)


def redirects(figures: Any, bars: Any) -> Any:
    sys.stdout = sys.stderr = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115
    return "none"


def patches(figures: Any, bars: Any) -> Any:
    from eventlab.lessons import Mistake
    from eventlab.lessons.judging import attempt
    from eventlab.sim import Sim

    Sim.run = Mistake.__init__ = attempt.mistake_in = lambda *_, **__: None  # type: ignore[assignment,method-assign,misc]
    builtins.sorted = builtins.len = lambda *_, **__: 0  # type: ignore[assignment,misc]
    return "none"


def ignores_signals(figures: Any, bars: Any) -> Any:
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGALRM):
        signal.signal(number, signal.SIG_IGN)
    signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())
    while True:
        pass


def starts_threads(figures: Any, bars: Any) -> Any:
    for _ in range(20):
        threading.Thread(target=swallows, args=(figures, bars)).start()
    return "none"


def goes_deep(figures: Any, bars: Any) -> Any:
    sys.setrecursionlimit(10**9)
    return goes_deep(figures, bars)


ENDLESS = (
    swallows, goes_on_at_the_end, clings, matches_for_ever, computes_for_ever, adds_for_ever, sleeps, forks, floods,
    floods_past_python, stops_itself, ignores_signals,
)  # fmt: skip
GONE = (leaves_at_once, kills_itself, closes_everything, forks_and_leaves)
OTHER = (asks, takes_all_memory, leaves, interrupts, redirects, patches, starts_threads, goes_deep)
ANSWERS: tuple[Answer, ...] = (*ENDLESS, *GONE, *OTHER)
