"""What the page asks for: what a message says and why it was sent, and what a service knows beside what is true."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from eventlab.airports.metrics import true_at
from eventlab.airports.scenario import Run
from eventlab.airports.stage import STAGE
from eventlab.control_room.traffic import DEEPEST
from eventlab.errors import Invalid
from eventlab.trace import Record, Trace
from eventlab.views.drawing.wording import told

FIELDS = ("status", "estimate", "gate", "booked", "left", "bags", "told")  # of a state, in the order of a table
FEW = 3  # flights in a table of what a service knows


def where_is(trace: Trace, packet: int, at: int) -> bool:
    """Whether a packet is under way at an instant: sent before it, neither arrived nor lost."""
    state = False
    for record in trace:
        if record.at >= at:
            break
        if record.packet == packet and record.purpose:
            state = record.kind in ("sent", "duplicated")
    return state


def sending(trace: Trace, packet: Any) -> Record:
    """The record of a packet's sending, or of an act of telling people ("act 17")."""
    if isinstance(packet, str) and packet.startswith("act ") and packet[4:].isdecimal():
        index = int(packet[4:])
        if index < len(trace) and trace[index].kind == "acted":
            return trace[index]
    elif packet.__class__ is int:
        for record in trace:
            if record.packet == abs(packet) and record.kind == "sent":
                return record
    raise Invalid("message", where="the control room", expected="one that was sent", found=packet)


def says(trace: Trace, packet: Any, moment: Callable[[int], float]) -> dict[str, Any]:
    """What a message says, field by field, and the messages that led to it, the oldest first."""
    record = sending(trace, packet)
    message = record.message
    assert message is not None
    first: dict[str, Record] = {}
    for each in trace.records[: record.index + 1]:
        if each.kind == "sent" and each.message is not None:
            first.setdefault(each.message.id, each)
    why: list[list[Any]] = []
    cause = message.causationid
    while cause in first and len(why) < DEEPEST:
        each = first[cause]
        assert each.message is not None
        why.append([each.packet, each.message.type, each.where, moment(each.at)])
        cause = each.message.causationid
    return {"says": [[name, _word(value, name)] for name, value in _flat(message.data)], "why": why[::-1]}


def _flat(data: Mapping[str, Any]) -> list[tuple[str, Any]]:
    """The fields of a message, those of its facts among them."""
    found: list[tuple[str, Any]] = []
    for name, value in data.items():
        found += list(value.items()) if isinstance(value, Mapping) and name == "facts" else [(name, value)]
    return found


def _word(value: Any, name: str) -> str:
    return str(told(value, STAGE, name))


def knows(run: Run, service: str, at: int) -> dict[str, Any]:
    """What a service knows at an instant of the flights of which there was news last, beside what is true."""
    state: dict[str, Any] = {}
    for record in run.trace:
        if record.at > at:
            break
        if record.kind == "changed" and record.where == service:
            state[record.key] = record.after
    known = [key for key in run.truth if state.get(key)]
    latest = {key: moment.since for key in known if (moment := true_at(run.truth[key], at)) is not None}
    chosen = sorted(latest, key=lambda key: (-latest[key], key))
    rows = [row for key in chosen[:FEW] for row in _rows(run, key, state[key], at)]
    return {"rows": rows, "n_more": max(0, len(chosen) - FEW)}


def _rows(run: Run, key: str, entry: Mapping[str, Any], at: int) -> list[list[str]]:
    true = true_at(run.truth[key], at)
    really = {} if true is None else {"status": true.status, "estimate": true.estimate}
    return [
        [f"{key.split('-')[0]} {name}", _word(entry[name], name), _word(really[name], name) if name in really else ""]
        for name in FIELDS
        if name in entry
    ]
