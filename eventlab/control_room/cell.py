"""The cell that makes the same runs again: source text of a scenario, its faults and its interventions."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import MISSING, fields, is_dataclass
from datetime import datetime
from typing import Any

from eventlab.airports import flights
from eventlab.airports.clocks import MINUTE, NEW_YORK, SECOND
from eventlab.airports.scenario import Scenario
from eventlab.control_room.acts import Act, applied
from eventlab.control_room.chosen import Chosen
from eventlab.times import Instant


def cell(scenario: Scenario, acts: Sequence[Act], chosen: Sequence[Chosen]) -> str:
    """Source text which makes the same runs; `runs` holds them, and the last line shows their digests."""
    planned = [applied(scenario, acts, a) for a in range(len(chosen))]
    day, faults = scenario.day, planned[0].faults
    lines = [*_imports(planned), "", f"scenario = {_scenario(scenario)}", "at = scenario.at"]
    if faults:
        lines += ["scenario = scenario.with_(", "    faults=[", *(f"        {source(each, day)}," for each in faults)]
        lines += ["    ]", ")"]
    lines.append("runs = [")
    for (architecture, options), each in zip(chosen, planned, strict=True):
        what = "scenario"
        if each.interventions:
            what = f"scenario.with_(interventions={source(list(each.interventions), day)})"
        more = "".join(f", {name}={source(value)}" for name, value in options.items())
        lines.append(f"    run({what}, {source(architecture)}{more}),")
    return "\n".join([*lines, "]", "[each.digest for each in runs]"])


def _imports(planned: Sequence[Scenario]) -> list[str]:
    names: dict[str, set[str]] = {"eventlab.airports": {"Scenario", "run"}}
    parts: list[Any] = []
    for each in planned:
        parts += [*each.faults, *each.interventions]
        if each.quality != Scenario().quality:
            parts += [each.quality, each.quality.delay]
    for part in parts:
        names.setdefault(type(part).__module__, set()).add(type(part).__name__)
    return [f"from {module} import {', '.join(sorted(found))}" for module, found in sorted(names.items())]


def _scenario(scenario: Scenario) -> str:
    """The scenario without its faults and interventions."""
    usual = Scenario()
    given = {name: getattr(scenario, name) for name in ("day", "days", "questions", "seed", "quality")}
    parts = [f"{name}={source(value)}" for name, value in given.items() if value != getattr(usual, name)]
    if not scenario.flights:
        return f"Scenario({', '.join(parts)})"
    if hours := _hours(scenario):
        return f'Scenario({", ".join(parts)}).leaving("{hours[0]}", "{hours[1]}")'
    return f"Scenario({', '.join([f'flights={source(list(scenario.flights))}', *parts])})"


def _hours(scenario: Scenario) -> tuple[str, str] | None:
    """The times between which exactly these flights are planned to leave, if there are such."""
    wanted = set(scenario.flights)
    planned = [flight.planned_departure for flight in flights.flights(scenario.day) if flight.key in wanted]
    if len(planned) < 6:
        return None  # their names are shorter, and say more
    hours = _clock(min(planned), ":"), _clock(max(planned) + MINUTE, ":")
    try:
        same = list(Scenario(day=scenario.day).leaving(*hours).flights) == list(scenario.flights)
    except ValueError:
        return None
    return hours if same else None


def _clock(instant: int, form: str) -> str:
    local = datetime.fromtimestamp(instant // SECOND, NEW_YORK)
    return f"{local:%H:%M}" if form == ":" and not local.second else f"{local:%H:%M:%S}"


def source(value: Any, day: str = "") -> str:
    """A value as source text; an instant as the time on New York's clocks, of another day than `day` with its date."""
    if isinstance(value, Instant):
        local, rest = datetime.fromtimestamp(int(value) // SECOND, NEW_YORK), int(value) % SECOND
        date = "" if f"{local:%Y-%m-%d}" == day else f"{local:%Y-%m-%d} "
        return f'at("{date}{_clock(int(value), ":")}")' + (f" + {rest}" if rest else "")
    if is_dataclass(value) and not isinstance(value, type):
        return f"{type(value).__name__}({', '.join(_arguments(value, day))})"
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{source(key)}: {source(item, day)}" for key, item in value.items()) + "}"
    if isinstance(value, str):
        return json.dumps(value)
    if isinstance(value, list):
        return "[" + ", ".join(source(item, day) for item in value) + "]"
    if isinstance(value, tuple):
        return "(" + "".join(f"{source(item, day)}, " for item in value).rstrip(" ") + ")"
    return repr(value)


def _arguments(value: Any, day: str) -> list[str]:
    """The arguments that make this dataclass: those without a usual value by place, others by name."""
    found = []
    for each in fields(value):
        usual = each.default if each.default_factory is MISSING else each.default_factory()
        given = getattr(value, each.name)
        if usual is MISSING:
            found.append(source(given, day))
        elif given != usual:
            found.append(f"{each.name}={source(given, day)}")
    return found
