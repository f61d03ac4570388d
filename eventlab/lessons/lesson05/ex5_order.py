"""05.5: the order of the steps, and how long to wait: chosen against numbers, judged on days that nobody has seen."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from eventlab.errors import Invalid
from eventlab.faults import Crash, Fault, Flaky
from eventlab.lessons.judging.model import Case, Mistake
from eventlab.lessons.judging.prose import read_exercise
from eventlab.lessons.lesson05.town import STEPS, Town
from eventlab.network import Delay
from eventlab.process import Process, Step
from eventlab.sim import SECOND

NO = {"seat": 0.04, "hotel": 0.1, "payment": 0.3}  # how often each is refused
SPEEDS = {"payments": Delay(2, 6)}
LETTER = Step("letter", "letters", "letter.send")  # nothing takes it back
KNOWN = {step.name: step for step in (*STEPS[1:], LETTER)}
YOURS, DAYS, PEOPLE = range(3), 4, 60
UNDONE, AGAIN, LATE = 0.25, 0.15, 30.0  # bars: acts taken back, steps asked again, for each passenger; seconds
MODEL = {"order": ["payment", "hotel", "seat", "letter"], "timeout": 9, "tries": 3}


def process(answer: Mapping[str, Any]) -> Process:
    """The process that is meant; `Invalid` if none can be."""
    if sorted(map(str, answer["order"])) != sorted(KNOWN):
        raise Invalid("order", where="answer", expected=f"each of {', '.join(KNOWN)}, once", found=answer["order"])
    steps = [KNOWN[name] for name in answer["order"]]
    return Process("rebooking", steps, timeout=answer["timeout"], tries=answer["tries"])


def day(answer: Mapping[str, Any], seed: int) -> dict[str, float]:
    """A day of rebookings: a few messages are lost, and hotels are silent for its last part."""
    faults: list[Fault] = [Flaky(0, 600, loss=0.05, pairs=(("desk", "seats"),)), Crash("hotels", 600)]
    town = Town(process(answer), led=True, faults=faults, speeds=SPEEDS, seed=seed)
    draws = town.lab.sim.random("who is refused")
    refused = {name: {f"passenger {n}" for n in range(PEOPLE + 3) if draws.chance(share)} for name, share in NO.items()}
    town.refuse({KNOWN[name].do: who for name, who in refused.items()})
    for n in range(PEOPLE):
        town.ask(f"passenger {n}", at=8 * n)
    late = [f"passenger {n}" for n in range(PEOPLE, PEOPLE + 3)]
    town.ask(*late, at=601)
    town.run(1200)
    return _measured(town, refused, late)


def _measured(town: Town, refused: Mapping[str, set[str]], late: list[str]) -> dict[str, float]:
    figures = {"letters": 0.0, "undone": 0.0, "again": 0.0, "given up": 0.0, "silence": 0.0}
    for n in range(PEOPLE):
        name = f"passenger {n}"
        types = [event.type for event in town.events(name)]
        end = town.standing(name)["end"]
        figures["letters"] += end != "done" and "letter.done" in types
        figures["undone"] += sum(type.endswith(".undone") for type in types) / PEOPLE
        figures["again"] += types.count("rebooking.overdue") / PEOPLE
        figures["given up"] += end != "done" and not any(name in who for who in refused.values())
    for name in late:
        times = [event.time for event in town.events(name) if event.type == "rebooking.overdue"]
        times = times[: town.process.tries]
        if times:  # from the first time-out to the last, and what lies before the first
            figures["silence"] = max(figures["silence"], (times[-1] - times[0]) / SECOND + town.process.timeout)
    return figures


def average(answer: Mapping[str, Any], seeds: range) -> dict[str, float]:
    """The average of each figure over several days."""
    days = [day(answer, seed) for seed in seeds]
    return {name: sum(each[name] for each in days) / len(days) for name in days[0]}


def trial(answer: Mapping[str, Any]) -> list[dict[str, str]]:
    """Three days to try it on, as rows of a table."""
    return [
        {"day": f"seed {seed}", **{name: f"{value:.2f}" for name, value in day(answer, seed).items()}} for seed in YOURS
    ]


def judge(answer: Mapping[str, Any], case: Case) -> None:
    """Every bar, on the average of days that are not those of the lesson."""
    try:
        process(answer)
    except (Invalid, TypeError) as problem:
        raise Mistake(f"Such a process cannot be meant: {problem}.", kind="shape") from None
    first = 100 + DAYS * case.seed
    got = average(answer, range(first, first + DAYS))
    if got["letters"] > 0:
        message = f"{got['letters']:.0f} people a day got the letter and were not rebooked: nothing takes a letter back"
        raise Mistake(f"{message}.", kind="letters")
    if got["given up"] > 0:
        raise Mistake(f"{got['given up']:.1f} people a day were given up, though nobody had said no.", kind="gave up")
    if got["undone"] > UNDONE:
        message = f"{got['undone']:.2f} acts for each passenger were taken back ({UNDONE} are allowed)"
        raise Mistake(f"{message}: who says no most often stands late in your order.", kind="undone")
    if got["again"] > AGAIN:
        message = f"{got['again']:.2f} steps for each passenger were asked again ({AGAIN} are allowed)"
        raise Mistake(f"{message}: they were answered, after your time-out.", kind="again")
    if got["silence"] > LATE:
        message = (
            f"when hotels were silent, it took {got['silence']:.0f} s until the desk gave up ({LATE:.0f} are allowed)"
        )
        raise Mistake(f"{message}.", kind="slow")


EXERCISE = read_exercise("05.5", judge, MODEL, runs=1)
