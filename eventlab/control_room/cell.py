"""The cell that makes the same runs again: source text of a scenario, its faults and its interventions."""

from __future__ import annotations

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
    faults = planned[0].faults
    apart = any(each.interventions for each in planned)
    lines = [*_imports(planned), "", f"scenario = {_scenario(scenario)}", "at = scenario.at"]
    if faults:
        lines += ["scenario = scenario.with_(", "    faults=[", *(f"        {source(each)}," for each in faults)]
        lines += ["    ]", ")"]
    lines.append("runs = [")
    for (architecture, options), each in zip(chosen, planned, strict=True):
        what = "scenario"
        if apart and each.interventions:
            what = f"scenario.with_(interventions=[{', '.join(map(source, each.interventions))}])"
        more = "".join(f", {name}={value!r}" for name, value in options.items())
        lines.append(f"    run({what}, {architecture!r}{more}),")
    return "\n".join([*lines, "]", "[each.digest for each in runs]"]).replace("'", '"')


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
    given = {"day": scenario.day, "questions": scenario.questions, "seed": scenario.seed, "quality": scenario.quality}
    usual = Scenario()
    parts = [f"{name}={source(value)}" for name, value in given.items() if value != getattr(usual, name)]
    if not scenario.flights:
        return f"Scenario({', '.join(parts)})"
    if hours := _hours(scenario):
        return f'Scenario({", ".join(parts)}).leaving("{hours[0]}", "{hours[1]}")'
    return f"Scenario({', '.join([f'flights={list(scenario.flights)}', *parts])})"


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


def source(value: Any) -> str:
    """A value as source text; an instant as the time on New York's clocks."""
    if isinstance(value, Instant):
        rest = int(value) % SECOND
        return f'at("{_clock(int(value), ":")}")' + (f" + {rest}" if rest else "")
    if is_dataclass(value) and not isinstance(value, type):
        return f"{type(value).__name__}({', '.join(_arguments(value))})"
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{source(key)}: {source(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(source, value)) + "]"
    if isinstance(value, tuple):
        return "(" + "".join(f"{source(item)}, " for item in value).rstrip(" ") + ")"
    return repr(value)


def _arguments(value: Any) -> list[str]:
    """The arguments that make this dataclass: those without a usual value by place, others by name."""
    found = []
    for each in fields(value):
        usual = each.default if each.default_factory is MISSING else each.default_factory()
        given = getattr(value, each.name)
        if usual is MISSING:
            found.append(source(given))
        elif given != usual:
            found.append(f"{each.name}={source(given)}")
    return found
