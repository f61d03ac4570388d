"""Missions: tasks of the control room, one sentence with a number each, and whether they are won.

Their words stand in `missions.toml`, what must be true in `checks`. The answer to a mission is what was done in the
room: a scenario that anybody can run. What is solved is kept with the learner's progress.
"""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import msgspec

from eventlab.control_room.checks import CHECKS
from eventlab.control_room.evidence import Evidence
from eventlab.errors import Invalid, unknown
from eventlab.lessons.judging import progress

FILE = Path(__file__).parent / "missions.toml"
FEW = 12  # flights


class Mission(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One mission. `rooms` names the architectures that it needs, `flights` says how many: "few" or "many"."""

    id: str
    level: int
    flights: str
    rooms: tuple[str, ...]
    text: str
    goal: float
    measure: str
    hints: tuple[str, ...]
    explains: str

    @property
    def key(self) -> str:
        """What the learner's progress calls it."""
        return f"control room {self.id}"

    def judge(self, found: Evidence) -> dict[str, Any]:
        """How far it has come: the value, whether it is won, and what is to be said of it."""
        value, against = CHECKS[self.id](found)
        won = value >= self.goal and not against
        text = self.explains if won else against if value >= self.goal else ""
        return {"id": self.id, "value": value, "goal": self.goal, "won": won, "text": text}


@lru_cache(maxsize=1)
def missions() -> dict[str, Mission]:
    """All missions by their ids, from easy to hard."""
    said = tomllib.loads(FILE.read_text("utf-8"))
    try:
        found = [msgspec.convert({"id": id, **fields}, Mission) for id, fields in said.items()]
    except msgspec.ValidationError as error:
        raise Invalid("mission", where=FILE.name, expected="the fields of a mission", found=str(error)) from error
    if {mission.id for mission in found} != set(CHECKS):
        raise Invalid("missions", where=FILE.name, expected=", ".join(CHECKS), found=list(said))
    return {mission.id: mission for mission in sorted(found, key=lambda mission: mission.level)}


def fitting(names: Sequence[str], flights: int) -> list[Mission]:
    """The missions that can be won in a room with these architectures and so many flights."""
    size = "few" if flights <= FEW else "many"
    return [each for each in missions().values() if each.flights == size and set(each.rooms) <= set(names)]


def as_plain(chosen: Sequence[Mission]) -> list[dict[str, Any]]:
    """Missions as the page knows them."""
    solved = progress.read().solved
    return [
        {
            "id": each.id,
            "level": each.level,
            "text": each.text,
            "goal": each.goal,
            "measure": each.measure,
            "hints": len(each.hints),
            "solved": each.key in solved,
        }
        for each in chosen
    ]


def as_rows() -> list[dict[str, str]]:
    """A row for each mission, to be shown as a table in a notebook."""
    solved = progress.read().solved
    return [
        {
            "level": str(each.level),
            "mission": each.text,
            "room": ("few flights: " if each.flights == "few" else "many flights: ") + "; ".join(each.rooms),
            "solved": "yes" if each.key in solved else "",
        }
        for each in missions().values()
    ]


def named(id: object) -> Mission:
    """The mission with this id."""
    found = missions().get(id) if isinstance(id, str) else None
    if found is None:
        raise unknown("mission", id, missions(), where="the control room")
    return found
