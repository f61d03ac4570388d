"""12.5 to 12.8: four briefs from other trades: which pattern would you take, and what rules out the others?"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec

from eventlab.airports.scenario import ARCHITECTURES
from eventlab.errors import unknown
from eventlab.lessons.judging.model import Case, Mistake
from eventlab.lessons.judging.prose import read_exercise, read_tables
from eventlab.lessons.judging.reading import nearest
from eventlab.lessons.lesson12.needs import NEEDS
from eventlab.lessons.lesson12.scoreboard import Bars, figure, limit, scoreboard

Choice = Mapping[str, Any]  # {"take": a pattern, "because": the measures that rule out the others}


class Brief(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """What somebody needs, in words, and as bars: by measure the least, or the most, that is good enough."""

    text: str
    bars: dict[str, float]


BRIEFS = read_tables(Path(__file__).with_name("briefs.toml"), Brief)


def bars(brief: str) -> Bars:
    """The bars of a brief."""
    if brief not in BRIEFS:
        raise unknown("brief", brief, BRIEFS, where="bars")
    return BRIEFS[brief].bars


def brief_rows(brief: str) -> list[dict[str, str]]:
    """The bars of a brief as rows of a table."""
    return [
        {"measure": name, "bar": limit(name, bar), "what it is": NEEDS[name].words} for name, bar in bars(brief).items()
    ]


def judged(brief: str) -> Any:
    """The judge of a brief: what is taken meets every bar, and the reasons rule out all others that miss one."""

    def judge(choice: Choice, case: Case) -> None:
        board, wanted = scoreboard(), bars(brief)
        take, because = nearest(choice["take"], ARCHITECTURES), choice["because"]
        if take not in ARCHITECTURES:
            raise Mistake(f"{take!r} is none of the five: {', '.join(ARCHITECTURES)}.", kind="unknown")
        if isinstance(because, str) or not because:
            raise Mistake('Give your reasons as a list of measures: "because": ["…", "…"].', kind="reasons")
        because = [_measure(name, wanted) for name in because]
        missed = board.recommend(wanted).misses.get(take, {})
        for name, value in missed.items():
            raise Mistake(
                f"With {take}, “{name}” was measured as {figure(value)}; the brief asks for "
                f"{limit(name, wanted[name])}. ({NEEDS[name].words[0].upper()}{NEEDS[name].words[1:]}.)",
                kind="misses",
            )
        for name in because:
            if name not in wanted:
                raise Mistake(f"The brief says nothing about “{name}”: it is no reason here.", kind="no reason")
        left = board.recommend({name: wanted[name] for name in because}).fits
        for other in left:
            if other in board.recommend(wanted).misses:
                raise Mistake(
                    f"Your choice is right, but your reasons do not rule out {other}: it meets all that you named. "
                    "Which of the brief's bars does it miss?",
                    kind="argument",
                )

    return judge


def _measure(name: str, wanted: Bars) -> str:
    """The measure that is meant: one of the brief's own, if it can be."""
    found = nearest(name, wanted)
    return str(found if found in wanted else nearest(name, NEEDS))


MODELS: dict[str, tuple[str, Choice]] = {  # by brief: its exercise, and an answer that is right
    "checkout": (
        "12.5",
        {"take": "event-carried state transfer", "because": ["understood by a newcomer %", "services that wait"]},
    ),
    "lab": ("12.6", {"take": "event sourcing", "because": ["past told %"]}),
    "cards": ("12.7", {"take": "event notification", "because": ["wrong while cut off %", "heard by a newcomer %"]}),
    "rooms": ("12.8", {"take": "request-driven", "because": ["done when confirmed %"]}),
}

EXERCISES = tuple(
    read_exercise(id, judged(brief), dict(model), runs=1, prepare=scoreboard) for brief, (id, model) in MODELS.items()
)
