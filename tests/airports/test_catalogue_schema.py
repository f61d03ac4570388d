"""The catalogue as JSON Schema says what `check` says, for every type; and the file is up to date."""

from __future__ import annotations

import jsonschema
import pytest

from eventlab import Event, Invalid
from eventlab.airports.catalogue import FIELDS, KINDS, TYPES, Type, check
from eventlab.airports.catalogue_schema import DRAFT, SHAPES, schema
from tests.airports.test_catalogue import SAMPLES
from tools import catalogue as tool

SCHEMA = schema()
BAD = [
    0,
    -1,
    "",
    "x",
    None,
    True,
    [],
    {},
    [{}],
    {"gate": 7},
    {"nobody": "knows"},
    "departed",
    1_360_317_600_000_000_000,
]


def keeps(type: Type, data: dict[str, object]) -> bool:
    whole = {"$schema": DRAFT, "$ref": f"#/$defs/{type.name}", "$defs": SCHEMA["$defs"]}
    return bool(jsonschema.Draft202012Validator(whole).is_valid(data))


def passes(type: Type, data: dict[str, object]) -> bool:
    try:
        check(type.kind(type.name, data, "UA1", "ops-1"))
    except Invalid:
        return False
    return True


@pytest.mark.parametrize("type", TYPES.values(), ids=TYPES)
def test_the_schema_lets_through_what_the_check_lets_through_and_nothing_else(type: Type) -> None:
    right: dict[str, object] = {key: SAMPLES[FIELDS[key][0]] for key in (*type.required, *type.optional)}
    assert keeps(type, right) and passes(type, right)
    tried = [{**right, key: value} for key in (*type.required[:3], *type.optional[:3]) for value in BAD]
    tried += [{k: v for k, v in right.items() if k != key} for key in right] + [{**right, "nobody": 1}]
    for data in tried:
        assert keeps(type, data) == passes(type, data), data


def test_every_kind_has_its_shape_and_the_file_is_what_the_catalogue_says() -> None:
    assert set(SHAPES) == set(KINDS)
    assert tool.PAGE.read_text("utf-8") == tool.written(), "python tools/catalogue.py"
    assert Event("flight.cancelled").type in SCHEMA["$defs"]
