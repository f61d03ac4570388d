"""What people get on an evening with meals: vouchers and dinners, counted against those who are owed one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from eventlab.lessons.lesson04.evening import Evening, cancellations, storm
from eventlab.trace import Trace
from eventlab.views import chart, table
from eventlab.views.drawing.picture import Picture
from eventlab.views.drawing.table import Table

HALF_HOURS = 36  # from 04:00 to 22:00


def missing(owed: Mapping[str, int], given: Mapping[str, Any]) -> int:
    """How many people are owed something that they were not given."""
    return sum(max(0, people - int(given.get(flight, 0))) for flight, people in owed.items())


def felt(evening: Evening) -> dict[str, int]:
    """How many people were stranded, and what went wrong for them."""
    owed = {flight: people for _, flight, people in cancellations()}
    vouchers, dinners = dict(evening.meals.state), dict(evening.kitchen.state)
    return {
        "people": sum(owed.values()),
        "without a voucher": missing(owed, vouchers),
        "vouchers too many": missing(vouchers, owed),
        "vouchers without a dinner": missing(vouchers, dinners),
        "dinners too many": missing(dinners, vouchers),
    }


def ledger(**evenings: Evening) -> Table:
    """A row of what people felt for each evening."""
    rows = [{"evening": name.replace("_", " "), **felt(each)} for name, each in evenings.items()]
    return table(rows, right=list(rows[0])[1:])


def ledger_chart(evening: Evening) -> Picture:
    """The day as curves: people who are owed a dinner, vouchers given, dinners cooked."""
    begin, step = storm().at("04:00"), 30 * 60 * 10**9
    instants = [begin + step * n for n in range(HALF_HOURS + 1)]
    owed = [sum(people for at, _, people in cancellations() if at <= until) for until in instants]
    series = {"people stranded": owed}
    for name, service in (("vouchers", "meals"), ("dinners", "kitchen")):
        series[name] = _sums(evening.trace, service, instants)
    last = {name: values[-1] for name, values in series.items()}
    title = ", ".join(f"{count:,} {name}" for name, count in last.items())
    return chart(title, x=instants, series=series, y_title="people", stage=storm().stage, text=f"At the end: {title}.")


def _sums(trace: Trace, service: str, instants: Sequence[int]) -> list[int]:
    """What a service had given by each instant, from the changes of its state."""
    changed = [(r.at, int(r.after or 0) - int(r.before or 0)) for r in trace.of("changed") if r.where == service]
    return [sum(change for at, change in changed if at <= until) for until in instants]
