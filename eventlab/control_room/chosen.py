"""The architectures of a control room, each with its options."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from inspect import signature
from typing import Any

from eventlab.airports.scenario import ARCHITECTURES
from eventlab.errors import Invalid, unknown

Chosen = tuple[str, Mapping[str, Any]]  # an architecture, with its options


def chosen(architectures: Sequence[str | Chosen], options: Mapping[str, Any]) -> list[Chosen]:
    """The architectures with their options; unknown ones, none or more than three raise `Invalid`."""
    if not 1 <= len(architectures) <= 3:
        raise Invalid("architectures", where="control_room", expected="one to three", found=len(architectures))
    found: list[Chosen] = []
    known: set[str] = set()
    for each in architectures:
        name, own = (each, {}) if isinstance(each, str) else each
        if name not in ARCHITECTURES:
            raise unknown("architecture", name, ARCHITECTURES, where="control_room")
        takes = list(signature(ARCHITECTURES[name]).parameters)[1:]
        known |= set(takes)
        found.append((name, {option: value for option, value in options.items() if option in takes} | dict(own)))
    for option in options:
        if option not in known:
            raise unknown("option", option, sorted(known) or ["none"], where="control_room")
    return found


def title(each: Chosen) -> str:
    """What an architecture is called here: its name, and its options if it has some."""
    name, options = each
    return ", ".join([name, *(f"{option}={value}" for option, value in sorted(options.items()))])
