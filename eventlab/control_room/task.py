"""The mission that is being tried in a room: looked at where the clock stands, never ahead of it."""

from __future__ import annotations

import time
from typing import Any

from eventlab.control_room.ahead import Ahead
from eventlab.control_room.evidence import evidence
from eventlab.control_room.missions import Mission, named
from eventlab.lessons.judging import progress

LIGHT = 20  # a look may take a twentieth of the time: after one that took long, the next ones are left out


class Task:
    """One mission at a time; what is found is told when it has changed. `stale`: there may be something new to see."""

    def __init__(self, ahead: Ahead) -> None:
        self.ahead = ahead
        self.mission: Mission | None = None
        self.stale = False
        self._said: dict[str, Any] = {}
        self._hinted: dict[str, int] = {}
        self._next = 0.0

    def begin(self, id: object) -> None:
        """Try this mission from now on; None: no mission."""
        self.mission = None if id is None else named(id)
        self._said, self._next, self.stale = {}, 0.0, self.mission is not None

    def hint(self, id: object) -> None:
        """Tell the next hint; after the last one the first comes again."""
        mission = named(id)
        number = self._hinted.get(mission.id, 0) % len(mission.hints)
        self._hinted[mission.id] = number + 1
        text, of = mission.hints[number], len(mission.hints)
        self.ahead.tell({"kind": "hint", "id": mission.id, "n": number + 1, "of": of, "text": text})

    def look(self) -> bool:
        """Judge what has happened up to the clock, if it is time to; whether nothing is left to look at."""
        if self.mission is None or not self.stale:
            return True
        if not self.ahead.has_come():
            return False
        begun = time.monotonic()
        if begun < self._next and self.ahead.head < self.ahead.end:
            return True  # until the page has played on
        self.stale = False
        found = evidence(self.ahead.leading, self.ahead.acts, self.ahead.head, self.ahead.end)
        said = self.mission.judge(found)
        if said != self._said:
            self._said = said
            self.ahead.tell({"kind": "mission", **said})
        if said["won"]:
            progress.note_attempt(self.mission.key, True)
            self.mission = None
        took = time.monotonic() - begun
        self._next = begun + LIGHT * took if took > 0.05 else 0.0
        return True
