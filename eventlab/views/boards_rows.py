"""The rows of departure boards: what the boards know of a flight, and what is wrong with it.

What the boards show comes from the trace; what was true has to be handed in, as no service knows it: for each flight
(since when, status, expected departure), in order of time.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from eventlab.errors import unknown
from eventlab.trace import Record, Trace
from eventlab.views.drawing.text import clock

Truth = Mapping[str, Sequence[tuple[int, str, int]]]
Rows = Mapping[str, Mapping[str, Any]]  # by flight: what the boards know of it
NOTHING: Truth = {}


def learn(rows: dict[str, Any], records: Iterable[Record], service: str) -> set[str]:
    """Let the rows change as these records say; gives the flights whose rows changed.

    A row is a dictionary: what else a service keeps (the version of a copy) is no row.
    """
    changed = set()
    for record in records:
        value = record.before if record.after is None else record.after
        if record.kind == "changed" and record.where == service and isinstance(value, Mapping):
            changed.add(record.key)
            if record.after is None:
                rows.pop(record.key, None)
            else:
                rows[record.key] = record.after
    return changed


def airport_of(flight: str) -> str:
    """EWR of "UA1545-EWR-0101"; nothing if there is none."""
    return flight.split("-")[1] if "-" in flight else ""


def planned(flight: str, rows: Rows, truth: Truth) -> int:
    """The planned departure, as far as anybody knows it; 0 otherwise."""
    known = rows.get(flight, {}).get("planned")
    return known or (truth[flight][0][2] if truth.get(flight) else 0)


def in_order(flights: Iterable[str], rows: Rows, truth: Truth) -> list[str]:
    """The flights in order of planned departure."""
    return sorted(flights, key=lambda flight: (planned(flight, rows, truth), flight))


def listed(rows: Rows, truth: Truth, now: int, airports: Sequence[str]) -> list[str]:
    """The flights of these airports that are on the boards, and those that should be."""
    missing = [flight for flight, moments in truth.items() if moments[0][0] <= now and flight not in rows]
    return [flight for flight in (*rows, *missing) if airport_of(flight) in airports]


def check(flights: Iterable[str], rows: Rows, truth: Truth) -> None:
    """Raise `Invalid` for a flight that neither the boards nor the truth know."""
    for flight in flights:
        if flight not in rows and flight not in truth:
            known = sorted({*rows, *truth})
            raise unknown("flight", flight, [*known[:3], "…"] if len(known) > 4 else known, where="boards")


def how_often(trace: Trace, steps: Sequence[int]) -> Counter[str]:
    """How many of the steps are about each flight."""
    records = [trace[index] for index in steps]
    return Counter(record.key or (record.message.subject if record.message else "") for record in records)


def row(flight: str, rows: Rows, truth: Truth, now: int) -> dict[str, Any]:
    """What the board says about a flight, and in `wrong` what is really so ("" if it is right)."""
    known, plan = rows.get(flight), planned(flight, rows, truth)
    status, estimate, to, gate = "", 0, "", ""
    if known is not None:
        status, estimate = known.get("status", ""), known.get("estimate", 0)
        to, kept = known.get("dest", "?"), known.get("gate")
        gate = "?" if kept is None else kept.removeprefix(f"{airport_of(flight)} ") or "–"
    says = _says(status, estimate, plan) if known is not None else "not listed"
    wrong = ""
    moments = truth.get(flight, ())
    place = bisect_right(moments, now, key=lambda moment: moment[0])
    if place and (status, estimate) != (moments[place - 1][1], moments[place - 1][2]):
        since, true_status, true_estimate = moments[place - 1]
        true = _says(true_status, true_estimate, plan)
        true += f", leaving {clock(true_estimate)}" if true == says else ""
        wrong = f"really {true} since {clock(since)}"
    return {
        "flight": flight,
        "planned": plan,
        "to": to,
        "gate": gate,
        "says": says,
        "listed": known is not None,
        "wrong": wrong,
    }


def _says(status: str, estimate: int, planned: int) -> str:
    late = status in ("scheduled", "delayed") and estimate not in (0, planned)
    return f"delayed {clock(estimate)}" if late else status or "?"
