"""09.1: rows that fell out of their order, which is only in their causes and versions."""

from __future__ import annotations

from typing import Any

from eventlab.lessons.judging.model import Case, Mistake
from eventlab.lessons.judging.prose import read_exercise

LOOSE = (
    ("A", "passengers.rebooked", "rebooking-7", "passengers-EV1", 1, "operations-41"),
    ("B", "flight.delayed", "operations-38", "flight-EV1", 2, "airlines-3"),
    ("C", "flight.cancelled", "operations-41", "flight-EV1", 3, "airlines-5"),
    ("D", "gate.changed", "gates-20", "gate-EV1", 2, "operations-38"),
    ("E", "flight.scheduled", "operations-12", "flight-EV1", 1, "airlines-1"),
    ("F", "gate.released", "gates-22", "gate-EV1", 3, "operations-41"),
    ("G", "gate.assigned", "gates-9", "gate-EV1", 1, "operations-12"),
)


def loose() -> list[dict[str, object]]:
    """The rows of exercise 09.1, which fell out of their order."""
    return [dict(zip(("row", "type", "id", "stream", "version", "caused by"), row, strict=True)) for row in LOOSE]


def judge(answer: Any, case: Case) -> None:
    """Every row once; a stream's versions rise; a cause stands before what it led to."""
    letters = answer.split() if isinstance(answer, str) else list(answer)
    rows = {row[0]: row for row in LOOSE}
    for letter in rows:
        if letters.count(letter) != 1:
            raise Mistake(
                f"Row {letter} stands {letters.count(letter)} times in your answer: each of the rows {', '.join(rows)} "
                "must be there once."
            )
    if unknown := [letter for letter in letters if letter not in rows]:
        raise Mistake(f"There is no row {unknown[0]!r}; the rows are {', '.join(rows)}.")
    place = {rows[letter][2]: (number, letter) for number, letter in enumerate(letters)}
    for number, letter in enumerate(letters):
        _, type, _, stream, version, cause = rows[letter]
        if cause in place and place[cause][0] > number:
            raise Mistake(
                f"{type} ({letter}) stands before {rows[place[cause][1]][1]} ({place[cause][1]}), which caused it: an "
                "effect before its cause."
            )
        for later in letters[number + 1 :]:
            if rows[later][3] == stream and rows[later][4] < version:
                raise Mistake(
                    f"In the stream {stream}, version {version} ({letter}) stands before version {rows[later][4]} "
                    f"({later}): a stream is read in the order of its versions."
                )


EXERCISE = read_exercise("09.1", judge, "E G B D C A F", runs=1)
