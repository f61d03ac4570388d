"""A registry takes a contract in only if it breaks nobody, and compares with all that lies in stores."""

from __future__ import annotations

from typing import Any

import jsonschema
import pytest
from msgspec import Struct

from eventlab import Event, Invalid, Registry


class Number(Struct):
    gate: int


class Nothing(Struct):
    pass


class Text(Struct):
    gate: str = ""


def filled(registry: Registry, *contracts: type) -> list[str]:
    return [registry.add("gate.changed", contract) for contract in contracts]


def test_versions_are_numbered_and_events_are_held_to_the_one_that_they_state() -> None:
    registry = Registry("backward")
    assert filled(registry, Number, Nothing) == ["gate.changed:1", "gate.changed:2"]
    event = Event("gate.changed", {"gate": 7})
    assert registry.check(event) is event
    assert registry.check(Event("gate.changed", {}, dataschema="gate.changed:2"))
    with pytest.raises(Invalid, match="missing required field `gate`"):
        registry.check(Event("gate.changed", {}))
    with pytest.raises(Invalid, match="at most 2"):
        registry.check(Event("gate.changed", {}, dataschema="gate.changed:3"))
    jsonschema.validate({"gate": 7}, registry.schemas()["gate.changed:1"])


def test_a_breaking_contract_is_refused_with_its_data_and_leaves_the_registry_as_it_was() -> None:
    registry = Registry("full")
    filled(registry, Number)
    with pytest.raises(Invalid, match=r"gate\.changed:2.*nothing \(full\).*cannot read"):
        filled(registry, Text)
    assert filled(registry, Number) == ["gate.changed:2"]


def test_a_name_that_comes_back_with_another_meaning_is_found_among_older_versions_alone() -> None:
    last, every = Registry("backward", last_only=True), Registry("backward")
    filled(last, Number, Nothing, Text)
    filled(every, Number, Nothing)
    (found,) = every.breaks("gate.changed", Text)
    assert found.data == {"gate": 0}


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: Registry("sideways"), lambda: Registry(last_only=1), lambda: Registry().add("", Number),  # type: ignore[arg-type]
        lambda: Registry().add("gate.changed", dict), lambda: Registry().check("no event"),  # type: ignore[arg-type]
        lambda: Registry().check(Event("never.heard")),
    ],
)  # fmt: skip
def test_what_cannot_be_meant_is_refused(wrong: Any) -> None:
    with pytest.raises(Invalid):
        wrong()
