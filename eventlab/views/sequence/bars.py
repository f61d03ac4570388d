"""Bars on lifelines: from when to when a service worked on a message, or waited for an answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from eventlab.stage import Stage
from eventlab.trace import Record
from eventlab.views.drawing.records import WORK
from eventlab.views.sequence.parts import Bar

ANSWERS = ("reply", "refusal")


def bars_of(
    records: Sequence[Record], places: Mapping[int, float], lanes: Mapping[str, float], stage: Stage
) -> dict[int, list[Bar]]:
    """The bars by the index of the record at which each is over: work first, so that waiting lies above it."""
    waits: dict[str, tuple[str, float]] = {}
    works: dict[tuple[str, str], float] = {}
    ends: dict[tuple[str, str], int] = {}
    found: dict[int, list[Bar]] = {}
    for record in records:
        message, y = record.message, places.get(record.index)
        if message is None or y is None or record.where in stage.people:
            continue
        if record.kind == "received" and record.purpose in WORK and record.where not in stage.buses:
            works.setdefault((record.where, message.id), y)
        elif record.kind == "sent":
            _note_work(record, works, ends)
            if record.purpose == "request":
                waits[message.id] = (record.where, y)
        answered = record.kind == "received" and record.purpose in ANSWERS
        asked = message.causationid if answered else message.id if record.kind == "expired" else ""
        if asked in waits and waits[asked][0] == record.where:
            where, begin = waits.pop(asked)
            _add(found, record.index, "waits", lanes[where], begin, y)
    for (where, id), index in ends.items():
        _add(found, index, "works", lanes[where], works[where, id], places[index])
    return found


def _note_work(record: Record, works: Mapping[tuple[str, str], float], ends: dict[tuple[str, str], int]) -> None:
    """What a service sends because of a message belongs to its work on it."""
    if record.message is not None:
        for id in (record.message.causationid, record.message.id):
            if (record.where, id) in works:
                ends[record.where, id] = record.index


def _add(found: dict[int, list[Bar]], index: int, kind: str, x: float, y1: float, y2: float) -> None:
    if y2 > y1:
        its = found.setdefault(index, [])
        its.append({"part": f"b{index}.{len(its)}", "kind": kind, "x": x, "y1": y1, "y2": y2})
