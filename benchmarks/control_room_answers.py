"""How long the control room's kernel takes until an act, or its undo, shows what it does, and until a room is ready.

Rooms of three sizes, acted in at the start, in the middle and near the end. What counts is the processor's time, so a
busy machine is no excuse; real time is shown beside it. What was told is looked up by the page alone: its jumps are
measured in `control_room`.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any

from benchmarks.control_room import BOSTON, THREE
from benchmarks.harness import Row, at_most
from eventlab.airports import Scenario
from eventlab.control_room.session import Session

EFFECT = 300.0  # milliseconds until an act shows what it does
SLICE = 0.02  # as the widget's
FAR = 600_000  # milliseconds ahead of the clock that a page asks for
SHARES = (0.05, 0.3, 0.5, 0.7, 0.95)  # of the room's span: where one acts
DEAR = (0.05, 0.5, 0.95)
ROOMS: dict[str, tuple[Callable[[], Session], tuple[float, ...]]] = {
    "morning": (lambda: Session(Scenario(flights=BOSTON, questions=1), THREE[:2]), SHARES),
    "67 flights": (lambda: Session(Scenario().leaving("15:00", "16:00"), THREE), SHARES),
    "an hour of all flights": (lambda: Session(Scenario(), THREE, since="14:00", until="15:00"), DEAR),
    "whole day": (lambda: Session(Scenario(), ("request-driven", "publish/subscribe")), DEAR),
}
Spent = tuple[float, float]  # seconds of the processor, and real ones


class Page:
    """Drives a session as the widget does, and knows up to where each architecture was told."""

    def __init__(self, make: Callable[[], Session]) -> None:
        self.begun = _now()
        self.session = make()
        self.until = [-1.0] * len(self.session.chosen)
        self.session.tell = self._hear
        self.end: float = self.session.setting["end"]
        self.session.hear({"kind": "hello"})

    def _hear(self, message: dict[str, Any]) -> None:
        json.dumps(message, ensure_ascii=False)  # as the widget does
        if message["kind"] == "told":
            self.until[message["a"]] = message["until"]
        elif message["kind"] == "forked":
            self.until = [min(each, message["at"]) for each in self.until]

    def until_told(self, at: float, message: dict[str, Any]) -> Spent:
        """Say something; what it takes until all architectures are told beyond a moment."""
        begun = _now()
        self.session.hear(message)
        while min(self.until) <= at and self.session.work(SLICE):
            pass
        return _since(begun)

    def stand(self, at: float) -> None:
        """Let the clock stand at a moment until nothing is left to do."""
        self.session.hear({"kind": "want", "at": at, "until": at + FAR})
        while self.session.work(SLICE):
            pass


def run(rounds: int) -> list[Row]:
    """Rows of each room, once: how long until it is told, and half and nearly all of acts and of undos."""
    return [row for name, (make, shares) in ROOMS.items() for row in _rows(name, make, shares)]


def _rows(name: str, make: Callable[[], Session], shares: tuple[float, ...]) -> list[Row]:
    page = Page(make)
    start = page.session.setting["start_at"]
    page.until_told(start, {"kind": "want", "at": start, "until": start + FAR})
    first = _since(page.begun)
    page.stand(start)
    ready = _since(page.begun)
    acts, undos = [], []
    for share in shares:
        at = round(share * page.end, 3)
        page.stand(at)
        acts.append(page.until_told(at, {"kind": "act", "verb": "stop", "target": "boards", "at": at}))
        page.stand(at)
        undos.append(page.until_told(at, {"kind": "undo"}))
    words = f"{first[0]:.1f} s of the processor ({first[1]:.0f} s), all of it {ready[0]:.0f} s ({ready[1]:.0f} s)"
    return [Row(f"{name}: first told", words), _row(f"{name}: act", acts), _row(f"{name}: undo", undos)]


def _row(name: str, spent: list[Spent]) -> Row:
    """The middle one and nearly the last, of the processor; the goal is for the latter."""
    processor, real = sorted(1000 * each[0] for each in spent), sorted(1000 * each[1] for each in spent)
    half, most = len(spent) // 2, round(0.95 * (len(spent) - 1))
    words = f"ms of the processor (p95; p50 {processor[half]:.0f}; real time {real[half]:.0f}, {real[most]:.0f})"
    return at_most(name, processor[most], EFFECT, words)


def _now() -> Spent:
    return time.process_time(), time.perf_counter()


def _since(begun: Spent) -> Spent:
    now = _now()
    return now[0] - begun[0], now[1] - begun[1]
