"""04.4: a hospital's pharmacy gives each patient who goes home their medicine, once."""

from __future__ import annotations

from typing import Any

from eventlab.errors import Refused, Unavailable
from eventlab.event import Event
from eventlab.faults import CrashBefore
from eventlab.lessons.judging.model import Case, Mistake
from eventlab.lessons.judging.prose import read_exercise
from eventlab.lessons.judging.testbed import Testbed
from eventlab.outbox import Outbox
from eventlab.service import Service
from eventlab.store import Store
from eventlab.trace import Trace

STOCK, MEDICINE = 20, "aspirin"


def dispense(pharmacy: Service, event: Event) -> Event | None:
    told = event.data
    if told["discharge"] in pharmacy.state:
        return None
    left = pharmacy.state.get(told["medicine"])
    if left is None:
        raise Refused("we do not have this medicine")
    if left < told["doses"]:
        raise Unavailable("wait for the next delivery")
    pharmacy.state[told["medicine"]] = left - told["doses"]
    pharmacy.state[told["discharge"]] = told["doses"]
    return Event("medicine.given", {"discharge": told["discharge"], "doses": told["doses"]}, event.subject)


def cases(seed: int) -> Case:
    """The pharmacy stops just when it has given something, before it could acknowledge."""
    return Case(seed, 5, (CrashBefore("pharmacy", "acknowledge", 3 + seed % 4, 3.0),))


def judge(answer: Any, case: Case) -> None:
    """Each discharge once, whatever comes twice; never more than there is; a no for ever is said at once."""
    lab = Testbed(case)
    pharmacy, ward = lab.service("pharmacy"), lab.client("ward")
    pharmacy.state[MEDICINE] = STOCK
    Outbox(pharmacy, Store())
    pharmacy.on("patient.discharged", lambda event: answer(pharmacy, event), durable="pharmacy", max_deliver=50)
    doses: dict[str, int] = {}
    for number in range(case.size):
        discharge, at = f"discharge {number + 1}", 2.0 + 3 * number
        doses[discharge] = 5 + lab.draws.below(4)
        data = {"discharge": discharge, "medicine": MEDICINE, "doses": doses[discharge]}
        for later in (0, 40) if number % 2 == 0 else (0,):  # a nurse presses the button once more
            told = Event("patient.discharged", data, f"patient {number + 1}")
            lab.at(at + later, ward.publish, told)
    unknown = {"discharge": "discharge 0", "medicine": "moon dust", "doses": 1}
    lab.at(5, ward.publish, Event("patient.discharged", unknown, "patient 0"))
    supply = max(0, sum(doses.values()) - STOCK)  # the last patient gets exactly what is left
    lab.at(30, _deliver, pharmacy, supply)
    trace = lab.run()
    _look_at_stock(trace)
    _look_at_each(trace, doses)
    _look_at_no(trace)
    left = pharmacy.state.get(MEDICINE)
    if left != STOCK + supply - sum(doses.values()):
        marks = {[r.index for r in trace.of("changed") if r.key == MEDICINE][-1]: f"{left} doses left"}
        message = f"{STOCK + supply} doses were there, {sum(doses.values())} were given, and {left} are left."
        raise Mistake(message, trace=trace, marks=marks, kind="stock")


def _deliver(pharmacy: Service, supply: int) -> None:
    pharmacy.state[MEDICINE] = pharmacy.state.get(MEDICINE, 0) + supply


def _look_at_stock(trace: Trace) -> None:
    for record in trace.of("changed"):
        if record.key == MEDICINE and isinstance(record.after, int | float) and record.after < 0:
            marks = {record.index: f"{record.after} doses left"}
            raise Mistake(
                f"{record.after} doses of {MEDICINE} are left: some were given that were not there.",
                trace=trace, marks=marks, kind="not there",
            )  # fmt: skip


def _look_at_each(trace: Trace, doses: dict[str, int]) -> None:
    given: dict[str, dict[str, int]] = {each: {} for each in doses}
    for record in trace.of("published"):
        if record.message is not None and record.message.type == "medicine.given":
            discharge = str(record.message.data.get("discharge"))
            if discharge not in given or record.message.data.get("doses") != doses[discharge]:
                message = f"medicine.given says {dict(record.message.data)}, and nobody was discharged with that."
                raise Mistake(message, trace=trace, marks={record.index: "what is this?"}, kind="untrue")
            given[discharge][record.message.id] = record.index
    for discharge, said in given.items():
        subject = f"patient {discharge.split()[-1]}"
        if not said:
            asked = [r.index for r in trace.of("published") if r.message and r.message.subject == subject]
            message = f"{discharge} never got its medicine (no medicine.given was published)."
            marks = {asked[0]: "and no medicine.given"}
            if dead := [r.index for r in trace.of("dead") if r.message and r.message.subject == subject]:
                message = f"{discharge} is a dead letter, though its medicine came a little later."
                marks = {dead[0]: "never tried again"}
            raise Mistake(message, trace=trace, flight=subject, marks=marks, kind="lost")
        if len(said) > 1:
            marks = dict.fromkeys(list(said.values())[1:], "given once more")
            message = f"{discharge} got its medicine {len(said)} times."
            raise Mistake(message, trace=trace, flight=subject, marks=marks, kind="twice")


def _look_at_no(trace: Trace) -> None:
    tries = [r.index for r in trace.of("failed", "retried") if r.message and r.message.subject == "patient 0"]
    if tries:
        marks = {tries[0]: "it will never work"}
        message = "the pharmacy never has moon dust, but the bus is to try it again: say a definite no."
        raise Mistake(message, trace=trace, flight="patient 0", marks=marks, kind="again")
    if not any(r.message and r.message.subject == "patient 0" for r in trace.of("dead")):
        message = "nobody has heard that moon dust cannot be given: it is not among the dead letters."
        done = [r.index for r in trace.of("handled", "received") if r.message and r.message.subject == "patient 0"]
        marks = dict.fromkeys(done[-1:], "as if it had been given")
        raise Mistake(message, trace=trace, flight="patient 0", marks=marks, kind="swallowed")


EXERCISE = read_exercise("04.4", judge, dispense, cases=cases, may_raise=True)
