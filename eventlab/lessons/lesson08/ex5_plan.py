"""08.5: an hour in which version 3 comes to everybody, and an alarm after which nobody may write it any more."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from eventlab.draws import Draws
from eventlab.lessons.judging.model import Case, Mistake
from eventlab.lessons.judging.prose import read_exercise
from eventlab.lessons.lesson08.delays import DESKS, KITCHENS
from eventlab.lessons.lesson08.rollout import Change, Rollout
from eventlab.lessons.lesson08.ways import WAYS

CHOICES = [name for name in WAYS if name != "thin events"]
STEPS = {"own version only": 0, "tolerant reader": 0, "upcasters": 2, "upcasters and downcasters": 4,
         "a new type instead": 2, "both types for a while": 2}  # fmt: skip
MOST_STEPS, MOST_MESSAGES, MIXED = 2, 1.1, 40  # the bars: converters, events for each delay, minutes
MODEL = {
    "way": "upcasters",
    "order": ["meals EWR", "meals JFK", "meals LGA", "operations a", "operations b"],
    "pause": 8,
    "back": ["operations a", "operations b"],
}


def plan_of(settings: Mapping[str, Any], alarm: int) -> list[Change]:
    """The changes of the hour: one after another, and, from the alarm on (a minute; 0: none), those that go back."""
    pause = settings["pause"]
    plan = [(2 + pause * place, who, 3) for place, who in enumerate(settings["order"])]
    if not alarm:
        return plan
    done = [change for change in plan if change[0] <= alarm]
    changed = {who for _, who, _ in done}
    return done + [(alarm + 1, who, 1) for who in settings["back"] if who in changed]


@lru_cache(64)
def _ran(way: str, plan: tuple[Change, ...]) -> Rollout:
    return Rollout(plan, way).run()


def measured(settings: Mapping[str, Any], alarm: int) -> dict[str, Any]:
    """What came of an hour under these settings."""
    plan = plan_of(settings, alarm)
    hour = _ran(settings["way"], tuple(plan))
    found, told = hour.felt(), sum(r.message.type != "meals.given" for r in hour.trace.of("published") if r.message)
    subjects = len({(r.message.subject, r.at // (10**9)) for r in hour.trace.of("published")
                    if r.message and r.message.type != "meals.given"})  # fmt: skip
    return {
        "alarm": f"minute {alarm}" if alarm else "none", "refused": found["refused"],
        "without a meal": found["without a meal"], "meals too many": found["meals too many"],
        "still write version 3": sum(hour.writes[desk] == 3 for desk in DESKS) if alarm else 0,
        "events for each delay": round(told / max(1, subjects), 2),
    }  # fmt: skip


def trial(settings: Mapping[str, Any]) -> list[dict[str, Any]]:
    """A row for each of some alarms."""
    return [measured(settings, alarm) for alarm in (0, 20, 38, 55)]


def judge(answer: Any, case: Case) -> None:
    """Nothing is refused, nobody feels it, and after the alarm nobody writes version 3; within the bars."""
    answer = {**answer, "order": _named(answer["order"]), "back": _named(answer["back"])}
    _look_at_shape(answer)
    if STEPS[answer["way"]] > MOST_STEPS:
        message = f"{answer['way']}: {STEPS[answer['way']]} converters are to be written, {MOST_STEPS} at most."
        raise Mistake(f"{message} Does anybody have to read what is newer than it?", kind="steps")
    if answer["pause"] * (len(answer["order"]) - 1) > MIXED:
        raise Mistake(f"Versions would be mixed for {answer['pause'] * 4} minutes ({MIXED} at most).", kind="long")
    draws = Draws(case.seed, "alarm")
    alarm = 0 if case.seed % 6 == 0 else 3 + draws.below(53)
    found = measured(answer, alarm)
    when = f"with an alarm in minute {alarm}" if alarm else "without any alarm"
    if found["still write version 3"]:
        message = f"{when.capitalize()}: {found['still write version 3']} of operations still write version 3."
        raise Mistake(message, kind="still writes")
    if found["refused"]:
        message = f"{when.capitalize()}: {found['refused']} events were refused. Who met what is newer than it: in an"
        raise Mistake(f"{message} event, or in what it finds when it goes back to work?", kind="refused")
    if found["without a meal"] or found["meals too many"]:
        told = f"{found['without a meal']} people without a meal, {found['meals too many']} meals too many"
        raise Mistake(f"{when.capitalize()}: {told}, and nothing was refused.", kind="felt")
    if found["events for each delay"] > MOST_MESSAGES:
        message = f"{found['events for each delay']} events for each delay ({MOST_MESSAGES} at most)."
        raise Mistake(message, kind="messages")


def _named(names: Any) -> Any:
    """The instances, however their letters are written."""
    known = {name.casefold(): name for name in (*KITCHENS, *DESKS)}
    return [known.get(str(name).casefold(), name) for name in names] if isinstance(names, list | tuple) else names


def _look_at_shape(answer: Any) -> None:
    """The four settings, each as it can be meant."""
    names = (*KITCHENS, *DESKS)
    order, back, pause = (answer.get(key) for key in ("order", "back", "pause"))
    if answer.get("way") not in CHOICES:
        raise Mistake(f"way: one of {', '.join(CHOICES)}, not {answer.get('way')!r:.40}.", kind="shape")
    if not isinstance(order, list | tuple) or sorted(map(str, order)) != sorted(names):
        raise Mistake(f"order: each of {', '.join(names)} once, not {order!r:.80}.", kind="shape")
    if not isinstance(back, list | tuple) or not set(map(str, back)) <= set(names) or len(set(back)) != len(back):
        raise Mistake(f"back: those who go back after the alarm, each once, not {back!r:.80}.", kind="shape")
    if isinstance(pause, bool) or not isinstance(pause, int | float) or not 1 <= pause <= 14:
        raise Mistake(f"pause: minutes from 1 to 14, not {pause!r:.40}.", kind="shape")


EXERCISE = read_exercise("08.5", judge, MODEL, cases=lambda seed: Case(seed, 1), runs=12)
