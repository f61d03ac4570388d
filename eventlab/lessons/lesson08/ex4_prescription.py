"""08.4: a hospital's prescriptions in three versions, each of which some ward still writes and some pharmacy reads."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from itertools import product
from typing import Any

from eventlab.event import Event
from eventlab.lessons.judging.model import Case, Mistake
from eventlab.lessons.judging.prose import read_exercise
from eventlab.lessons.judging.testbed import Testbed
from eventlab.trace import Trace

VERSIONS = (1, 2, 3)
FIELDS = {1: {"dose"}, 2: {"dose", "unit"}, 3: {"milligrams"}}
GRAM = 1000  # milligrams


def in_version(data: Mapping[str, Any], old: int, new: int) -> dict[str, Any]:
    rest = dict(data)
    if old == 3:
        milligrams = rest.pop("milligrams")
    else:
        milligrams = rest.pop("dose") * (1000 if rest.pop("unit", "mg") == "g" else 1)
    if new == 3:
        return {**rest, "milligrams": milligrams}
    if new == 2:
        return {**rest, "dose": milligrams, "unit": "mg"}
    return {**rest, "dose": milligrams}


def judge(answer: Any, case: Case) -> None:
    """Whoever writes and whoever reads, a patient gets the medicine that was meant, and nothing else is lost."""
    lab = Testbed(case)
    pairs = list(product(VERSIONS, VERSIONS))
    wards = {version: lab.client(f"ward {version}") for version in VERSIONS}
    pharmacies = {version: lab.service(f"pharmacy {version}") for version in VERSIONS}
    given: dict[str, Any] = {}
    meant: dict[str, tuple[Mapping[str, Any], int, int, int]] = {}

    def take(event: Event, new: int) -> Event | None:
        data, _, old, wanted = meant[event.subject]
        if wanted != new:
            return None
        result = answer(dict(data), old, new)
        given[event.subject] = result
        if not isinstance(result, Mapping):
            return None
        dose = _milligrams(result)
        return Event("medicine.given", {"patient": event.subject, "milligrams": dose}, event.subject)

    for version, pharmacy in pharmacies.items():
        pharmacy.on("medicine.prescribed", partial(take, new=version), durable=pharmacy.name)
    for number in range(len(pairs) if case.size > 1 else 1):
        old, new = pairs[(number + case.seed) % len(pairs)]
        for _ in range(case.size if case.size > 1 else 1):
            patient = f"patient {len(meant) + 1}"
            data, milligrams = _prescription(lab, old, patient)
            meant[patient] = (data, milligrams, old, new)
            said = Event("medicine.prescribed", data, patient, dataschema=f"medicine.prescribed:{old}")
            lab.at(2 * len(meant), wards[old].publish, said)
    trace = lab.run()
    for patient in meant:
        _look(patient, meant[patient], given.get(patient), trace)


def _prescription(lab: Testbed, version: int, patient: str) -> tuple[dict[str, Any], int]:
    """What a ward writes in this version, and how many milligrams it means."""
    number = 1 + lab.draws.below(4)
    data: dict[str, Any] = {"patient": patient, "medicine": ("aspirin", "penicillin")[lab.draws.below(2)]}
    if lab.draws.chance(0.5):
        data["ward"] = f"{1 + lab.draws.below(9)}"
    if version == 3:
        return {**data, "milligrams": 250 * number}, 250 * number
    if version == 1:
        return {**data, "dose": 250 * number}, 250 * number
    if lab.draws.chance(0.5):
        return {**data, "dose": number, "unit": "g"}, GRAM * number
    return {**data, "dose": 250 * number, "unit": "mg"}, 250 * number


def _milligrams(data: Mapping[str, Any]) -> Any:
    """How much the data mean, as a program of their version takes them."""
    if "milligrams" in data:
        return data["milligrams"]
    dose = data.get("dose", 0)
    return dose * GRAM if data.get("unit") == "g" and isinstance(dose, int | float) else dose


def _look(patient: str, said: tuple[Mapping[str, Any], int, int, int], result: Any, trace: Trace) -> None:
    data, milligrams, old, new = said
    way = f"{dict(data)} from version {old} in version {new}"
    if not isinstance(result, Mapping):
        raise _wrong(f"{way}: give back a dictionary, not {result!r:.60}.", trace, patient, "no data", "shape")
    amounts = set(result) & {"dose", "unit", "milligrams"}
    if amounts != FIELDS[new]:
        message = f"{way}: version {new} has {' and '.join(sorted(FIELDS[new]))}, yours {' and '.join(sorted(amounts))}"
        raise _wrong(f"{message or 'nothing'}.", trace, patient, f"not the shape of version {new}", "fields")
    if new == 2 and result["unit"] not in ("mg", "g"):
        raise _wrong(f"{way}: the unit {result['unit']!r:.20} is neither mg nor g.", trace, patient, "unit", "unit")
    got = _milligrams(result)
    if got != milligrams:
        message = f"{way}: {patient} gets {got} mg, and {milligrams} were meant."
        raise _wrong(message, trace, patient, f"{got} mg for {milligrams}", "dose")
    rest = {key: value for key, value in data.items() if key not in ("dose", "unit", "milligrams")}
    kept = {key: value for key, value in result.items() if key not in ("dose", "unit", "milligrams")}
    if kept != rest:
        lost = sorted(key for key in {*rest, *kept} if rest.get(key) != kept.get(key))
        message = f"{way}: {', '.join(lost)} is not as it was; leave what has not changed its meaning."
        raise _wrong(message, trace, patient, f"{', '.join(lost)}?", "lost")


def _wrong(message: str, trace: Trace, patient: str, mark: str, kind: str) -> Mistake:
    about = [r.index for r in trace.of("published", "handled") if r.message and r.message.subject == patient]
    return Mistake(message, trace=trace, flight=patient, marks={about[-1]: mark}, kind=kind)


EXERCISE = read_exercise("08.4", judge, in_version, cases=lambda seed: Case(seed, 2), pure=True)
