"""10.4: a clinic forgets a patient: the key first, then whatever was made with it."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random
from typing import Any

from eventlab.event import Event
from eventlab.lessons.judging.model import Case, Mistake
from eventlab.lessons.judging.prose import read_exercise
from eventlab.lessons.lesson10.sealed import cipher
from eventlab.projection import Projection
from eventlab.shredding import Keys, Shredder
from eventlab.store import Store
from eventlab.views.streams import event_streams

NAMES = ("Ada", "Ben", "Cleo", "Dan", "Eva", "Finn")


@dataclass
class Clinic:
    """A store of visits, the keys of the patients, and the read models made from both."""

    store: Store
    keys: Keys
    models: list[Projection]


def forget(patient: str, clinic: Clinic) -> None:
    clinic.keys.forget(patient)
    for model in clinic.models:
        model.rebuild(clinic.store)


def a_clinic(case: Case) -> tuple[Clinic, Shredder, dict[str, str]]:
    """Visits of some patients on two wards, and three read models that have read them."""
    chance, store, keys = Random(case.seed), Store(), Keys()
    names = {f"p-{number + 1}": name for number, name in enumerate(NAMES[: case.size + 1])}
    shredder = Shredder(keys, {"visit.noted": ["name", "found"]}, person="patient", cipher=cipher())
    visits = [*names, *chance.choices(list(names), k=case.size)]
    for number, who in enumerate(visits):
        said = {"patient": who, "name": names[who], "found": f"finding {number}", "ward": chance.choice("AB")}
        event = Event("visit.noted", said, who, f"visit-{number}", "ward", number + 1)
        store.append(f"patient-{who}", shredder.seal(event))

    def by_ward(wards: Any, event: Event) -> Any:
        told = shredder.open(event).data
        return {**wards, told["ward"]: (*wards.get(told["ward"], ()), told["name"])}

    def by_patient(rows: Any, event: Event) -> Any:
        told = shredder.open(event).data
        return {**rows, told["patient"]: told["found"]}

    def visits_of(counts: Any, event: Event) -> Any:
        return {**counts, event.data["ward"]: counts.get(event.data["ward"], 0) + 1}

    folds = (("wards", by_ward), ("findings", by_patient), ("visits", visits_of))
    models = [Projection(name, fold, {}) for name, fold in folds]
    for model in models:
        model.rebuild(store)
    return Clinic(store, keys, models), shredder, names


def judge(answer: Any, case: Case) -> None:
    """The patient can be read nowhere, everybody else everywhere, the log is as it was, and twice is as once."""
    clinic, shredder, names = a_clinic(case)
    who = Random(case.seed + 1).choice(list(names))
    before = list(clinic.store.read_all())
    found = {each.event.data["patient"]: shredder.open(each.event).data for each in before}
    patients = {each.position: shredder.open(each.event).data for each in before}
    for turn in ("", "The second time: "):
        answer(who, clinic)
        _judge_the_log(clinic, before, turn)
        _judge_the_keys(clinic, names, who, turn)
        _judge_the_models(clinic, [patients[n] for n in sorted(patients)], found, who, turn)


def _mistake(clinic: Clinic, words: str, kind: str) -> Mistake:
    return Mistake(words, kind=kind, picture=event_streams(clinic.store, title="The clinic's store"))


def _judge_the_log(clinic: Clinic, before: list[Any], turn: str) -> None:
    if list(clinic.store.read_all()) != before:
        raise _mistake(clinic, f"{turn}The log has other events than before: to forget, none is needed.", "log")


def _judge_the_keys(clinic: Clinic, names: dict[str, str], who: str, turn: str) -> None:
    if clinic.keys.key(who) is not None:
        raise _mistake(clinic, f"{turn}The key of {who} is still there: every sealed event can be read.", "key")
    if others := sorted(set(clinic.keys.forgotten()) - {who}):
        words = f"{turn}{others[0]} ({names[others[0]]}) was forgotten too, and only {who} was asked for."
        raise _mistake(clinic, words, "others")


def _judge_the_models(clinic: Clinic, visits: list[Any], found: dict[str, Any], who: str, turn: str) -> None:
    states = [str(model.state) for model in clinic.models]
    for model, state in zip(clinic.models, states, strict=True):
        hers = [each for each in visits if each["patient"] == who]
        if any(f"'{word}'" in state for each in hers for word in (each["name"], each["found"])):
            words = f"{turn}The read model {model.name} still says what was sealed for {who}: it was made before."
            raise _mistake(clinic, words, "model")
    others = [name for name in found if name != who]
    missing = [
        n for n in others if f"'{found[n]['name']}'" not in states[0] or f"'{found[n]['found']}'" not in states[1]
    ]
    if missing or sum(clinic.models[2].state.values()) != len(visits):
        words = f"{turn}The read models lack what they knew of {missing[0] if missing else 'all visits'}."
        raise _mistake(clinic, words, "lost")


EXERCISE = read_exercise("10.4", judge, forget, cases=lambda seed: Case(seed, 2), pure=True)
