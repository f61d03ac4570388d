"""Known answers to the exercises of lesson 10."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from eventlab import Event
from eventlab.store import Recorded
from tests.support.known import Known

# 10.2 -----------------------------------------------------------------------------------------------------------------


def with_a_sorted_list(events: Sequence[Event], known: int, happened: int) -> Any:
    told = [event for event in events if event.time <= known and event.data["since"] <= happened]
    return sorted(told, key=lambda event: (event.data["since"], event.time))[-1].data["gate"] if told else None


def knows_the_future(events: Sequence[Event], known: int, happened: int) -> Any:
    return with_a_sorted_list(events, 2**62, happened)


def takes_one_time_for_both(events: Sequence[Event], known: int, happened: int) -> Any:
    told = [event for event in events if event.time <= known]
    return told[-1].data["gate"] if told else ""


def takes_the_last_that_was_noted(events: Sequence[Event], known: int, happened: int) -> Any:
    told = [event for event in events if event.time <= known and event.data["since"] <= happened]
    return told[-1].data["gate"] if told else ""


def never_corrects(events: Sequence[Event], known: int, happened: int) -> Any:
    told = [event for event in events if event.time <= known and event.data["since"] <= happened]
    return max(told, key=lambda event: event.data["since"]).data["gate"] if told else ""


def exactly_then(events: Sequence[Event], known: int, happened: int) -> Any:
    told = [event for event in events if event.time <= known and event.data["since"] == happened]
    return told[-1].data["gate"] if told else ""


def gives_the_event(events: Sequence[Event], known: int, happened: int) -> Any:
    told = [event for event in events if event.time <= known and event.data["since"] <= happened]
    return told[-1].id if told else ""


# 10.3 -----------------------------------------------------------------------------------------------------------------


def _counts(model: Mapping[str, Any], recorded: Recorded) -> dict[str, int]:
    type = recorded.event.type
    return {**model["counts"], type: model["counts"].get(type, 0) + 1}


def waits_for_its_turn(model: Mapping[str, Any], recorded: Recorded) -> Any:
    turn = recorded.position - model["position"] == 1
    return {**model, "position": recorded.position, "counts": _counts(model, recorded)} if turn else dict(model)


def jumps(model: Mapping[str, Any], recorded: Recorded) -> Any:
    if recorded.position <= model["position"]:
        return model
    return {"position": recorded.position, "counts": _counts(model, recorded)}


def goes_back(model: Mapping[str, Any], recorded: Recorded) -> Any:
    if recorded.position > model["position"] + 1:
        return model
    new = recorded.position > model["position"]
    return {"position": recorded.position, "counts": _counts(model, recorded) if new else model["counts"]}


def counts_again(model: Mapping[str, Any], recorded: Recorded) -> Any:
    if recorded.position > model["position"] + 1:
        return model
    return {"position": max(model["position"], recorded.position), "counts": _counts(model, recorded)}


def counts_early(model: Mapping[str, Any], recorded: Recorded) -> Any:
    if recorded.position <= model["position"]:
        return model
    turn = recorded.position == model["position"] + 1
    return {"position": model["position"] + turn, "counts": _counts(model, recorded)}


def changes_it_within(model: Any, recorded: Recorded) -> Any:
    if recorded.position == model["position"] + 1:
        model["position"] += 1
        model["counts"][recorded.event.type] = model["counts"].get(recorded.event.type, 0) + 1
    return model


def takes_nothing(model: Mapping[str, Any], recorded: Recorded) -> Any:
    return model


def gives_the_counts(model: Mapping[str, Any], recorded: Recorded) -> Any:
    return _counts(model, recorded)


# 10.4 -----------------------------------------------------------------------------------------------------------------


def one_after_the_other(patient: str, clinic: Any) -> None:
    if clinic.keys.forget(patient):
        for model in reversed(clinic.models):
            model.begin()
            model.catch_up(clinic.store)


def throws_the_key_away(patient: str, clinic: Any) -> None:
    clinic.keys.forget(patient)


def rebuilds_only(patient: str, clinic: Any) -> None:
    for model in clinic.models:
        model.rebuild(clinic.store)


def rebuilds_one(patient: str, clinic: Any) -> None:
    clinic.keys.forget(patient)
    clinic.models[0].rebuild(clinic.store)


def forgets_everybody(patient: str, clinic: Any) -> None:
    for each in clinic.keys.people():
        clinic.keys.forget(each)
    rebuilds_only(patient, clinic)


def empties_the_models(patient: str, clinic: Any) -> None:
    clinic.keys.forget(patient)
    for model in clinic.models:
        model.begin()


def notes_it(patient: str, clinic: Any) -> None:
    one_after_the_other(patient, clinic)
    clinic.store.append(f"patient-{patient}", Event("patient.forgotten", {"patient": patient}, id=f"gone-{patient}"))


# 10.5 -----------------------------------------------------------------------------------------------------------------


def plan(speed: float, switch: str = "when it has caught up") -> dict[str, Any]:
    return {"speed": speed, "switch": switch}


ANSWERS = {
    "10.1": Known(
        other=["BFDEAC", "b, f, d, e, a, c", ["b", "f", "d", "e", "a", "c"]],
        wrong=[
            ("f b d e a c", "what has not been made cannot read"),
            ("b d f e a c", "without having read"),
            ("b f e d a c", "differs for that reason alone"),
            ("b f d a e c", "readers would find the mistakes"),
            ("b f d e c a", "nobody would answer"),
            ("b f d e a", "exactly once"),
        ],
    ),
    "10.2": Known(
        other=[with_a_sorted_list],
        wrong=[
            (knows_the_future, "nobody could know it yet"),
            (takes_one_time_for_both, "that gate holds only from"),
            (takes_the_last_that_was_noted, "another gate was noted for a later time"),
            (never_corrects, "of the same time, something else was said later"),
            (exactly_then, "something was known"),
            (gives_the_event, "no gate of this flight"),
        ],
    ),
    "10.3": Known(
        other=[waits_for_its_turn],
        wrong=[
            (jumps, "will be missing"),
            (goes_back, "what follows is counted twice"),
            (counts_again, "came again and was counted again"),
            (counts_early, "came too early"),
            (changes_it_within, "The old model changed too"),
            (takes_nothing, "the model stands at position 0"),
            (gives_the_counts, "Expected a dictionary with position and counts"),
        ],
    ),
    "10.4": Known(
        other=[one_after_the_other],
        wrong=[
            (throws_the_key_away, "The read model wards still says"),
            (rebuilds_only, "is still there"),
            (rebuilds_one, "The read model findings still says"),
            (forgets_everybody, "was forgotten too"),
            (empties_the_models, "lack what they knew"),
            (notes_it, "The log has other events"),
        ],
    ),
    "10.5": Known(
        other=[plan(1.2), plan(1)],
        wrong=[
            (plan(1, "at once"), "hears of an older airport"),
            (plan(0.3), "It was asked for by 10:40"),
            (plan(20), "The store serves the others too"),
            (plan(1, "tomorrow"), "“switch” must be one of"),
            (plan(0), "“speed” must be a number"),
        ],
    ),
}
