"""Four briefs from other trades, each with bars: which pattern would you take, and what rules out the others?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from eventlab.airports.scenario import ARCHITECTURES
from eventlab.errors import unknown
from eventlab.lessons.judging.model import Case, Exercise, Mistake
from eventlab.lessons.lesson12.needs import NEEDS
from eventlab.lessons.lesson12.scoreboard import Bars, figure, limit, scoreboard

Choice = Mapping[str, Any]  # {"take": a pattern, "because": the measures that rule out the others}

BRIEFS: dict[str, tuple[str, str, dict[str, float]]] = {
    "checkout": (
        "A shop's checkout",
        "Orders are taken day and night; the warehouse's system is down every Sunday for an hour, and "
        "customers must still "
        "see what is in stock. Every quarter a new team (loyalty, fraud, returns) wants to follow orders; "
        "nobody has time "
        "to answer its questions. Customers' old addresses must not be kept.",
        {"answered while stopped %": 99, "understood by a newcomer %": 99, "kept per flight": 1.5},
    ),
    "lab": (
        "A hospital's lab results",
        "A result that was corrected must stay readable as it was: who decided what on which value? The wards must be "
        "able to read what they have while the laboratory's network is cut off.",
        {"history kept %": 100, "answered while cut off %": 99},
    ),
    "cards": (
        "Limits of payment cards",
        "A shop's terminal may refuse a customer when it cannot reach the bank, but it must never decide on "
        "an old limit. "
        "Teams that watch for fraud come and go; the bank's core must not be changed for each of them.",
        {"wrong while cut off %": 0, "heard by a newcomer %": 99},
    ),
    "rooms": (
        "Meeting rooms of a town library",
        "Two programs: the desk's and the calendar. When the clerk says “it is booked”, it must stand in the "
        "calendar, and "
        "what the calendar shows must be true. It is open eight hours a day, and a minute without it hurts nobody.",
        {"done when confirmed %": 99, "wrong while cut off %": 0},
    ),
}


def bars(brief: str) -> Bars:
    """The bars of a brief."""
    if brief not in BRIEFS:
        raise unknown("brief", brief, BRIEFS, where="bars")
    return BRIEFS[brief][2]


def brief_rows(brief: str) -> list[dict[str, str]]:
    """The bars of a brief as rows of a table."""
    return [
        {"measure": name, "bar": limit(name, bar), "what it is": NEEDS[name].words} for name, bar in bars(brief).items()
    ]


def judged(brief: str) -> Any:
    """The judge of a brief: what is taken meets every bar, and the reasons rule out all others that miss one."""

    def judge(choice: Choice, case: Case) -> None:
        board, wanted = scoreboard(), bars(brief)
        take, because = choice["take"], choice["because"]
        if take not in ARCHITECTURES:
            raise Mistake(f"{take!r} is none of the five: {', '.join(ARCHITECTURES)}.", kind="unknown")
        if isinstance(because, str) or not because:
            raise Mistake('Give your reasons as a list of measures: "because": ["…", "…"].', kind="reasons")
        missed = board.recommend(wanted).misses.get(take, {})
        for name, value in missed.items():
            raise Mistake(
                f"With {take}, “{name}” was measured as {figure(value)}; the brief asks for "
                f"{limit(name, wanted[name])}. "
                f"({NEEDS[name].words[0].upper()}{NEEDS[name].words[1:]}.)",
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


def decision(id: str, brief: str, model: Choice, hints: tuple[str, str], explains: str) -> Exercise:
    """The exercise of a brief."""
    title = BRIEFS[brief][0]
    return Exercise(
        id, title, "decide", "Say which pattern you take, and which measures rule out the others.", judged(brief),
        dict(model), hints, runs=1, explains=explains, prepare=scoreboard,
    )  # fmt: skip


DECISIONS = (
    decision(
        "12.5",
        "checkout",
        {"take": "event-carried state transfer", "because": ["understood by a newcomer %", "kept per flight"]},
        (
            "Which patterns let a new team understand an event without asking anybody?",
            "Two of them do. One of these keeps everything that ever happened, old addresses too.",
        ),
        "A copy for everybody, and nothing of the past: the price is larger events, and copies that can be old.",
    ),
    decision(
        "12.6",
        "lab",
        {"take": "event sourcing", "because": ["history kept %"]},
        (
            "A state says how things are. Which pattern can still say how they were?",
            "Look at the row “history kept %”: how many patterns pass it?",
        ),
        "One bar decides it: a past that was not stored cannot be had back. The price is storage, and care in "
        "modelling.",
    ),
    decision(
        "12.7",
        "cards",
        {"take": "event notification", "because": ["wrong while cut off %", "heard by a newcomer %"]},
        (
            "Rather no answer than an old one: which patterns ask the owner every time?",
            "Two do. With one of them, the owner has to be changed for every new listener.",
        ),
        "The event wakes whoever listens, the owner answers: always true, and silent when the owner cannot be reached.",
    ),
    decision(
        "12.8",
        "rooms",
        {"take": "request-driven", "because": ["done when confirmed %"]},
        (
            "Nothing in this brief asks for events. What does the clerk need to know when the call returns?",
            "Look at the row “done when confirmed %”.",
        ),
        "Two programs and a question that wants an answer now: events would only put a delay between “booked” "
        "and true.",
    ),
)
