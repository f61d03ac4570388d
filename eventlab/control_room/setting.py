"""What the page knows before anything is told: who acts, which flights, from when to when."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from eventlab.airports.clocks import MINUTE, day_of
from eventlab.airports.scenario import Scenario
from eventlab.airports.stage import ORDER, PEOPLE
from eventlab.control_room.tracks import MILLISECOND
from eventlab.errors import Invalid

FIVE = 5 * MINUTE
ACTS = {
    "service": ["stop", "start", "slow", "cut", "workers"],
    "bus": ["stop", "start", "cut"],
    "arrow": ["lose", "double", "delay"],
    "packet": ["drop", "delay", "edit"],
}
SPEEDS = [1, 10, 60, 600]  # simulated seconds in one second


def span(scenario: Scenario, since: str = "", until: str = "") -> tuple[int, int, int]:
    """The instants at which the room begins and ends, and when the clock stands at first.

    It begins shortly before the first news after the day's plans, and ends when the last flight has come.
    """
    commands = scenario.commands
    news = [command.time for command in commands if command.type != "flight.schedule"]
    if not news:
        expected = "a scenario in which something happens: at least one flight"
        raise Invalid("scenario", where="control_room", expected=expected, found="none")
    first = min([*news, *(question.time for question in scenario.asked)])
    begin = scenario.at(since) if since else (first - FIVE) // FIVE * FIVE
    end = scenario.at(until) if until else -(-(max(news) + 2 * FIVE) // FIVE) * FIVE
    if end <= begin:
        raise Invalid("until", where="control_room", expected=f"a time after {since or 'the first news'}", found=until)
    return int(begin), int(end), max(int(begin), min(news) - 3 * MINUTE)


def setting(
    scenario: Scenario, architectures: Sequence[str], begin: int, end: int, start: int, **more: Any
) -> dict[str, Any]:
    """All of it as plain data; `more` is added as it stands (missions, whether there is a kernel)."""
    chosen = [command.data for command in scenario.commands if command.type == "flight.schedule"]
    chosen.sort(key=lambda flight: (flight["planned"], flight["flight"]))
    day = day_of(scenario.day)
    return {
        "title": "Control room",
        "end": (end - begin) / MILLISECOND,
        "clock": (begin - scenario.at("00:00")) / MILLISECOND,
        "day": f"{day.day} {day:%B %Y}, {title(chosen)}",
        "architectures": list(architectures),
        "services": [name for name in ORDER if name not in PEOPLE],
        "flights": [_flight(flight, begin) for flight in chosen],
        "acts": ACTS,
        "speeds": SPEEDS,
        "start_at": (start - begin) / MILLISECOND,
        **more,
    }


def title(chosen: Sequence[Mapping[str, Any]]) -> str:
    """Which flights these are, in a few words."""
    if len(chosen) == 1:
        return f"{_number(chosen[0])} from {chosen[0]['origin']} to {chosen[0]['dest']}"
    ends = [sorted({flight[end] for flight in chosen}) for end in ("origin", "dest")]
    words = [" and ".join(names) if len(names) < 3 else "" for names in ends]
    parts = [f"{word} {name}" for word, name in zip(("from", "to"), words, strict=True) if name]
    return " ".join([f"{len(chosen)} flights", *parts])


def _number(flight: Mapping[str, Any]) -> str:
    """The flight's own number: "UA1545"."""
    number: str = flight["flight"].split("-")[0]
    return number


def _flight(flight: Mapping[str, Any], begin: int) -> dict[str, Any]:
    return {
        "key": flight["flight"],
        "number": _number(flight),
        "from": flight["origin"],
        "to": flight["dest"],
        "planned": (flight["planned"] - begin) / MILLISECOND,
        "people": flight["passengers"],
        "seats": flight["seats"],
    }
