"""02.5: one policy, tuned on five seeds and judged on twenty others."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from eventlab.errors import Invalid
from eventlab.lessons.judging.model import Case, Mistake
from eventlab.lessons.judging.prose import read_exercise
from eventlab.lessons.lesson02.felt import Felt
from eventlab.lessons.lesson02.outage import WORKERS, Course, Outage
from eventlab.proxy import Policy

COURSE = Course(20, 90, 115, 165)  # a short day: well, slow from second 20 to 90, out of reach to 115, well again
YOURS, OTHERS = range(5), 20  # the seeds to tune on; how many others
GATES, WELL, HELPED, LOAD = 99.0, 95.0, 60.0, 1.0  # bars: %, %, %, requests for each question
MODEL = {
    "timeout": 8, "tries": None, "pause": None, "jitter": None, "share": None, "limit": None, "open_for": None,
    "room": 5,
}  # fmt: skip


def day(settings: Mapping[str, Any], seed: int) -> Felt:
    """A short day with the outage, under these settings."""
    return Felt(Outage(Policy(**settings), seed=seed, course=COURSE).run())


def figures(felt: Felt) -> dict[str, float]:
    """What the bars are about."""
    course = felt.course
    sent = sum(call.callee == "operations" for call in felt.calls)
    asked = sum(call.caller == "passengers" and call.type == "flight.describe" for call in felt.calls)
    well = (felt.answered(0, course.slow) * course.slow + felt.after * (course.end - course.well)) / (
        course.slow + course.end - course.well
    )
    return {"gates": felt.gates, "well": well, "helped": felt.slow, "load": sent / max(1, asked)}


def trial(settings: Mapping[str, Any]) -> list[dict[str, str]]:
    """The five days to tune on, as rows of a table, and their average."""
    found = {f"seed {seed}": figures(day(settings, seed)) for seed in YOURS}
    found["average"] = average(found.values())
    return [
        {"day": name, "gates": f"{got['gates']:.0f}%", "while well": f"{got['well']:.0f}%",
         "while slow": f"{got['helped']:.0f}%", "requests for each question": f"{got['load']:.2f}"}
        for name, got in found.items()
    ]  # fmt: skip


def average(days: Iterable[Mapping[str, float]]) -> dict[str, float]:
    """The average of each figure over several days."""
    known = list(days)
    return {name: sum(got[name] for got in known) / len(known) for name in known[0]}


def judge(answer: Mapping[str, Any], case: Case) -> None:
    """Every bar, on the average of twenty days that are not those of the lesson."""
    try:
        Policy(**answer)
    except (Invalid, TypeError) as problem:
        raise Mistake(f"Such a policy cannot be meant: {problem}.", kind="shape") from None
    first = 100 + OTHERS * case.seed
    got = average(figures(day(answer, seed)) for seed in range(first, first + OTHERS))
    where = f"On {OTHERS} other days"
    if got["gates"] < GATES:
        message = f"{got['gates']:.0f}% of those who asked for a gate were answered ({GATES:g}% are asked for)"
        raise Mistake(f"{where} {message}: the boards' {WORKERS} workers all waited for operations.", kind="gates")
    if got["load"] > LOAD + 0.001:
        message = f"operations got {got['load']:.2f} requests for each question ({LOAD:g} are allowed)"
        raise Mistake(f"{where} {message}: what is tried again is asked of one who has too much to do.", kind="load")
    if got["well"] < WELL:
        message = f"{got['well']:.0f}% were answered while operations was well ({WELL:g}% are asked for)"
        raise Mistake(f"{where} {message}: your help turns people away who need none.", kind="hurts")
    if got["helped"] < HELPED:
        message = f"{got['helped']:.0f}% were answered while operations was slow ({HELPED:g}% are asked for)"
        raise Mistake(f"{where} {message}: it worked for people who had left.", kind="little")


EXERCISE = read_exercise("02.5", judge, MODEL, runs=1)
