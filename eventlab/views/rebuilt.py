"""State rebuilt from events, one by one: what each event changed, and what is known as of any instant.

    rebuild(store, rules.evolve, stream="flight-UA1545-EWR-0208", as_of=storm.at("15:04"))
    rebuild(record.iter_events("2013-07-01", "2013-07-02"), rules.evolve, flight="UA1545-EWR-0701")

This is the one view that reads a store (or any events) and not a trace. `layout` folds (plain data), `rebuild` draws.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from copy import deepcopy
from textwrap import wrap
from typing import Any

from eventlab.errors import Invalid, unknown
from eventlab.event import Event
from eventlab.trace import Trace
from eventlab.views.drawing.picture import GREY, GROUND, INK, Box, Label, Line, Picture, message
from eventlab.views.drawing.text import plain
from eventlab.views.motion.film import GROUND_NEW, MARKED, WIDTH, fitted, heading, number
from eventlab.views.notebook import told, when

ROWS, LATER = 12, 3  # events shown before the instant, and after it
KNOWN = 4  # names in an error message
Row = dict[str, Any]
Evolve = Callable[[Any, Event], Any]


def layout(
    source: Any,
    evolve: Evolve | Any,
    *,
    stream: str = "",
    flight: str = "",
    as_of: int | None = None,
    initial: Any = None,
    snapshots: bool = True,
    schema: str = "",
    rows: int = ROWS,
) -> dict[str, Any]:
    """The events of one `stream` or one `flight` with what each changed, and the state as of an instant, as plain data.

    `source` is a store, a trace, or events (as such or as recorded); `evolve` a function of state and event, or a
    decider. A store's snapshot of the stream is used if there is one that is not later. Events later than `as_of`
    (nanoseconds) are shown, not folded. What cannot be shown raises `Invalid`.
    """
    if not callable(evolve):
        initial, evolve = getattr(evolve, "initial", initial), getattr(evolve, "evolve", evolve)
    if not callable(evolve):
        raise Invalid("evolve", where="rebuild", expected="a function of a state and an event", found=evolve)
    found = list(_chosen(source, stream, flight))
    if as_of is not None and found[0]["event"].time > as_of:
        expected = f"an instant from the first event on, {when(found[0]['event'].time)}"
        raise Invalid("as_of", where="rebuild", expected=expected, found=when(as_of))
    state, begin, used = ({} if initial is None else initial), 0, None
    if snapshots and stream and hasattr(source, "snapshot"):
        used = source.snapshot(stream, as_of=as_of, schema=schema)
        if used is not None:
            state, begin = used.state, used.version
    counted = [row for row in found if as_of is None or row["event"].time <= as_of]
    folded = [row for row in counted if row["version"] > begin]
    done, state, alias = _fold(evolve, folded, state)
    last = done[-1]["changes"] if done else []
    later = [row for row in found if row not in counted][:LATER]
    return {
        "about": stream or flight or _subject(found), "as_of": as_of,
        "rows": done[-rows:], "above": max(0, len(done) - rows), "later": later,
        "state": [{"key": key, "value": told(value), "changed": key in {change["key"] for change in last}}
                  for key, value in _fields(state).items()],
        "folded": len(done), "events": len(counted), "snapshot": begin if used is not None else None, "alias": alias,
    }  # fmt: skip


def rebuild(
    source: Any,
    evolve: Evolve | Any,
    *,
    stream: str = "",
    flight: str = "",
    as_of: int | None = None,
    initial: Any = None,
    snapshots: bool = True,
    schema: str = "",
    rows: int = ROWS,
) -> Picture:
    """The picture of `layout`; where there is nothing to draw, a picture that says why."""
    try:
        plan = layout(source, evolve, stream=stream, flight=flight, as_of=as_of, initial=initial,
                      snapshots=snapshots, schema=schema, rows=rows)  # fmt: skip
    except Invalid as problem:
        return message("Nothing can be rebuilt", str(problem))
    return _draw(plan)


# Compute --------------------------------------------------------------------------------------------------------------


def _chosen(source: Any, stream: str, flight: str) -> Iterator[Row]:
    """The rows of one stream or flight, or all; `Invalid` if there are none."""
    known: dict[str, None] = {}
    count = 0
    for event, name, version in _events(source, stream):
        if len(known) < KNOWN:
            known[name if stream else event.subject] = None
        if stream in ("", name) and flight in ("", event.subject):
            count += 1
            yield {"event": event, "stream": name, "version": version if stream and version else count}
    if not count:
        if known and (stream or flight):
            names = [*list(known)[: KNOWN - 1], "…"] if len(known) == KNOWN else list(known)
            raise unknown("stream" if stream else "flight", stream or flight, names, where="rebuild")
        raise Invalid("events", where="rebuild", expected="at least one event", found=stream or flight or "none")


def _events(source: Any, stream: str) -> Iterator[tuple[Event, str, int]]:
    """Event, stream and version, of whatever holds events; a version of 0 means that there is none."""
    if isinstance(source, Trace):
        stored = source.of("appended")
        yield from ((r.message, r.note, r.packet) for r in stored if isinstance(r.message, Event))
        return
    known: Iterable[Any] = source
    if hasattr(source, "read_all"):
        known = source.read(stream) if stream and source.version(stream) else source.read_all()
    elif isinstance(source, str | bytes | Event) or not isinstance(source, Iterable):
        raise Invalid("source", where="rebuild", expected="a store, a trace, or a list of events", found=source)
    for each in known:
        if isinstance(each, Event):
            yield each, "", 0
        elif hasattr(each, "event") and hasattr(each, "version"):
            yield each.event, each.stream, each.version
        else:
            raise Invalid("source", where="rebuild", expected="events, as such or as recorded", found=each)


def _fold(evolve: Evolve, rows: Iterable[Row], state: Any) -> tuple[list[Row], Any, bool]:
    """What each event changed, the last state, and whether `evolve` changed the state that it was given."""
    done: list[Row] = []
    alias = False
    for row in rows:
        event, before = row["event"], deepcopy(state)
        try:
            after = evolve(state, event)
        except Exception as problem:  # a learner's own function: the reader must see where it failed
            place = f"version {row['version']}, {event.type}"
            found = f"{type(problem).__name__}: {problem}"
            raise Invalid(place, where="evolve", expected="a state", found=found) from problem
        alias = alias or state != before
        state = after
        was, now = _fields(before), _fields(after)
        changes = [
            {"key": key, "before": told(was[key]) if key in was else "", "after": told(now.get(key))}
            for key in [*now, *(key for key in was if key not in now)]
            if was.get(key) != now.get(key)
        ]
        done.append({**row, "changes": changes})
    return done, state, alias


def _fields(state: Any) -> dict[str, Any]:
    if isinstance(state, Mapping):
        return {str(key): value for key, value in state.items()}
    return {} if state is None else {"state": state}


def _subject(rows: list[Row]) -> str:
    subjects = list(dict.fromkeys(row["event"].subject for row in rows))
    return subjects[0] if len(subjects) == 1 and subjects[0] else number(len(subjects), "subject")


# Draw -----------------------------------------------------------------------------------------------------------------

TOP, LINE = 88, 16
COLUMNS = {"v": (26, 34), "happened at": (62, 128), "event": (196, 142), "what it changed": (344, 470)}


def _draw(plan: dict[str, Any]) -> Picture:
    title, notes = _title(plan)
    labels = heading(title, *notes)
    boxes: list[Box] = []
    lines = [Line([(14, TOP + 8), (WIDTH - 14, TOP + 8)], GREY, 1)]
    labels += [Label(x, TOP, name, 11, GREY, left=True) for name, (x, _) in COLUMNS.items()]
    y = TOP + 12.0
    for place, row in enumerate(plan["rows"]):
        new = place == len(plan["rows"]) - 1
        y = _row(row, y, _changes(row), GROUND_NEW if new else GROUND, INK, boxes, labels)
    for row in plan["later"]:
        y = _row(row, y, ["later: not folded"], GROUND, GREY, boxes, labels)
    y += 22
    labels.append(Label(18, y, "The state then", 13, bold=True, left=True))
    lines.append(Line([(14, y + 12), (WIDTH - 14, y + 12)], GREY, 1))
    y += 16
    for place, entry in enumerate(plan["state"]):
        x, down = 26 + 404 * (place % 2), y + 12 + 22 * (place // 2)
        fill = MARKED if entry["changed"] else GROUND
        boxes.append(Box(x + 192, down, 396, 20, fill, fill, words=f"{entry['key']}: {entry['value']}"))
        sign = "▸" if entry["changed"] else ""
        labels.append(Label(x, down, sign, 11, INK, bold=True))
        labels.append(Label(x + 12, down, fitted(plain(entry["key"]), 120), 12, GREY, left=True))
        labels.append(Label(x + 140, down, fitted(entry["value"], 244), 12, INK, bold=entry["changed"], left=True))
    height = round(y + 22 * ((len(plan["state"]) + 1) // 2) + 30)
    labels.append(Label(18, height - 10, "▸ changed by the last event that was folded", 11, GREY, left=True))
    return Picture(WIDTH, height, _words(plan, title, notes), lines, boxes, labels)


def _title(plan: dict[str, Any]) -> tuple[str, list[str]]:
    as_of = f" as of {when(plan['as_of'])[:19]}" if plan["as_of"] is not None else " now"
    title = f"{plan['about']}{as_of}: {number(plan['folded'], 'event')} folded"
    if plan["snapshot"] is None:
        note = "from the first event on, without a snapshot"
    else:
        note = f"from the snapshot at version {plan['snapshot']:,}: without it, {number(plan['events'], 'event')}"
    if plan["above"]:
        note += f" · {number(plan['above'], 'event')} before these, folded too"
    warning = "evolve changed the state that it was given: it should give a new one" if plan["alias"] else ""
    return plain(title), [note, warning]


def _row(
    row: Row, y: float, told_rows: list[str], fill: str, colour: str, boxes: list[Box], labels: list[Label]
) -> float:
    event, high = row["event"], LINE * len(told_rows) + 6
    words = plain(f"{event.type} by {event.source}: {told(event.data)}")
    boxes.append(Box(WIDTH / 2, y + high / 2, WIDTH - 24, high - 2, fill, fill, words=words, message=event.id))
    cells = [str(row["version"]), when(event.time)[:19], event.type]
    for text, (x, room) in zip(cells, COLUMNS.values(), strict=False):
        labels.append(Label(x, y + 11, fitted(text, room), 12, colour, left=True))
    x = COLUMNS["what it changed"][0]
    labels += [Label(x, y + 11 + LINE * n, part, 12, colour, left=True) for n, part in enumerate(told_rows)]
    return y + high


def _changes(row: Row, most: int = 3) -> list[str]:
    parts = [
        " ".join([change["key"], *([change["before"], "→"] if change["before"] else []), change["after"]])
        for change in row["changes"]
    ]
    rows = wrap(plain(", ".join(parts) or "nothing"), 76)
    return rows if len(rows) <= most else [*rows[: most - 1], fitted(f"{rows[most - 1]} …", 464)]


def _words(plan: dict[str, Any], title: str, notes: list[str]) -> str:
    said = [f"{title}.", *(f"{note}." for note in notes if note)]
    said += [f"{_place(row)}: {' '.join(_changes(row, 99))}" for row in plan["rows"]]
    said += [f"Later, not folded: {_place(row)}." for row in plan["later"]]
    said.append("The state then: " + ", ".join(f"{entry['key']} {entry['value']}" for entry in plan["state"]) + ".")
    return "\n".join(said)


def _place(row: Row) -> str:
    return f"{row['version']}, {when(row['event'].time)[:19]}, {row['event'].type}"
