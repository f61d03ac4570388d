"""06.4: a ward that is told that a result is new, asks the laboratory, and calls a doctor if it must."""

from __future__ import annotations

from collections import Counter
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

CRITICAL = 6.0  # potassium in the blood, mmol/l


def judge(heard: Any, case: Case) -> None:
    """The ward ends with the newest result, never goes back to an older one, and calls a doctor once for each."""
    lab = Testbed(case)
    draws = lab.draws
    laboratory, ward = lab.service("lab", workers=4, work=Delay(0.01, 0.4)), lab.service("ward", workers=8)

    def result(asked: Command) -> dict[str, Any]:
        return {"patient": asked.data["patient"], **laboratory.state[asked.data["patient"]]}

    laboratory.answers("result.describe", result)
    ward.on(
        "result.changed", lambda event: heard(ward, event), durable="ward",
        ordered=False, max_deliver=1000, ack_wait=600.0,
    )  # fmt: skip
    for number in range(1, case.size + 1):
        time = 1.0 + number
        for _ in range(3):
            lab.at(time, _measure, laboratory, f"patient {number}", (30 + draws.below(50)) / 10)
            time += 0.2 + draws.below(20) / 10
    trace = lab.run(1800)
    for record in trace.of("changed"):
        if record.where == "ward":
            _check_change(trace, record)
    for patient, result in trace.state("lab").items():
        _check_end(trace, patient, result)


def _measure(laboratory: Service, patient: str, potassium: float) -> None:
    if laboratory.up:
        version = laboratory.state.get(patient, {}).get("version", 0) + 1
        laboratory.state[patient] = {"potassium": potassium, "version": version}
        laboratory.publish(Event("result.changed", {"patient": patient}, patient))


def _check_change(trace: Trace, record: Record) -> None:
    before, after = record.before, record.after
    results = [r.after for r in trace.of("changed") if r.where == "lab" and r.key == record.key]
    seen = Trace(trace.records[: record.index + 1])
    if {"potassium", "version"} - set(after or {}):
        text = f"ward.state[{record.key!r}] is {after!r}; it should hold potassium and version."
        raise Mistake(text, trace=seen, kind="shape")
    if {"potassium": after["potassium"], "version": after["version"]} not in results:
        text = f"The ward shows a result of {record.key} that the laboratory never had."
        raise Mistake(text, trace=seen, kind="invented")
    if before and after["version"] < before["version"]:
        text = (
            f"The ward went back: {record.key} had result {before['version']} (potassium {before['potassium']}), then "
            f"an older answer came and the ward shows result {after['version']} ({after['potassium']}) again."
        )
        raise Mistake(text, trace=seen, kind="back")


def _check_end(trace: Trace, patient: str, result: Any) -> None:
    shown = trace.state("ward").get(patient)
    if shown is None or shown["version"] != result["version"]:
        last = f"shows result {shown['version']}" if shown else "shows no result"
        text = f"In the end the ward {last} of {patient} for good. The newest is result {result['version']}."
        raise Mistake(text, trace=trace, kind="lost")
    values = {r.after["version"]: r.after["potassium"] for r in trace.of("changed")
              if r.where == "lab" and r.key == patient}  # fmt: skip
    called = {  # by id: the network may double a message, and that is not the ward's fault
        record.message.id: record.message.data.get("version")
        for record in trace.of("published")
        if record.message and record.message.type == "doctor.called" and record.message.data.get("patient") == patient
    }
    calls = Counter(called.values())
    for version, times in calls.items():
        if values.get(version, 0) < CRITICAL:
            text = f"A doctor was called for result {version} of {patient}: {values.get(version)} is not critical."
            raise Mistake(text, trace=trace, kind="for nothing")
        if times > 1:
            text = f"A doctor was called {times} times for one result: number {version} of {patient}."
            text += _why_twice(trace, patient, version)
            raise Mistake(text, trace=trace, kind="twice")
    if result["potassium"] >= CRITICAL and not calls[result["version"]]:
        text = f"No doctor was called for result {result['version']} of {patient}, potassium {result['potassium']}."
        raise Mistake(text, trace=trace, kind="not called")


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
    return Case(seed, 3, (flaky, Crash("lab", begin, begin + 3)))


EXERCISE = read_exercise("06.4", judge, heard, cases=bad_lines)
