"""10.3: a read model is built from the first event on, while the newest ones come in beside."""

from __future__ import annotations

from collections.abc import Mapping
from random import Random
from typing import Any

from eventlab.event import Event
from eventlab.lessons.judging.model import Case, Mistake
from eventlab.lessons.judging.prose import read_exercise
from eventlab.store import Recorded
from eventlab.views.lags import Behind, read_model_lag

TYPES = ("flight.delayed", "flight.departed", "flight.cancelled")


def take(model: Mapping[str, Any], recorded: Recorded) -> Mapping[str, Any]:
    if recorded.position != model["position"] + 1:
        return model
    type, counts = recorded.event.type, model["counts"]
    return {"position": recorded.position, "counts": {**counts, type: counts.get(type, 0) + 1}}


def deliveries(case: Case) -> list[int]:
    """Positions in the order in which they come: the history page by page, new events between, some twice."""
    chance, order, next_old = Random(case.seed), list[int](), 1
    old = case.size + 3
    new = old + 1
    while next_old < new:
        if new <= old + 4 and chance.random() < 0.3:
            order.append(new)
            new += 1
        page = range(next_old, min(new, next_old + chance.randint(1, 3)))
        order += page
        next_old = page.stop
        if chance.random() < 0.4:
            order.append(chance.randrange(1, next_old))
    return order


def judge(answer: Any, case: Case) -> None:
    """After each event: all up to the position were counted once; at the end, all."""
    order, chance = deliveries(case), Random(case.seed + 1)
    events = [chance.choice(TYPES) for _ in range(max(order))]
    model: Any = {"position": 0, "counts": {}}
    seen = Behind([], [])
    for step, position in enumerate(order):
        before = {"position": model["position"], "counts": dict(model["counts"])}
        kept, event = model, Event(events[position - 1], {}, "x", f"e-{position}", time=position)
        model = answer(model, Recorded(event, "flight-x", position, position))
        _shape(model, step, seen)
        if kept != before:
            raise _mistake("The old model changed too: give back a new one, or a rebuild begins with old counts.",
                           "changed", seen, step)  # fmt: skip
        _counted(model, before, events, position, step, seen)
        seen.times.append(step)
        seen.behind.append(max(0, max(order) - model["position"]))
    if model["position"] != max(order):
        words = f"All {max(order)} events came, and the model stands at position {model['position']!r:.20}."
        raise _mistake(words, "behind", seen, len(order))


def _shape(model: Any, step: int, seen: Behind) -> None:
    good = isinstance(model, Mapping) and model.get("position").__class__ is int
    if not good or not isinstance(model.get("counts"), Mapping):
        words = f"Expected a dictionary with position and counts; found {model!r:.80}."
        raise _mistake(words, "shape", seen, step)


def _counted(model: Any, before: Any, events: list[str], position: int, step: int, seen: Behind) -> None:
    stands = model["position"]
    if stands > before["position"] + 1:
        words = f"After position {before['position']} came {position}, and the model went there: "
        words += f"the events from {before['position'] + 1} to {stands - 1} will be missing."
        raise _mistake(words, "gap", seen, step)
    if stands < before["position"]:
        words = f"Position {position} came again, and the model went back from {before['position']} to {stands}: "
        raise _mistake(f"{words}what follows is counted twice.", "back", seen, step)
    right = {type: events[:stands].count(type) for type in TYPES if type in events[:stands]}
    if dict(model["counts"]) == right:
        return
    if position <= before["position"]:
        words, kind = f"Position {position} came again and was counted again.", "twice"
    elif position > before["position"] + 1:
        words, kind = f"Position {position} came too early, was counted, and will come again.", "early"
    else:
        words, kind = f"At position {stands} the counts are {dict(model['counts'])} and must be {right}.", "count"
    raise _mistake(words, kind, seen, step)


def _mistake(words: str, kind: str, seen: Behind, step: int) -> Mistake:
    drawn = Behind([*seen.times, step], [*seen.behind, (seen.behind or [0])[-1]], wrong=[step])
    return Mistake(words, kind=kind, picture=read_model_lag({"your model": drawn}, title=words))


EXERCISE = read_exercise("10.3", judge, take, cases=lambda seed: Case(seed, 4), pure=True)
