"""Local clocks and instants: what a clock on the wall showed, and when that was.

An instant is an integer, nanoseconds since 1970 (UTC). On 3 November 2013 New York's clocks show the hour from one to
two twice; on 10 March they never show the hour from two to three.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from eventlab.errors import Invalid
from eventlab.times import Instant

SECOND = 1_000_000_000
MINUTE, HOUR = 60 * SECOND, 3600 * SECOND

FIRST, LAST = date(2013, 1, 1), date(2013, 12, 31)  # the days of the record

zone = lru_cache(ZoneInfo)  # "America/New_York" to its rules; on Windows the package tzdata brings them
NEW_YORK = zone("America/New_York")


class Local(Instant):
    """An instant that shows itself as New York's clocks do: "2013-02-08 15:02:00"."""

    __slots__ = ()

    @property
    def clock(self) -> str:
        """What New York's clocks show."""
        return f"{datetime.fromtimestamp(int(self) // SECOND, NEW_YORK):%Y-%m-%d %H:%M:%S}"


def instant(local: str, where: ZoneInfo = NEW_YORK) -> int:
    """The instant at which a clock shows `local`, such as "2013-02-08 15:02". Of two, the earlier one."""
    try:
        naive = datetime.fromisoformat(local)
    except (TypeError, ValueError):
        raise Invalid("local time", where="instant", expected="a text such as 2013-02-08 15:02", found=local) from None
    return int(naive.replace(tzinfo=where).timestamp()) * SECOND


def shown(instant: int, where: ZoneInfo = NEW_YORK) -> str:
    """What a clock shows at an instant: "2013-02-08 15:02"."""
    return f"{datetime.fromtimestamp(instant // SECOND, where):%Y-%m-%d %H:%M}"


def on(day: date, minutes: int, where: ZoneInfo = NEW_YORK, fold: int = 0) -> int:
    """The instant at which, on a day, the clock shows these minutes after midnight; `fold=1`: the second time."""
    local = datetime(day.year, day.month, day.day, minutes // 60, minutes % 60, tzinfo=where, fold=fold)
    return int(local.timestamp()) * SECOND


def following(minutes: int, where: ZoneInfo, earliest: int) -> int:
    """The first instant, at or after `earliest`, at which the clock shows these minutes after midnight.

    In the hour that occurs twice both are tried, in order. A time in the hour that does not occur is that of a clock
    which nobody has put forward yet: one arrival of that night is recorded like that.
    """
    today = datetime.fromtimestamp(earliest // SECOND, where).date()
    for day in (today, today + timedelta(days=1)):
        for fold in (0, 1):
            if (instant := on(day, minutes, where, fold)) >= earliest:
                return instant
    raise AssertionError("within a day a clock shows every time")


def day_of(day: str | date) -> date:
    """The day itself, such as "2013-02-08"; refuses one that is not in the record."""
    try:
        found = date.fromisoformat(day) if isinstance(day, str) else day
        if FIRST <= found <= LAST:
            return found
    except (TypeError, ValueError):
        pass  # not a day at all: refused like one that is not in the record
    raise Invalid("unknown day", where="the record", expected=f"a day from {FIRST} to {LAST}", found=str(day))


def days(start: str | date, end: str | date) -> list[date]:
    """Every day from one to another, both included."""
    first, last = day_of(start), day_of(end)
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]
