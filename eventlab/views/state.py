"""What services know at one record of a run, entry by entry, and what the last change changed.

`layout` finds the entries (plain data), `service_state` draws them, `moving` shows them at each step. How a state
comes about from events is another picture: `rebuilt.py`.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from eventlab.errors import Invalid, unknown
from eventlab.trace import Record, Trace
from eventlab.views.drawing.picture import GREY, GROUND, INK, Box, Label, Line, Picture, message
from eventlab.views.drawing.text import about, clock
from eventlab.views.motion.film import MARKED, WIDTH, checked, film, fitted, heading, moment, number
from eventlab.views.motion.steps import View
from eventlab.views.notebook import told

ROWS = 24
Entry = tuple[str, str]  # service and key
Place = tuple[str, str, str]  # service, key and field ("" if the key has one value and no fields)
Drawn = dict[str, tuple[dict[str, str], list[Label]]]


def layout(
    trace: Trace,
    at: int | None = None,
    *,
    when: int | None = None,
    service: str = "",
    flight: str = "",
    keys: Sequence[str] = (),
    rows: int = ROWS,
) -> dict[str, Any]:
    """Values of a `service` (or of all), about a `flight` or under these `keys`, after the record with index `at`.

    A row says service, key, field and value, and, if the last change of any of them changed it, what it was `before`.
    Of more than `rows` values, those that changed last are shown. What cannot be shown raises `Invalid`.
    """
    index, now = moment(trace, at, when, "state")
    changes = _changes(trace.records[: index + 1], service, flight, keys)
    if not changes:
        _complain(trace, service, flight, keys)
    entries = {(record.where, record.key): record.after for record in changes}
    newest = {(record.where, record.key): record.index for record in changes}
    last = changes[-1]
    before: dict[Entry, Any] = {}
    for record in reversed(changes):  # what one service changes at one instant is one change
        if (record.where, record.at) != (last.where, last.at):
            break
        before[record.where, record.key] = record.before
    recent = sorted(newest, key=lambda entry: -newest[entry])
    if flight or keys:
        places = _places_that_change(changes, flight, rows)
    else:
        places = _whole_entries(recent[:rows], changes, rows)
    count = sum(len(_fields(entry[1], value, flight)) for entry, value in entries.items())
    return {
        **_plan(places, entries, before, flight),
        "now": now,
        "above": max(0, count - len(places)),
        "last": {"index": last.index, "at": last.at, "while": _while(trace, last)},
    }


def service_state(
    trace: Trace,
    at: int | None = None,
    *,
    when: int | None = None,
    service: str = "",
    flight: str = "",
    keys: Sequence[str] = (),
    rows: int = ROWS,
) -> Picture:
    """The picture of `layout`; where there is nothing to draw, a picture that says why."""
    try:
        plan = layout(trace, at, when=when, service=service, flight=flight, keys=keys, rows=rows)
    except Invalid as problem:
        return message("No state", str(problem))
    last = plan["last"]
    note = f"last change: record {last['index']:,}, {clock(last['at'], fine=True)}{last['while']}"
    if plan["above"]:
        note += f" · {plan['above']:,} more values are not shown"
    return _draw(f"{_title(service, flight, keys)} at {clock(plan['now'], fine=True)}", note, plan, {})


def moving(
    trace: Trace,
    steps: Sequence[int],
    *,
    service: str = "",
    flight: str = "",
    keys: Sequence[str] = (),
    rows: int = ROWS,
) -> View:
    """The values at each step, and what changed since the one before. The rows stay where they are.

    Of more values than `rows`, those that change most often in these steps are shown.
    """
    first, last = checked(trace, steps, "state")[0], steps[-1]
    changes = _changes(trace.records[: last + 1], service, flight, keys)
    if not changes:
        if not _changes(trace.records, service, flight, keys):
            _complain(trace, service, flight, keys)
        nothing = message("State", f"{_title(service, flight, keys)}: nothing is known until {clock(trace[last].at)}.")
        return film("state", (nothing for _ in steps))
    often: Counter[Entry] = Counter()
    for record in changes:
        often[record.where, record.key] += 1000 if record.index >= first else 1
    often_first = [entry for entry, _ in often.most_common()]
    if flight or keys:
        places = _places_that_change(changes, flight, rows)
    else:
        places = _whole_entries(often_first[:rows], changes, rows)
    note = f" · shown are {len(places)} values that change most often" if len(places) >= rows else ""
    return film("state", _frames(trace, steps, changes, places, flight, _title(service, flight, keys), note))


def _frames(
    trace: Trace, steps: Sequence[int], changes: list[Record], places: list[Place], flight: str, title: str, note: str
) -> Iterator[Picture]:
    entries: dict[Entry, Any] = {}
    coming = deque(changes)
    drawn: Drawn = {}
    for index in steps:
        before: dict[Entry, Any] = {}
        while coming and coming[0].index <= index:
            record = coming.popleft()
            entry = record.where, record.key
            entries[entry] = record.after
            if record.index >= steps[0]:
                before.setdefault(entry, record.before)
        plan = _plan(places, entries, before, flight)
        changed = number(plan["changed"], "value") + " changed" if plan["changed"] else "nothing changed here"
        now = clock(trace[index].at, fine=True)
        yield _draw(f"{title} at {now}", changed + note, plan, drawn, part="row")


# Compute --------------------------------------------------------------------------------------------------------------


def _changes(records: Iterable[Record], service: str, flight: str, keys: Sequence[str]) -> list[Record]:
    return [
        record
        for record in records
        if record.kind == "changed"
        and service in ("", record.where)
        and (not keys or record.key in keys)
        and (not flight or _about(record, flight))
    ]


def _about(record: Record, flight: str) -> bool:
    """Whether a change is about a flight: its own entry, "flight something", or its field in somebody else's entry."""
    if _own(record.key, flight):
        return True
    return any(isinstance(value, dict) and flight in value for value in (record.before, record.after))


def _own(key: str, flight: str) -> bool:
    return key.startswith(flight) and key[len(flight) : len(flight) + 1] in ("", " ")


def _complain(trace: Trace, service: str, flight: str, keys: Sequence[str]) -> None:
    """Raise the `Invalid` that says why there is no change to show."""
    changes = _changes(trace, "", "", ())
    services = sorted({record.where for record in changes})
    if service and service not in services:
        raise unknown("service", service, services or ["none"], where="state")
    known = {record.key for record in changes if service in ("", record.where)}
    for key in keys:
        if key not in known:
            raise unknown("key", key, [*sorted(known)[:3], "…"] if len(known) > 4 else sorted(known), where="state")
    if flight and not any(_about(record, flight) for record in changes):
        raise Invalid("flight", where="state", expected="a flight that some service knows", found=flight)
    raise Invalid("state", where=service or "all services", expected="at least one change until then", found="none")


def _whole_entries(entries: Sequence[Entry], changes: Sequence[Record], rows: int) -> list[Place]:
    """The values of the first of these entries, with all fields they ever had, as far as there is room."""
    fields: dict[Entry, dict[str, None]] = {entry: {} for entry in entries}
    for record in changes:
        if (record.where, record.key) in fields:
            fields[record.where, record.key].update(dict.fromkeys(_fields(record.key, record.after, "")))
    chosen: list[Place] = []
    for entry in entries:
        if chosen and len(chosen) + len(fields[entry]) > rows:
            break
        chosen += [(*entry, field) for field in fields[entry]]
    return _in_order(chosen[:rows], changes)


def _places_that_change(changes: Sequence[Record], flight: str, rows: int) -> list[Place]:
    """The values that change most often."""
    often: Counter[Place] = Counter()
    for record in changes:
        before, after = (_fields(record.key, value, flight) for value in (record.before, record.after))
        fields = [field for field in {**before, **after} if before.get(field) != after.get(field)]
        often.update((record.where, record.key, field) for field in fields)
    kept = {place for place, _ in often.most_common(rows)}
    return _in_order([place for place in often if place in kept], changes)


def _in_order(places: Sequence[Place], changes: Sequence[Record]) -> list[Place]:
    """By service and key; the first service that changed anything comes first."""
    return sorted(places, key=lambda place: (place[0] != changes[0].where, place[0], place[1]))


def _fields(key: str, value: Any, flight: str) -> dict[str, Any]:
    """A value by field, without what only repeats the key; of somebody else's entry, the flight's field alone."""
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        return {"": value}
    if flight and not _own(key, flight):
        return {flight: value[flight]} if flight in value else {}
    return {field: item for field, item in value.items() if item != key}


def _plan(
    places: Sequence[Place], entries: Mapping[Entry, Any], before: Mapping[Entry, Any], flight: str
) -> dict[str, Any]:
    now = {place[:2]: _fields(place[1], entries.get(place[:2]), flight) for place in places}
    old = {entry: _fields(entry[1], value, flight) for entry, value in before.items()}
    rows = []
    for service, key, field in places:
        entry = service, key
        row = {"service": service, "key": key, "field": field, "value": _shown(now[entry].get(field))}
        if entry in old and old[entry].get(field) != now[entry].get(field):
            row["before"] = _shown(old[entry].get(field))
        rows.append(row)
    return {"rows": rows, "changed": sum("before" in row for row in rows)}


def _shown(value: Any) -> str:
    return "–" if value is None else told(value)


def _while(trace: Trace, change: Record) -> str:
    """What the service was working on: the next message that it finished at that very instant."""
    for record in trace.records[change.index + 1 : change.index + 500]:
        if record.at > change.at:
            break
        if record.where == change.where and record.kind in ("handled", "failed", "refused") and record.message:
            return f", while {change.where} worked on {about(record.message)}"
    return ""


def _title(service: str, flight: str, keys: Sequence[str]) -> str:
    who = f"What {service or 'every service'} knows"
    what = [flight] * bool(flight) + list(keys)
    return f"{who} about {', '.join(what)}" if what else who


# Draw -----------------------------------------------------------------------------------------------------------------

TOP, HIGH = 78, 20
COLUMNS = {"service": (34, 84), "key": (122, 158), "field": (284, 120), "value": (408, 196), "before": (610, 206)}


def _draw(title: str, note: str, plan: dict[str, Any], drawn: Drawn, *, part: str = "") -> Picture:
    """With a `part`, the rows can change. `drawn` are those of the step before."""
    labels = heading(title, note, part=f"{part}.title" if part else "")
    names = [*list(COLUMNS)[:-1], "changed"]
    labels += [
        Label(x, TOP - 8, name, 11, GREY, left=True) for name, (x, _) in zip(names, COLUMNS.values(), strict=True)
    ]
    boxes, lines = [], [Line([(14, TOP), (WIDTH - 14, TOP)], GREY, 1)]
    above = ("", "")
    for place, row in enumerate(plan["rows"]):
        name = f"{part}{place}" if part else ""
        top = TOP + 2 + place * HIGH
        if place and row["service"] != above[0]:
            lines.append(Line([(14, top), (WIDTH - 14, top)], GREY, 0.7, "dot"))
        fill = MARKED if "before" in row else GROUND
        words, about = ("", row["key"].split(" ")[0]) if part else (_words(row), "")
        box = Box(WIDTH / 2, top + HIGH / 2, WIDTH - 24, HIGH - 2, fill, fill, words=words, part=name, message=about)
        boxes.append(box)
        same = [row["service"] == above[0], (row["service"], row["key"]) == above]
        said = ["" if same[0] else row["service"], "" if same[1] else row["key"], row["field"]]
        labels += [
            Label(x, top + HIGH / 2, fitted(text, wide), 12, left=True)
            for text, (x, wide) in zip(said, COLUMNS.values(), strict=False)
        ]
        if not name or name not in drawn or drawn[name][0] != row:
            drawn[name] = (row, _values(row, name, top + HIGH / 2))
        labels += drawn[name][1]
        above = (row["service"], row["key"])
    text = [f"{title}: {note}.", *map(_words, plan["rows"])]
    return Picture(WIDTH, TOP + 16 + len(plan["rows"]) * HIGH, "\n".join(text), lines, boxes, labels)


def _values(row: dict[str, str], name: str, y: float) -> list[Label]:
    """The part of a row that can change: a sign, the value, and what it was."""
    changed = "before" in row
    was = f"▸ was {row['before']}" if changed and row["before"] != "–" else "▸ new" if changed else ""
    cells = {"value": row["value"], "before": was}
    return [
        Label(
            COLUMNS[column][0],
            y,
            fitted(text, COLUMNS[column][1]),
            12,
            INK,
            bold=changed and column == "value",
            left=True,
            part=f"{name}.{column}" if name else "",
        )
        for column, text in cells.items()
    ]


def _words(row: dict[str, str]) -> str:
    field = f" {row['field']}" if row["field"] else ""
    was = f" (changed, was {row['before']})" if "before" in row else ""
    return f"{row['service']}, {row['key']}{field}: {row['value']}{was}"
