"""06.4: a ward that is told that a result is new, asks the laboratory, and calls a doctor if it must."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from eventlab.event import Command, Event
from eventlab.faults import Crash, Flaky
from eventlab.lessons.judging.model import Case, Mistake
from eventlab.lessons.judging.prose import read_exercise
from eventlab.lessons.judging.testbed import Testbed
from eventlab.network import Delay
from eventlab.service import Service
from eventlab.sim import Draws
from eventlab.trace import Record, Trace

EACH = 10  # results of one patient, at most
CRITICAL = 6.0  # potassium in the blood, mmol/l


def judge(heard: Any, case: Case) -> None:
    """The ward ends with the newest result, never goes back to an older one, and calls a doctor once for each."""
    lab = Testbed(case)
    draws = lab.draws
    laboratory, ward = lab.service("lab", workers=8, work=Delay(0.01, 0.9)), lab.service("ward", workers=8)

    def result(asked: Command) -> dict[str, Any]:
        return {"patient": asked.data["patient"], **laboratory.state[asked.data["patient"]]}

    laboratory.answers("result.describe", result)
    ward.on(
        "result.changed", lambda event: heard(ward, event), durable="ward",
        ordered=False, max_deliver=1000, ack_wait=600.0,
    )  # fmt: skip
    for number in range(1, 1 + (case.size + EACH - 1) // EACH):
        time = 1.0 + number
        for _ in range(min(EACH, case.size - EACH * (number - 1))):
            lab.at(time, _measure, laboratory, f"patient {number}", (40 + draws.below(45)) / 10)
            time += 0.1 + draws.below(8) / 10
    trace = lab.run(1800)
    patients = set(trace.state("lab"))
    for record in trace.of("changed"):
        if record.where == "ward" and record.key in patients:
            _check_change(trace, record)
    for patient, result in trace.state("lab").items():
        _check_end(trace, patient, result)


def _measure(laboratory: Service, patient: str, potassium: float) -> None:
    if laboratory.up:
        version = laboratory.state.get(patient, {}).get("version", 0) + 1
        laboratory.state[patient] = {"potassium": potassium, "version": version}
        laboratory.publish(Event("result.changed", {"patient": patient}, patient))


def _check_change(trace: Trace, record: Record) -> None:
    before, after, patient = record.before, record.after, record.key
    results = [r.after for r in trace.of("changed") if r.where == "lab" and r.key == patient]

    def wrong(message: str, mark: str, kind: str) -> Mistake:
        return Mistake(message, trace=trace, flight=patient, marks={record.index: mark}, kind=kind)

    if not isinstance(after, Mapping) or {"potassium", "version"} - set(after):
        gone = " and ".join(sorted({"potassium", "version"} - set(after if isinstance(after, Mapping) else ())))
        text = f"ward.state[{patient!r}] is {after!r}; it should hold potassium and version. There is no {gone}."
        raise wrong(text, f"without {gone}", "shape")
    if {"potassium": after["potassium"], "version": after["version"]} not in results:
        text = f"The ward shows a result of {patient} that the laboratory never had: {_result(after)}."
        raise wrong(text, f"invented: {_result(after)}", "invented")
    if isinstance(before, Mapping) and after["version"] < before["version"]:
        text = (
            f"The ward went back: {patient} had result {before['version']} (potassium {before['potassium']}), then "
            f"an older answer came and the ward shows result {after['version']} ({after['potassium']}) again."
        )
        if not any(_knew_when_asked(trace, each) for each in trace.of("changed") if each.where == "ward"):
            text += " When it asked, it did not know the newer one yet; when the answer came, it did."
        raise wrong(text, f"back from result {before['version']} to {after['version']}", "back")


def _knew_when_asked(trace: Trace, record: Record) -> bool:
    """Whether a change went back to a result that was older already than what was known when it was asked for."""
    if not isinstance(record.before, Mapping) or record.after["version"] >= record.before["version"]:
        return False
    ended = next(r for r in trace.records[record.index :] if r.kind == "handled" and r.where == "ward")
    cause = ended.message.id if ended.message is not None else ""
    asked = [
        r.index for r in trace.of("sent") if r.purpose == "request" and r.message and r.message.causationid == cause
    ]
    known = [r.after["version"] for r in trace.records[: asked[-1]] if r.kind == "changed" and r.where == "ward"
             and r.key == record.key]  # fmt: skip
    return bool(known) and known[-1] > record.after["version"]


def _result(result: Mapping[str, Any]) -> str:
    return f"version {result['version']}, potassium {result['potassium']}"


def _check_end(trace: Trace, patient: str, result: Any) -> None:
    shown = trace.state("ward").get(patient)
    if shown is None or shown["version"] != result["version"]:
        last = f"shows result {shown['version']}" if shown else "shows no result"
        text = f"In the end the ward {last} of {patient} for good. The newest is result {result['version']}."
        done = [r.index for r in trace.of("handled", "dead") if r.message and r.message.subject == patient]
        raise Mistake(text, trace=trace, flight=patient, marks={done[-1]: f"the ward {last}"}, kind="lost")
    changes = [r for r in trace.of("changed") if r.where == "lab" and r.key == patient]
    values = {r.after["version"]: r.after["potassium"] for r in changes}
    called = {  # by id: the network may double a message, and that is not the ward's fault
        r.message.id: (r.message.data.get("version"), r.index)
        for r in trace.of("published")
        if r.message and r.message.type == "doctor.called" and r.message.data.get("patient") == patient
    }
    seen: set[Any] = set()
    for version, index in called.values():
        mark = {index: f"doctor called for result {version}"}
        if values.get(version, 0) < CRITICAL:
            text = f"A doctor was called for result {version} of {patient}: {values.get(version)} is not critical."
            raise Mistake(text, trace=trace, flight=patient, marks=mark, kind="for nothing")
        if version in seen:
            times = sum(each == version for each, _ in called.values())
            text = f"A doctor was called {times} times for one result: number {version} of {patient}."
            text += _why_twice(trace, patient, version)
            raise Mistake(text, trace=trace, flight=patient, marks=mark, kind="twice")
        seen.add(version)
    known = [r for r in trace.of("changed") if r.where == "ward" and r.key == patient]
    for record in known:  # each that the ward has learnt of
        version, potassium = record.after["version"], record.after["potassium"]
        if potassium >= CRITICAL and version not in seen:
            text = f"No doctor was called for result {version} of {patient}, potassium {potassium}."
            marks = {record.index: f"potassium {potassium}: no doctor"}
            raise Mistake(text, trace=trace, flight=patient, marks=marks, kind="not called")


def _why_twice(trace: Trace, patient: str, version: Any) -> str:
    """Whether the ward knew the result when it asked for it the second time."""
    sent = [record for record in trace.of("sent") if record.where == "ward" and record.message]
    told = {"patient": patient, "version": version}
    second = [r for r in sent if r.message and r.message.type == "doctor.called" and r.message.data == told][-1]
    cause = second.message.causationid if second.message else ""
    asked = [r.at for r in sent if r.purpose == "request" and r.message and r.message.causationid == cause]
    known = [r.at for r in trace.of("changed") if r.where == "ward" and (r.after or {}).get("version") == version]
    if asked and known and asked[0] < known[0]:
        return (
            " When it asked for the second time, the ward did not know that result yet; when the answer came, it did."
        )
    return " The ward knew that result already when it asked again."


async def heard(ward: Service, event: Event) -> list[Event]:
    patient = event.data["patient"]
    news = await ward.request("lab", Command("result.describe", {"patient": patient}))
    if news["version"] <= ward.state.get(patient, {"version": 0})["version"]:
        return []  # we know this one, or a newer one
    ward.state[patient] = {"potassium": news["potassium"], "version": news["version"]}
    if news["potassium"] < 6.0:
        return []
    return [Event("doctor.called", {"patient": patient, "version": news["version"]}, patient)]


def bad_lines(seed: int) -> Case:
    """Answers overtake each other, in every other case messages come twice, and the laboratory stops for a while."""
    begin = 2 + Draws(seed, "stop").below(4)
    pairs = (("lab", "ward"), ("bus", "ward"))
    flaky = Flaky(0, 60, duplication=0.2 * (seed % 2), reordering=0.3, pairs=pairs)
    return Case(seed, 3 * EACH, (flaky, Crash("lab", begin, begin + 3)))


EXERCISE = read_exercise("06.4", judge, heard, cases=bad_lines, may_raise=True)
