"""A page as tests play it: it keeps what is told, and forgets what an act makes void."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from eventlab.airports.scenario import Scenario
from eventlab.control_room.session import Session


class Page:
    """Drives a session to its end and keeps the tracks and motions of each architecture."""

    def __init__(self, scenario: Scenario, architectures: Sequence[Any], *, idles: bool = True, **options: Any) -> None:
        self.session = Session(scenario, architectures, **options)
        if not idles:  # nothing is computed but what is asked for
            self.session.ahead.idle = lambda deadline: True  # type: ignore[method-assign]
        self.session.tell = self.hear
        self.heard: list[dict[str, Any]] = []
        self.run = 0
        number = len(architectures)
        self.tracks: list[dict[str, list[list[Any]]]] = [{} for _ in range(number)]
        self.motions: list[dict[Any, list[Any]]] = [{} for _ in range(number)]
        self.until = [0.0] * number

    def hear(self, message: dict[str, Any]) -> None:
        self.heard.append(message)
        if message["kind"] == "forked":
            self.run = message["run"]
            self._forget(message["at"])
        elif message["kind"] == "told" and message["run"] == self.run:
            a = message["a"]
            for name, steps in message["tracks"].items():
                self.tracks[a].setdefault(name, []).extend(steps)
            self.motions[a] |= {motion[2]: motion for motion in message["motions"]}
            self.until[a] = message["until"]

    def _forget(self, at: float) -> None:
        for a, tracks in enumerate(self.tracks):
            for steps in tracks.values():
                steps[:] = [step for step in steps if step[0] <= at]
            self.motions[a] = {packet: motion for packet, motion in self.motions[a].items() if motion[0] <= at}
            for motion in self.motions[a].values():
                if motion[1] is not None and motion[1] > at:
                    motion[1] = None
            self.until[a] = min(self.until[a], at)

    def say(self, kind: str, **fields: Any) -> list[dict[str, Any]]:
        """A message to the kernel; what it answers at once."""
        before = len(self.heard)
        self.session.hear({"kind": kind, **fields})
        return self.heard[before:]

    def play(self, at: float, ahead: float = 600_000) -> None:
        """Play up to a moment, and let the kernel compute ahead."""
        self.say("want", at=at, until=at + ahead)
        while self.session.work(1.0):
            pass

    def steps(self, a: int) -> dict[str, list[list[Any]]]:
        """The tracks as step functions: of one moment the last value, and no value twice."""
        found: dict[str, list[list[Any]]] = {}
        for name, steps in self.tracks[a].items():
            of_moment = dict(map(tuple, steps))  # type: ignore[arg-type]
            kept = found.setdefault(name, [])
            for moment, value in of_moment.items():
                if not kept or kept[-1][1] != value:
                    kept.append([moment, value])
        return found

    def said(self) -> list[str]:
        return [message["text"] for message in self.heard if message["kind"] == "said"]

    def cell(self) -> dict[str, Any]:
        """The cell that makes the same runs, with their digests."""
        self.say("cell")
        while self.session.work(5.0):
            pass
        return [message for message in self.heard if message["kind"] == "cell"][-1]
