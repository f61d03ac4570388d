"""Tracks: what is shown through time, as step functions: a name, and a value from each moment on until the next one.

Moments are milliseconds since the begin of what is shown, in thousandths. What was before that begin counts at 0.
"""

from __future__ import annotations

from typing import Any

MILLISECOND = 1_000_000  # nanoseconds


def moment_of(instant: int, begin: int) -> float:
    """The milliseconds from the begin to an instant (nanoseconds), in thousandths; negative before it."""
    return round((instant - begin) / MILLISECOND, 3)


class Tracks:
    """Collects steps; a value that is the same as before is no step, and of one moment the last value counts."""

    def __init__(self, begin: int) -> None:
        self.begin = begin
        self.now: dict[str, Any] = {}  # the last value of each track
        self._new: dict[str, list[list[Any]]] = {}

    def moment(self, instant: int) -> float:
        """The page's moment of an instant."""
        return moment_of(instant, self.begin)

    def put(self, name: str, instant: int, value: Any) -> None:
        """From this instant on the track has this value, which is not changed any more."""
        if self.now.get(name) == value:
            return
        self.now[name] = value
        moment = moment_of(instant, self.begin) if instant > self.begin else 0.0
        steps = self._new.get(name)
        if steps is None:
            self._new[name] = [[moment, value]]
        elif steps[-1][0] == moment:
            steps[-1][1] = value
        else:
            steps.append([moment, value])

    def take(self) -> dict[str, list[list[Any]]]:
        """The steps since this was last asked."""
        new, self._new = self._new, {}
        return new
