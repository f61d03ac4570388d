"""The departure boards as passengers see them, a row for each flight, and what is wrong on them.

`layout` chooses the rows and compares them with the truth (plain data), `departure_boards` draws them, `moving` lets
them change. `truth` is what was known about each flight since when: (since, status, expected departure).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from eventlab.errors import Invalid
from eventlab.trace import Trace
from eventlab.views.boards_rows import (
    NOTHING,
    Rows,
    Truth,
    airport_of,
    check,
    how_often,
    in_order,
    learn,
    listed,
    planned,
    row,
)
from eventlab.views.drawing.picture import GREY, GROUND, INK, Box, Label, Picture, message
from eventlab.views.drawing.text import clock
from eventlab.views.motion.film import MARKED, WIDTH, checked, film, fitted, heading, moment, number
from eventlab.views.motion.steps import View

AIRPORTS = {"EWR": "Newark", "JFK": "John F. Kennedy", "LGA": "LaGuardia"}
ROWS = 8  # rows an airport
EARLIER = 30 * 60 * 10**9  # a board begins with flights that were to leave half an hour ago
Drawn = dict[str, tuple[dict[str, Any], Box, list[Label]]]


def layout(
    trace: Trace,
    at: int | None = None,
    *,
    when: int | None = None,
    flights: Sequence[str] = (),
    rows: int = ROWS,
    truth: Truth | None = None,
    airports: Sequence[str] = tuple(AIRPORTS),
    service: str = "boards",
) -> dict[str, Any]:
    """The rows of each airport after the record with index `at`, or at the instant `when`, as plain data.

    Shown are these `flights`, or `rows` of them around that time. What cannot be shown raises `Invalid`.
    """
    index, now = moment(trace, at, when, "boards")
    true = NOTHING if truth is None else truth
    state: dict[str, Any] = {}
    learn(state, trace.records[: index + 1], service)
    there = listed(state, true, now, airports)
    if not there:
        raise Invalid("boards", where=service, expected="at least one flight on the boards", found="none yet")
    check(flights, state, true)
    places: dict[str, list[str]] = {}
    for airport in airports:
        of = in_order((flight for flight in there if airport_of(flight) == airport), state, true)
        first = next((n for n, flight in enumerate(of) if planned(flight, state, true) >= now - EARLIER), len(of))
        first = max(0, min(first, len(of) - rows))
        places[airport] = [flight for flight in of if flight in flights] if flights else of[first : first + rows]
    record = trace[index]
    changed = {record.key} if record.kind == "changed" and record.where == service else set()
    return {
        **_plan(places, state, true, now, changed),
        "judged": truth is not None,
        "listed": dict(Counter(map(airport_of, there))),
        "everywhere": sum(row(flight, state, true, now)["wrong"] != "" for flight in there),
    }


def departure_boards(
    trace: Trace,
    at: int | None = None,
    *,
    when: int | None = None,
    flights: Sequence[str] = (),
    rows: int = ROWS,
    truth: Truth | None = None,
    airports: Sequence[str] = tuple(AIRPORTS),
    service: str = "boards",
) -> Picture:
    """The picture of `layout`; where there is nothing to draw, a picture that says why."""
    choice: dict[str, Any] = {"flights": flights, "rows": rows, "airports": airports, "service": service}
    try:
        plan = layout(trace, at, when=when, truth=truth, **choice)
    except Invalid as problem:
        return message("No boards", str(problem))
    return _draw(plan, max(len(board["rows"]) for board in plan["boards"]), {}, words=True)


def moving(
    trace: Trace,
    steps: Sequence[int],
    *,
    flight: str = "",
    flights: Sequence[str] = (),
    rows: int = ROWS,
    truth: Truth | None = None,
    airports: Sequence[str] = tuple(AIRPORTS),
    service: str = "boards",
) -> View:
    """The boards at each step. The rows stay where they are: these `flights`, or those that the steps are about.

    With a `flight`: its row, and those of the flights that leave at about the same time.
    """
    records = trace.records[: checked(trace, steps, "boards")[-1] + 1]
    true = NOTHING if truth is None else truth
    end: dict[str, Any] = {}
    learn(end, records, service)
    check([flight, *flights] if flight else flights, end, true)
    there = [f for f in listed(end, true, records[-1].at, airports) if not flights or f in flights or f == flight]
    if not there:
        nothing = message("Departure boards", f"The boards show no flight until {clock(records[-1].at)}.")
        return film("boards", (nothing for _ in steps))
    often: Counter[str] = Counter() if flight else how_often(trace, steps)
    middle = planned(flight, end, true) if flight else trace[steps[len(steps) // 2]].at
    there.sort(key=lambda f: (f != flight, -often[f], abs(planned(f, end, true) - middle), f))
    places = {
        airport: in_order([f for f in there if airport_of(f) == airport][:rows], end, true) for airport in airports
    }
    return film("boards", _frames(trace, steps, places, truth, service))


def _frames(
    trace: Trace, steps: Sequence[int], places: Mapping[str, list[str]], truth: Truth | None, service: str
) -> Iterator[Picture]:
    tall = max(map(len, places.values()))
    state: dict[str, Any] = {}
    drawn: Drawn = {}
    done = steps[0]
    learn(state, trace.records[:done], service)
    for index in steps:
        news = learn(state, trace.records[done : index + 1], service)
        done = index + 1
        plan = _plan(places, state, NOTHING if truth is None else truth, trace[index].at, news)
        yield _draw({**plan, "judged": truth is not None}, tall, drawn)


def _plan(
    places: Mapping[str, Sequence[str]], state: Rows, truth: Truth, now: int, changed: Iterable[str]
) -> dict[str, Any]:
    boards: list[dict[str, Any]] = [
        {"airport": airport, "rows": [{**row(f, state, truth, now), "changed": f in changed} for f in flights]}
        for airport, flights in places.items()
    ]
    shown = [each for board in boards for each in board["rows"] if each["listed"] or each["wrong"]]
    return {"now": now, "boards": boards, "shown": len(shown), "wrong": sum(each["wrong"] != "" for each in shown)}


# Draw -----------------------------------------------------------------------------------------------------------------

LEFT, APART, WIDE, TOP = 14, 272, 262, 84  # of each board, in pixels
COLUMNS = {"time": (14, 36), "flight": (52, 52), "to": (106, 34), "gate": (142, 28), "status": (172, 90)}


def _draw(plan: dict[str, Any], tall: int, drawn: Drawn, *, words: bool = False) -> Picture:
    """`tall` rows an airport; hovering `words` only where nothing moves. `drawn` are the rows of the step before."""
    judged = plan["judged"]
    high = 34 if judged else 24  # a wrong row has a second line
    short = f"{plan['wrong']} of {number(plan['shown'], 'row')} wrong" if judged else number(plan["shown"], "row")
    title = f"Departure boards at {clock(plan['now'])}: {short}"
    signs = "▸ changed just now · ? never heard · – none" + (" · ✕ wrong, and what is really so" if judged else "")
    boxes, labels = [], heading(title, signs, part="title")
    for order, board in enumerate(plan["boards"]):
        left, airport = LEFT + order * APART, board["airport"]
        name = " · ".join(part for part in (airport, AIRPORTS.get(airport)) if part)
        boxes.append(Box(left + WIDE / 2, TOP - 8, WIDE, 22, INK))
        labels.append(Label(left + 8, TOP - 8, name, 13, GROUND, bold=True, left=True))
        labels += [Label(left + x, TOP + 14, name, 11, GREY, left=True) for name, (x, _) in COLUMNS.items()]
        for place, each in enumerate(board["rows"]):
            part = f"{airport}.{place}"
            if part not in drawn or drawn[part][0] != each:
                drawn[part] = (each, *_draw_row(each, part, left, TOP + 26 + place * high, high, words))
            boxes.append(drawn[part][1])
            labels += drawn[part][2]
        if "listed" in plan:
            count, shown = plan["listed"].get(airport, 0), len(board["rows"])
            note = f"{shown} of {number(count, 'flight')}" if shown < count else "" if count else "no flight"
            labels.append(Label(left + 14, TOP + 36 + tall * high, note, 11, GREY, left=True))
    return Picture(WIDTH, TOP + 50 + tall * high, _text(plan, title), (), boxes, labels)


def _draw_row(
    row: dict[str, Any], part: str, left: float, top: float, high: int, words: bool
) -> tuple[Box, list[Label]]:
    middle = top + 11
    fill = MARKED if row["wrong"] else GROUND
    told = _words(row) if words else ""
    about = "" if words else row["flight"]  # in a replay, a row is highlighted with its flight
    box = Box(left + WIDE / 2, top + high / 2 - 1, WIDE, high - 2, fill, fill, words=told, part=part, message=about)
    sign = "✕" if row["wrong"] else "▸" if row["changed"] else ""
    labels = [Label(left + 7, middle, sign, 11, INK, bold=True, part=f"{part}.sign")]
    time = clock(row["planned"]) if row["planned"] else "?"
    cells = (time, row["flight"].split("-")[0], row["to"], row["gate"], row["says"])
    for text, (name, (x, wide)) in zip(cells, COLUMNS.items(), strict=True):
        shown = fitted(str(text), wide) if row["listed"] or row["wrong"] else ""
        bold = row["changed"] and name == "status"
        labels.append(Label(left + x, middle, shown, 12, INK, bold=bold, left=True, part=f"{part}.{name}"))
    if high > 30:
        text = fitted(row["wrong"], WIDE - 56, 11)
        labels.append(Label(left + 52, middle + 14, text, 11, INK, left=True, part=f"{part}.true"))
    return box, labels


def _words(row: dict[str, Any]) -> str:
    planned = clock(row["planned"]) if row["planned"] else "time unknown"
    to = f" to {row['to']}" if row["to"] else ""
    gate = f", gate {row['gate']}" if row["gate"] else ""
    wrong = f" (wrong: {row['wrong']})" if row["wrong"] else ""
    return f"{planned} {row['flight']}{to}{gate}: {row['says']}{wrong}"


def _text(plan: dict[str, Any], title: str) -> str:
    first = f"{title}."
    if plan["judged"] and "everywhere" in plan:
        count = sum(plan["listed"].values())
        first += f" Of {number(count, 'flight')} in all, {plan['everywhere']:,} are not as they really are."
    rows = [f"{board['airport']}: " + ("; ".join(map(_words, board["rows"])) or "none") for board in plan["boards"]]
    return "\n".join([first, *rows])
