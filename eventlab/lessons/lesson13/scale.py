"""What changes at ten, a thousand, a million events a second, computed from what was measured; and a decision's record.

The rates are those of one machine with two cores and nothing else to do; the prices are assumed, for you to replace.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict
from math import ceil, isfinite
from typing import Any

from eventlab.lessons.lesson13.kept import busy, measured_on, rates
from eventlab.views import Prose

PLACES = (10, 1_000, 1_000_000)  # events a second
COPIES, DAY, HOURS = 3, 86_400, 730  # nodes of a cluster, seconds, hours of a month
PRICES = {"a machine's hour": 0.10, "a GB for a month": 0.10}  # in dollars; assumed, not measured
Partitions = Callable[[int, int, int], Any]


def room(events: float, days: float, copies: int = COPIES) -> float:
    """GB of so many events a second, kept for so many days on so many nodes."""
    return events * rates().stored * DAY * days * copies / 1e9


def processes(events: int) -> int:
    """How many processes handle so many events a second, and one more that may die."""
    return ceil(events / rates().handled) + 1


def machines(events: int) -> int:
    """The nodes of as many clusters as carry it, and the processes, each on a machine of its own."""
    return COPIES * ceil(events / rates().carried) + processes(events)


def dollars(events: int, days: float, prices: Mapping[str, float] = PRICES) -> float:
    """What it costs in a month."""
    hour, gigabyte = prices["a machine's hour"], prices["a GB for a month"]
    return machines(events) * HOURS * hour + room(events, days) * gigabyte


def sizes(partitions: Partitions, days: float = 7, prices: Mapping[str, float] = PRICES) -> list[dict[str, str]]:
    """What is needed at each rate; how many partitions, says your function."""
    found = []
    for events in PLACES:
        asked = partitions(events, rates().carried, rates().handled)
        found.append(
            {
                "events a second": f"{events:,}",
                "partitions": _whole(asked),
                "processes": f"{processes(events):,}",
                "machines": f"{machines(events):,}",
                f"GB in {days:g} days": f"{room(events, days):,.0f}",
                "dollars a month": f"{dollars(events, days, prices):,.0f}",
            }
        )
    return found


def _whole(asked: Any) -> str:
    known = isinstance(asked, int | float) and isfinite(asked)
    return f"{ceil(asked):,}" if known else "not a number"


def first_limit(events: int) -> str:
    """Which of what was measured is the first that is too small, in words."""
    measured = {
        "one append after the other, in one PostgreSQL": rates().appended,
        "one process that handles": rates().handled,
        "one stream that carries": rates().carried,
        "appends of 100, in one PostgreSQL": rates().appended_in_hundreds,
    }
    broken = [f"{name} ({rate:,} a second)" for name, rate in measured.items() if rate < events]
    return "Too small: " + "; ".join(broken) + "." if broken else "Everything measured is large enough."


def at(events: int, days: float) -> Prose:
    """One rate, kept for so many days, in words."""
    text = (
        f"**{events:,} events a second, kept for {days:g} days: {room(events, days):,.0f} GB, with {COPIES} copies; "
        f"{processes(events):,} processes, {machines(events):,} machines, {dollars(events, days):,.0f} dollars a "
        f"month.** {first_limit(events)}"
    )
    return Prose(text)


def measured() -> list[dict[str, str]]:
    """The rates that all this is computed from, and beside them those of the same machine when it was busy."""
    quiet, loaded = asdict(rates()), asdict(busy())
    words = {
        "carried": "published, 500 under way at a time",
        "confirmed": "published one by one, each confirmed",
        "handled": "handled by one process",
        "appended": "appended to PostgreSQL one by one",
        "appended_in_hundreds": "appended to PostgreSQL in hundreds",
    }
    return [
        {"events a second": says, measured_on(): f"{quiet[name]:,}", "busy with other work": f"{loaded[name]:,}"}
        for name, says in words.items()
    ]
