"""Points in time and durations: seconds and clock times outside, whole nanoseconds inside.

A duration is a number of seconds. A point in time (`When`) is a number of seconds since the simulation began, a clock
time such as "15:00", or an `Instant`; a bare number is never taken for nanoseconds.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from numbers import Real
from re import fullmatch

from eventlab.errors import Invalid

SECOND = 1_000_000_000
DAY = 86_400 * SECOND
YEAR = 365 * 86_400  # seconds


class Instant(int):
    """A point in time: nanoseconds since 1970 (UTC), as `Event.time` and `Record.at` hold it.

    `Instant(record.at)` makes one of a record's number; adding nanoseconds gives another one. It shows itself as a
    clock in UTC would (`clock`), in messages too; `int(…)` is its number.
    """

    __slots__ = ()

    @property
    def clock(self) -> str:
        """What a clock in UTC shows: "2013-02-08 14:30:00 UTC"; near zero, where runs begin, how much has passed."""
        whole, rest = divmod(int(self), SECOND)
        if not 0 <= whole < 200 * YEAR:
            return f"{int(self)} ns"
        passed, part = timedelta(seconds=whole), f".{rest:09}".rstrip("0") if rest else ""
        return f"{passed}{part}" if whole < YEAR else f"{datetime(1970, 1, 1) + passed}{part} UTC"

    def __repr__(self) -> str:
        return self.clock

    __str__ = int.__repr__

    def __add__(self, nanoseconds: int) -> Instant:
        return type(self)(int(self) + nanoseconds)

    __radd__ = __add__

    def __sub__(self, other: int) -> int:
        difference = int(self) - other
        return difference if isinstance(other, Instant) else type(self)(difference)


LONGEST = 10**9 * SECOND  # nanoseconds: what is multiplied grows no further

When = float | str | Instant
NUMBERS = (int, float, Real)  # the usual ones first: they are soon found


def nanoseconds(seconds: float) -> int:
    """Simulated seconds as the kernel's integer nanoseconds; a negative or unending duration raises `Invalid`."""
    if _counts(seconds):
        return round(float(seconds) * SECOND)
    raise Invalid("duration", where="simulated time", expected="0 to 1e9 seconds", found=seconds)


def _counts(seconds: object) -> bool:
    """Whether it is a number of seconds that simulated time counts, whoever made it: numpy's numbers too."""
    return isinstance(seconds, NUMBERS) and seconds.__class__ is not bool and 0 <= seconds < 1e9  # type: ignore[operator]


def instant(when: When, begin: int) -> int:
    """The nanoseconds of a point in time, in a simulation that began at the instant `begin`.

    A clock time is that of the day on which it began, in UTC: in a simulation that began at 0, "00:01:05" is 65 s.
    """
    if isinstance(when, Instant):
        return int(when)
    if isinstance(when, str):
        found = fullmatch(r"([0-9]{1,2}):([0-5][0-9])(?::([0-5][0-9]))?", when)
        if found:
            hours, minutes, seconds = (int(part or 0) for part in found.groups())
            return begin - begin % DAY + (hours * 3600 + minutes * 60 + seconds) * SECOND
    elif _counts(when):
        return begin + round(float(when) * SECOND)
    expected = 'seconds since the beginning (0 to 1e9), a clock time such as "15:00", or an Instant'
    raise Invalid("point in time", where="simulated time", expected=expected, found=when)
