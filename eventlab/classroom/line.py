"""One exercise of one student: what all pages and tables of a class are made from."""

from __future__ import annotations

import msgspec

from eventlab.classroom.answers import Found
from eventlab.classroom.judge import Result


class Line(msgspec.Struct):
    """One exercise of one student: what was found, what it is worth, and what there is to say about it."""

    student: str
    exercise: str
    most: float
    found: Found
    result: Result
    points: float = 0.0
    notes: list[str] = []
