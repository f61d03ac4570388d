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
    """The sentence, people first, and whether all is well: True, False, or None where that is open.

    All is well when everybody who has something to hear was told in time and has a seat, and questions are answered.
    """
    people, bad = _people(figures)
    waiting = figures["untold"] - figures["overdue"]
    parts = people + ([f"{waiting:,} not told yet"] if waiting else [])
    if not parts and figures["told"]:
        seats = " and have a seat" if figures["moved"] else ""
        parts = [f"All {figures['told']:,} told in time{seats}"]
    if figures["wrong"]:
        parts.append(f"{counted(figures['wrong'], 'row')} wrong")
    if figures["unanswered"]:
        parts.append(f"{figures['unanswered']:,} of {counted(figures['asked'], 'question')} not answered")
    text = "; ".join(parts) or NOTHING
    if trouble := _trouble(services):
        text = f"{text}: {trouble}"
    wrong = bad or bool(figures["unanswered"])
    open_yet = waiting or figures["wrong"] or not parts
    return {"text": sentence_case(text), "ok": False if wrong else None if open_yet else True}


def _people(figures: Mapping[str, Any]) -> tuple[list[str], bool]:
    """What has gone wrong for people, and whether anything has."""
    told_late = figures["late"] - figures["overdue"]
    parts = [
        f"{number:,} {words}"
        for number, words in (
            (figures["overdue"], "not told, late"), (told_late, "told late"), (figures["without"], "without a seat"),
        )
        if number
    ]  # fmt: skip
    return parts, bool(parts)


def _trouble(services: Services) -> str:
    """Who is stopped, cut off or slow: "boards are stopped"."""
    by_state: dict[str, list[str]] = {}
    for name, state in services.troubled():
        by_state.setdefault(state, []).append(name)
    return ", ".join(
        f"{listed(names)} {TROUBLE[state][len(names) > 1 or names[0] in PLURAL]}" for state, names in by_state.items()
    )
