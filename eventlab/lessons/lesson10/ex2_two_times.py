"""10.2: the gate that a flight had at one time, as it was known at another."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random
from typing import Any

from eventlab.event import Event
from eventlab.lessons.judging.model import Case, Mistake
from eventlab.lessons.judging.prose import read_exercise
from eventlab.lessons.lesson10.ben import DAY
from eventlab.views.bitemporal import two_times

HALF = 30 * 60 * 10**9
EIGHT = DAY.at("08:00")
STEPS = 9  # half hours of either time


def gate_at(events: Sequence[Event], known: int, happened: int) -> str:
    gate, since = "", 0
    for event in events:
        if event.time <= known and since <= event.data["since"] <= happened:
            gate, since = event.data["gate"], event.data["since"]
    return gate


def history(case: Case) -> list[Event]:
    """What was said about the gate, in the order in which it became known; some of it corrects what was said before."""
    chance, events = Random(case.seed), list[Event]()
    times = sorted(chance.sample(range(1, STEPS), min(STEPS - 1, case.size + 1)))
    for number, step in enumerate(times):
        again = [event.data["since"] for event in events]
        since = chance.choice(again) if again and chance.random() < 0.4 else EIGHT + HALF * chance.randrange(STEPS)
        said = {"gate": f"LGA-{chance.randrange(1, 40):02}", "since": since}
        events.append(Event("gate.noted", said, "DL2285", f"desk-{number + 1}", "desk", EIGHT + step * HALF))
    return events


def judge(answer: Any, case: Case) -> None:
    """For each pair of times: the gate that holds then, by what was known then."""
    events = history(case)
    for k in range(STEPS + 1):
        for h in range(STEPS + 1):
            _look(answer, events, EIGHT + k * HALF, EIGHT + h * HALF)


def _look(answer: Any, events: list[Event], known: int, happened: int) -> None:
    given, right = answer(list(events), known, happened), gate_at(events, known, happened)
    if (given or "") == right:
        return
    clock = DAY.stage.clock
    told = f"As known at {clock(known)}, at {clock(happened)} the gate was {right or 'not known'}"
    told += f", and you say {given!r:.40}"
    said = [event for event in events if event.data["gate"] == given]
    if not said:
        why, kind = "that is no gate of this flight", "gate"
        if not given:
            why, kind = "something was known, from then or from before", "nothing"
    elif all(event.time > known for event in said):
        why, kind = f"that was noted at {clock(said[0].time)}, and nobody could know it yet", "future"
    elif all(event.data["since"] > happened or event.time > known for event in said):
        why, kind = f"that gate holds only from {clock(said[0].data['since'])} on", "later"
    elif any(event.data["since"] == said[0].data["since"] and event.data["gate"] == right for event in events):
        why, kind = "that was corrected: of the same time, something else was said later", "corrected"
    else:
        why, kind = "that was so before: another gate was noted for a later time", "older"
    ends = [EIGHT + step * HALF for step in range(STEPS + 2)]
    picture = two_times(
        lambda k, h: gate_at(events, k, h) or "–", known=ends, happened=ends, at=(known, happened),
        title="What should be answered, for every two times", stage=DAY.stage,
    )  # fmt: skip
    raise Mistake(f"{told}: {why}.", picture=picture, kind=kind)


EXERCISE = read_exercise("10.2", judge, gate_at, cases=lambda seed: Case(seed, 3), pure=True)
