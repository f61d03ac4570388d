"""Numbers, lists, times and values in words: "3 messages", "a, b and c", "twice", "1.25 s"."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from math import isfinite
from typing import Any

from eventlab.door import door
from eventlab.errors import shown
from eventlab.stage import Stage
from eventlab.views.drawing.text import plain

SECONDS_PER_MINUTE, MINUTES_PER_HOUR = 60, 60


def number(value: float) -> str:
    """A value in as many digits as people compare: "1,234", "12.3", "0.05"; "no number" where there is none."""
    if value != value:
        return "no number"
    if not isfinite(value):
        return "∞" if value > 0 else "−∞"
    if abs(value) >= 10**7:
        return f"{value / 1e6:,.0f} million" if abs(value) < 10**9 else f"{value / 1e9:,.4g} bn"
    if abs(value) >= 1000 or value == round(value):
        return f"{value:,.0f}"
    return f"{value:.3g}"


def counted(count: int, one: str, many: str = "") -> str:
    """A number with its noun: "1 row", "24 rows", "2 copies" for counted(2, "copy", "copies")."""
    return f"{count:,} {one if count == 1 else many or f'{one}s'}"


def listed(names: Sequence[str], most: int | None = None) -> str:
    """The names as a sentence says them: "a", "a and b", "a, b and c"; beyond `most`, "a, b and 3 more"."""
    if most is not None and len(names) > most:
        return f"{', '.join(names[:most])} and {len(names) - most:,} more"
    return f"{', '.join(names[:-1])} and {names[-1]}" if len(names) > 1 else "".join(names)


def one(word: str) -> str:
    """The word with its article: "a flight", "an order"."""
    return f"{'an' if word[:1] in tuple('aeiou') else 'a'} {word}"


def times(count: int) -> str:
    """How often: "once", "twice", "3 times"."""
    return {1: "once", 2: "twice"}.get(count, f"{count:,} times")


WRONG = {"expired": "not answered", "dead": "given up"}  # what went wrong, where the record's own word is another


def tally(count: int, wrong: int, kinds: Iterable[str]) -> str:
    """How many, and how many of these went wrong: "9", "9, 1 lost", "60, all refused", "63, 61 wrong".

    "Wrong" stands for several kinds. That somebody waited in vain ("expired") is said only where nothing else is
    known to have gone wrong.
    """
    if not wrong:
        return f"{count:,}"
    words = list(dict.fromkeys(kind.split()[-1] for kind in kinds))
    if wrong > count:  # one message may fail at several tries
        return f"{count:,}, {counted(wrong, 'failure')}"
    certain = [word for word in words if word != "expired"] or words
    word = WRONG.get(certain[0], certain[0]) if len(certain) == 1 else "wrong"
    return f"{count:,}, {'all' if 1 < count == wrong else f'{wrong:,}'} {word}"


def ordinal(place: int) -> str:
    """The place in a row: "1st", "2nd", "13th"."""
    teens = 10 < place % 100 < 14
    return f"{place}{'th' if teens else {1: 'st', 2: 'nd', 3: 'rd'}.get(place % 10, 'th')}"


def sentence_case(text: str) -> str:
    """The text with a capital at its begin; the rest stays as it is."""
    return text[:1].upper() + text[1:]


def duration(nanoseconds: float) -> str:
    """A duration in the unit that fits: "12 ms", "1.25 s", "3 min", "2 h 05", "2 h"."""
    seconds = nanoseconds / 1e9
    if seconds < 1:
        return f"{seconds * 1000:.3g} ms" if seconds < 0.01 else f"{seconds * 1000:.0f} ms"
    if seconds < 59.5:
        return f"{seconds:.3g} s"
    minutes = round(seconds / SECONDS_PER_MINUTE)
    if minutes < MINUTES_PER_HOUR:
        return f"{minutes} min"
    hours, minutes = divmod(minutes, MINUTES_PER_HOUR)
    return f"{hours} h {minutes:02d}" if minutes else f"{hours} h"


@door
def clock(instant: int, stage: Stage, *, fine: bool = False) -> str:
    """What the clocks of a stage show at an instant: "07:32", or "07:32:21.350" if `fine`."""
    return stage.clock(instant, fine=fine)


def period(begin: int, end: int, stage: Stage) -> str:
    """From when until when: "07:30–08:15", with seconds where the minutes do not tell them apart."""
    since, until = stage.clock(begin), stage.clock(end)
    if since == until:
        since, until = (stage.clock(at, fine=True).split(".")[0] for at in (begin, end))
    return f"{since}–{until}"


def told(value: Any, stage: Stage, *fields: str) -> str:
    """A value in words: lists and dictionaries without their brackets, instants as clock times.

    A number is an instant if one of the `fields` in which it stands is one of the stage's `instants`.
    """
    try:
        return _told(value, stage, *fields)
    except Exception:  # of somebody's own class, or too deep
        return plain(shown(value))


def _told(value: Any, stage: Stage, *fields: str) -> str:
    if value is None or value == "":
        return "nothing"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int) and any(field in stage.instants for field in fields):
        return stage.clock(value)
    if isinstance(value, Mapping):
        return ", ".join(f"{key} {_told(item, stage, *fields, str(key))}" for key, item in value.items()) or "nothing"
    if isinstance(value, tuple | list):
        return ", ".join(_told(item, stage, *fields) for item in value) or "nothing"
    return plain(value)
