"""The finding: one sentence about what has become of people, and whose trouble stands behind it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from eventlab.control_room.services import Services
from eventlab.views.drawing.wording import counted, listed, sentence_case

TROUBLE = {
    "stopped": ("is stopped", "are stopped"),
    "cut": ("is cut off", "are cut off"),
    "slow": ("is slow", "are slow"),
}
PLURAL = ("operations", "gates", "boards", "notices")  # the service's name is a plural
NOTHING = "Nobody has anything to hear yet"


def finding(figures: Mapping[str, Any], services: Services) -> dict[str, Any]:
    """The sentence, and whether all is well: True, False, or None where there is nothing to judge."""
    bad, well = _bad(figures), _well(figures)
    waiting = figures["untold"] - figures["overdue"]
    open_yet = [f"{waiting:,} not told yet"] if waiting else []
    parts = [*bad, *open_yet] or well
    text = "; ".join(parts) if parts else NOTHING
    if trouble := _trouble(services):
        text = f"{text}: {trouble}"
    return {"text": sentence_case(text), "ok": False if bad else None if open_yet or not parts else True}


def _bad(figures: Mapping[str, Any]) -> list[str]:
    told_late = figures["late"] - figures["overdue"]
    parts = []
    if figures["overdue"]:
        parts.append(f"{figures['overdue']:,} not told, late")
    if told_late:
        parts.append(f"{told_late:,} told late")
    if figures["without"]:
        parts.append(f"{figures['without']:,} without a seat")
    if figures["wrong"]:
        parts.append(f"{counted(figures['wrong'], 'row')} wrong")
    if figures["unanswered"]:
        parts.append(f"{figures['unanswered']:,} of {counted(figures['asked'], 'question')} not answered")
    return parts


def _well(figures: Mapping[str, Any]) -> list[str]:
    parts = [f"{figures['told']:,} told in time"] if figures["told"] else []
    return parts + ([f"{figures['moved']:,} have a new seat"] if figures["moved"] else [])


def _trouble(services: Services) -> str:
    """Who is stopped, cut off or slow: "boards are stopped"."""
    by_state: dict[str, list[str]] = {}
    for name, state in services.troubled():
        by_state.setdefault(state, []).append(name)
    return ", ".join(
        f"{listed(names)} {TROUBLE[state][len(names) > 1 or names[0] in PLURAL]}" for state, names in by_state.items()
    )
