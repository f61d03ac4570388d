"""10.5: how fast a new version of the board is built, and when readers are switched to it, with bars."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from eventlab.lessons.judging.model import Case, Mistake
from eventlab.lessons.judging.prose import read_exercise
from eventlab.lessons.lesson10.rebuilding import BUILD, END, SWITCHES, Rebuild, board, storm
from eventlab.sim import SECOND

BARS = {"wrong": 0, "minutes": 40, "load": 1.5}
MEANINGS = {
    "wrong": "wrong answers to passengers",
    "minutes": "minutes until version 2 answers",
    "load": "events a second that the rebuild takes from the store",
}
ADVICE = {
    "wrong": "Whoever asks a read model that has not caught up hears of an older airport, or of none.",
    "minutes": "It was asked for by 10:40: read faster, or do not wait for ever.",
    "load": "The store serves the others too: at night there would be more time.",
}
PLAN = {"speed": 1.0, "switch": "when it has caught up"}


@cache
def _tried(speed: float, switch: str) -> Rebuild:
    return Rebuild(board, speed=speed, switch=switch).run()


def measured(plan: Mapping[str, Any]) -> list[dict[str, object]]:
    """What a plan costs, beside the bars."""
    found = _measure(plan)
    return [
        {"what": MEANINGS[name], "bar": bar, "your plan": found[name], "": "✓" if found[name] <= bar else "✕"}
        for name, bar in BARS.items()
    ]


def judge(answer: Any, case: Case) -> None:
    """Every bar is met."""
    found = _measure(answer)
    for name, bar in BARS.items():
        if found[name] > bar:
            words = f"{MEANINGS[name].capitalize()}: {found[name]:g}, and the bar is {bar:g}. {ADVICE[name]}"
            raise Mistake(words, kind=name, picture=_tried(float(answer["speed"]), answer["switch"]).picture())


def _measure(plan: Any) -> dict[str, float]:
    if not isinstance(plan, Mapping):
        raise Mistake(f"Expected a dictionary with speed and switch; found {plan!r:.80}.", kind="shape")
    speed, switch = plan.get("speed"), plan.get("switch")
    if not isinstance(speed, int | float) or isinstance(speed, bool) or not 0.1 <= speed <= 100:
        raise Mistake(f"“speed” must be a number from 0.1 to 100; found {speed!r:.40}.", kind="shape")
    if switch not in SWITCHES:
        raise Mistake(f"“switch” must be one of {', '.join(SWITCHES)}; found {switch!r:.40}.", kind="shape")
    it, day = _tried(float(speed), switch), storm()
    end = day.at(END) if it.switched is None else it.switched
    return {"wrong": it.wrong, "minutes": (end - day.at(BUILD)) // (60 * SECOND), "load": float(speed)}


EXERCISE = read_exercise("10.5", judge, PLAN, runs=1)
