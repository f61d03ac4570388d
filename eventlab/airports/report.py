"""What the notebooks tell about a scenario and a comparison: rows for a table and sentences, every number counted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from eventlab.airports import catalogue, flights, reference
from eventlab.airports.clocks import NEW_YORK, SECOND, shown
from eventlab.airports.metrics import MEASURES
from eventlab.airports.scenario import Run, Scenario
from eventlab.trace import Record

if TYPE_CHECKING:
    import pandas

CAST = {
    "airlines": "people: they tell operations what happens to their flights, until operations has heard it",
    "passengers": "people: they ask the boards where their flight is; if no answer comes, they give up",
    "operations": "knows every flight; the only one that airlines talk to, so all news begins here",
    "gates": "gives each flight a gate, another one if that is taken, and frees it in the end",
    "boards": "show a row for each flight, and answer the passengers' questions",
    "notices": "tell passengers of a cancellation, a long delay, a new gate, a new flight",
    "rebooking": "looks for seats on later flights to the same place when a flight is cancelled",
    "baggage": "loads the bags of a flight that leaves, gives back those of one that does not",
    "bus": "takes in events and sends each to everybody who has subscribed to it (not needed for requests)",
    "store": "keeps every event for ever, in order, and publishes from there (idle but in event sourcing)",
}
DIGITS = {"answered %": 1, "out of date %": 2, "wrong board h": 1, "MB": 1, "recovery min": 1}  # others: whole numbers


def clock(instant: int) -> str:
    """What New York's clocks show, with seconds."""
    return f"{datetime.fromtimestamp(instant // SECOND, NEW_YORK):%H:%M:%S}"


def cast() -> list[dict[str, str]]:
    """Who is who."""
    return [{"who": name, "what they do": words} for name, words in CAST.items()]


def day(scenario: Scenario) -> str:
    """The day in one sentence: what was planned, and what became of it."""
    planned = flights.flights(scenario.day)
    fate = Counter(flight.status for flight in planned)
    booked = sum(flight.passengers for flight in planned if flight.status == "cancelled")
    return (
        f"**{scenario.day}**: {len(planned)} flights were planned; {fate['cancelled']} never left, "
        f"{fate['arrived']} came to their destination, {fate['diverted']} had to land somewhere else. "
        f"By our model, {booked:,} people were booked on the flights that never left."
    )


def messages(scenario: Scenario) -> list[dict[str, str]]:
    """What airlines tell and passengers ask, and how often in this scenario."""
    times = Counter(message.type for message in [*scenario.commands, *scenario.asked])
    return [
        {
            "message": name,
            "from → to": "passengers → boards" if name == "flight.describe" else "airlines → operations",
            "what it means": catalogue.TYPES[name].sentence,
            "times": f"{times[name]:,}",
        }
        for name in catalogue.TYPES
        if name in times
    ]


def plan(scenario: Scenario) -> list[dict[str, str]]:
    """The scenario's flights: what was planned, what the airline came to know when, and what really happened."""
    by_key = {flight.key: flight for flight in flights.flights(scenario.day)}
    cancelled = {command.subject: command.time for command in scenario.commands if command.type == "flight.cancel"}
    names = reference.airlines()
    return [
        {
            "flight": key,
            "airline": names[flight.carrier],
            "route": f"{flight.origin} → {flight.dest}",
            "planned": shown(flight.planned_departure)[11:],
            "people": str(flight.passengers),
            "free seats": str(flight.seats - flight.passengers),
            "what happened": f"cancelled, known at {shown(cancelled[key])[11:]}"
            if key in cancelled
            else "never left"
            if flight.departure is None
            else f"left at {shown(flight.departure)[11:]}",
        }
        for key in scenario.flights
        for flight in [by_key[key]]
    ]


def between(run: Run, since: str, until: str) -> list[Record]:
    """What happens between two times of the day; lets time pass until then."""
    begin, end = run.scenario.at(since), run.scenario.at(until)
    if run.sim.now < end:
        run.sim.run(until=end)
    return [record for record in run.trace if begin <= record.at < end]


def what_passengers_heard(run: Run, since: str, until: str) -> list[dict[str, str]]:
    """When passengers were told what, and when seats were found for how many, between two times of the day."""
    return [
        {"time": clock(record.at), "who": record.where, "does what": words}
        for record in between(run, since, until)
        if (words := _told(record) if record.kind == "acted" else _moved(record))
    ]


def _told(act: Record) -> str:
    return f"tells the passengers of {act.key}: {act.note}"


def _moved(change: Record) -> str:
    before, after = change.before, change.after
    if (change.kind, change.where) != ("changed", "rebooking"):
        return ""
    if not isinstance(before, Mapping) or not isinstance(after, Mapping):
        return ""
    moved = after.get("booked", 0) - before.get("booked", 0)
    if moved > 0:
        return f"moves {moved} people to {change.key}"
    left = after.get("left", 0)
    return f"finds no seat for {left} people of {change.key}" if left and "left" not in before else ""


def comparison(table: pandas.DataFrame, *measures: str) -> list[dict[str, str]]:
    """A comparison turned on its side: a row for each measure, a column for each architecture."""
    return [
        {"measure": _whole(name), **{str(row): number(name, table.at[row, name]) for row in table.index}}
        for name in measures or table.columns
    ]


def measures(*names: str) -> list[dict[str, str]]:
    """What the measures mean."""
    return [{"measure": _whole(name), "what it is": MEASURES[name]} for name in names or MEASURES]


def _whole(name: str) -> str:
    """The name with spaces at which no line breaks."""
    return name.replace(" ", "\u00a0")


def number(measure: str, value: float) -> str:
    """A measured value with as many digits as make sense; a dash where there is nothing to measure."""
    return "–" if value != value else f"{value:,.{DIGITS.get(measure, 0)}f}"


def who_has_which_value(table: pandas.DataFrame, *measures: str) -> str:
    """For each measure a line that says who has which value: who differs is seen at once."""
    lines = []
    for name in measures or table.columns:
        groups: dict[str, list[str]] = {}
        for row in table.index:
            groups.setdefault(number(name, table.at[row, name]), []).append(str(row))
        lines.append(f"- **{name}**: {_groups(groups)}")
    return "\n".join(lines)


def _groups(groups: dict[str, list[str]]) -> str:
    if len(groups) == 1:
        return f"{next(iter(groups))} everywhere."
    return "; ".join(f"**{value}** in {_listed(names)}" for value, names in groups.items()) + "."


def _listed(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
