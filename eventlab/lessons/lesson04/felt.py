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
DUE = 10 * 60 * 10**9  # nanoseconds: who waits no longer than that lacks nothing yet


def missing(owed: Mapping[str, int], given: Mapping[str, Any]) -> int:
    """How many people are owed something that they were not given."""
    return sum(max(0, people - int(given.get(flight, 0))) for flight, people in owed.items())


def wrong(
    owed: Mapping[str, int], due: Mapping[str, int], vouchers: Mapping[str, Any], dinners: Mapping[str, Any]
) -> dict[str, int]:
    """How many people lack a voucher that is due, have one too many, wait for their dinner, or get a second one."""
    return {
        "without a voucher": missing(due, vouchers),
        "vouchers too many": missing(vouchers, owed),
        "vouchers without a dinner": missing(vouchers, dinners),
        "dinners too many": missing(dinners, vouchers),
    }


def felt(evening: Evening) -> dict[str, int]:
    """How many people were stranded, and what went wrong for them."""
    owed = _owed(storm().at("23:59"))
    return {"people": sum(owed.values()), **wrong(owed, owed, evening.meals.state, evening.kitchen.state)}


def ledger(**evenings: Evening) -> Table:
    """A row of what people felt for each evening."""
    rows = [{"evening": name.replace("_", " "), **felt(each)} for name, each in evenings.items()]
    return table(rows, right=list(rows[0])[1:])


def ledger_chart(evening: Evening) -> Picture:
    """The day as curves: for how many people something is wrong, by what it is, ten minutes after it was due."""
    begin, step = storm().at("04:00"), 30 * 60 * 10**9
    instants = [begin + step * n for n in range(HALF_HOURS + 1)]
    vouchers, dinners = (_given(evening.trace, service, instants) for service in ("meals", "kitchen"))
    days = [
        wrong(_owed(until), _owed(until - DUE), *given)
        for until, *given in zip(instants, vouchers, dinners, strict=True)
    ]
    series = {name: [day[name] for day in days] for name in days[-1] if any(day[name] for day in days)}
    series = series or {"nothing wrong": [0] * len(days)}
    last = {name: count for name, count in felt(evening).items() if count}
    title = ", ".join(f"{count:,} {name}" for name, count in last.items())
    return chart(title, x=instants, series=series, y_title="people", stage=storm().stage, text=f"At the end: {title}.")


def _owed(until: int) -> dict[str, int]:
    """How many people of each flight are owed a voucher at an instant."""
    return {flight: people for at, flight, people in cancellations() if at <= until}


def _given(trace: Trace, service: str, instants: Sequence[int]) -> list[dict[str, int]]:
    """What a service had given to each flight by each instant, from the changes of its state."""
    changed = [record for record in trace.of("changed") if record.where == service]
    return [{record.key: int(record.after or 0) for record in changed if record.at <= until} for until in instants]
