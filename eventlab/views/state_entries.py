"""The entries of states: which changes are about what, and which values have a row of their own."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, NoReturn, TypedDict

from eventlab.errors import Invalid, unknown
from eventlab.stage import Stage
from eventlab.trace import Record, Trace
from eventlab.views.drawing.wording import one, told

Entry = tuple[str, str]  # service and key
Place = tuple[str, str, str]  # service, key and field ("" if the key has one value and no fields)
NOTHING = "–"


class Row(TypedDict):
    """One value; `before` is None unless it has just changed."""

    service: str
    key: str
    field: str
    value: str
    before: str | None


class Entries(TypedDict):
    """The rows, and how many of them have just changed."""

    rows: list[Row]
    changed: int


class Known(Entries):
    """The rows at an instant, how many more there are, and what the last change was."""

    now: str
    above: int
    last: str


def changes_of(
    trace: Trace, service: str = "", subject: str = "", keys: Sequence[str] = (), until: int | None = None
) -> list[Record]:
    """The changes of a service, about a subject, under one of these keys, just before an index; all may be left out."""
    return [
        record
        for record in trace.changes(subject, until)
        if service in ("", record.where) and (not keys or record.key in keys)
    ]


def _of_subject(value: Any, subject: str) -> dict[str, Any]:
    """What somebody else's entry says about a subject: the field with its name, or its part of a field."""
    if not isinstance(value, dict):
        return {}
    if subject in value:
        return {subject: value[subject]}
    return {str(field): item[subject] for field, item in value.items() if isinstance(item, dict) and subject in item}


def fields_of(key: str, value: Any, subject: str) -> dict[str, Any]:
    """A value by field, without what only repeats the key; of somebody else's entry, the subject's part alone."""
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        return {"": value}
    if subject and key != subject:
        return _of_subject(value, subject)
    return {str(field): item for field, item in value.items() if item != key}


def complain(trace: Trace, service: str, subject: str, keys: Sequence[str]) -> NoReturn:
    """Raise the `Invalid` that says why there is no change to show."""
    changes = changes_of(trace)
    services = sorted({record.where for record in changes})
    if service and service not in services:
        raise unknown("service", service, services or ["none"], where="state")
    known = {record.key for record in changes if service in ("", record.where)}
    for key in keys:
        if key not in known:
            raise unknown("key", key, [*sorted(known)[:3], "…"] if len(known) > 4 else sorted(known), where="state")
    if subject and not changes_of(trace, subject=subject):
        word = trace.stage.subject
        raise Invalid(word, where="state", expected=f"{one(word)} that some service knows", found=subject)
    raise Invalid("state", where=service or "all services", expected="at least one change until then", found="none")


def whole_entries(entries: Sequence[Entry], changes: Sequence[Record], rows: int) -> list[Place]:
    """The values of the first of these entries, with all fields they ever had, as far as there is room."""
    fields: dict[Entry, dict[str, None]] = {entry: {} for entry in entries}
    for record in changes:
        if (record.where, record.key) in fields:
            fields[record.where, record.key].update(dict.fromkeys(fields_of(record.key, record.after, "")))
    chosen: list[Place] = []
    for entry in entries:
        if chosen and len(chosen) + len(fields[entry]) > rows:
            break
        chosen += [(*entry, field) for field in fields[entry]]
    return _in_order(chosen[:rows], changes)


def places_that_change(changes: Sequence[Record], subject: str, rows: int) -> list[Place]:
    """The values that change most often."""
    often: Counter[Place] = Counter()
    for record in changes:
        before, after = (fields_of(record.key, value, subject) for value in (record.before, record.after))
        fields = [field for field in {**before, **after} if before.get(field) != after.get(field)]
        often.update((record.where, record.key, field) for field in fields)
    kept = {place for place, _ in often.most_common(rows)}
    return _in_order([place for place in often if place in kept], changes)


def _in_order(places: Sequence[Place], changes: Sequence[Record]) -> list[Place]:
    """By service and key; the first service that changed anything comes first."""
    return sorted(places, key=lambda place: (place[0] != changes[0].where, place[0], place[1]))


def row_of(
    place: Place, now: Mapping[Entry, Mapping[str, Any]], old: Mapping[Entry, Mapping[str, Any]], stage: Stage
) -> Row:
    """The row of one value; `old` are the entries that have just changed, as they were."""
    service, key, field = place
    entry = service, key
    value, before = now[entry].get(field), None
    if entry in old and old[entry].get(field) != value:
        before = _shown(old[entry].get(field), stage, key, field)
    return {"service": service, "key": key, "field": field, "value": _shown(value, stage, key, field), "before": before}


def _shown(value: Any, stage: Stage, *fields: str) -> str:
    return NOTHING if value is None else told(value, stage, *fields)
