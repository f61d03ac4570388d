"""The catalogue as JSON Schema: the contract of every message of the day, for programs that are not written in Python.

It says what `catalogue.check` says, so far as a schema can: who keeps it, is let through. `docs/catalogue.json` is it,
written by `python tools/catalogue.py`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from eventlab.airports.catalogue import FIELDS, STATUSES, TYPES, Type
from eventlab.event import Event

DRAFT = "https://json-schema.org/draft/2020-12/schema"
TEXT = {"type": "string", "minLength": 1}
COUNT = {"type": "integer", "minimum": 0}
ANY_FACTS, ANY_EVENT = {"$ref": "#/$defs/any-facts"}, {"$ref": "#/$defs/any-event"}


def schema(types: Mapping[str, Type] = TYPES) -> dict[str, Any]:
    """One schema with a definition of each type, such as `#/$defs/flight.cancelled`: the data of its messages."""
    return {
        "$schema": DRAFT,
        "title": "The airports' catalogue: what the data of each message look like",
        "$defs": {
            **{name: of_type(found) for name, found in types.items()},
            **{key: {**SHAPES[kind], "description": meaning} for key, (kind, meaning) in FIELDS.items()},
            **_shared(),
        },
    }


def of_type(found: Type) -> dict[str, Any]:
    """The data of one type of message; a key that it does not name is refused."""
    keys = (*found.required, *found.optional)
    return {
        "title": f"{found.name}:{found.version}",
        "description": found.sentence,
        "type": "object",
        "required": list(found.required),
        "properties": _fields(keys),
        "additionalProperties": False,
    }


def _fields(keys: Iterable[str]) -> dict[str, Any]:
    return {key: {"$ref": f"#/$defs/{key}"} for key in keys}


def _rows(**fields: dict[str, Any]) -> dict[str, Any]:
    row = {"type": "object", "required": list(fields), "properties": fields, "additionalProperties": False}
    return {"type": "array", "items": row}


SHAPES: dict[str, dict[str, Any]] = {
    "text": TEXT,
    "count": COUNT,
    "instant": {"type": "integer", "exclusiveMinimum": 0},
    "gate": {"type": "string"},
    "moves": _rows(flight=TEXT, passengers=COUNT),
    "facts": ANY_FACTS,
    "stories": _rows(event_type=TEXT, facts=ANY_FACTS),
    "recorded": _rows(position=COUNT, stream=TEXT, version=COUNT, event=ANY_EVENT),
    "batch": {"type": "array", "items": ANY_EVENT},
    "stored": ANY_EVENT,
    "expected": {"anyOf": [{"enum": ["ANY", "NO_STREAM", "STREAM_EXISTS"]}, {"type": "integer", "minimum": 0}]},
    "memory": {"type": ["object", "null"]},
    "flag": {"type": "boolean"},
    "status": {"enum": list(STATUSES)},
}


def _shared() -> dict[str, Any]:
    """What several types hold: any facts of `FIELDS`, and a whole event."""
    event: dict[str, Any] = dict.fromkeys(Event.__struct_fields__, True)
    return {
        "any-facts": {"type": "object", "properties": _fields(FIELDS), "additionalProperties": False},
        "any-event": {"type": "object", "required": ["type", "id"], "properties": event, "additionalProperties": False},
    }
