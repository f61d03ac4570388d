"""08.3: a check of two contracts, as a registry makes it before an event is published."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from eventlab.draws import Draws
from eventlab.event import Event
from eventlab.lab import Lab
from eventlab.lessons.judging.model import Case, Mistake
from eventlab.lessons.judging.prose import read_exercise
from eventlab.trace import Trace

Contract = Mapping[str, Mapping[str, Any]]
NAMES = ("flight", "people", "late", "airline", "gate")
VALUES: dict[str, Any] = {"number": 7, "text": "x", "truth": True}


def unreadable(writer: Contract, reader: Contract) -> list[str]:
    found = []
    for name, wanted in reader.items():
        if name not in writer:
            if wanted["required"]:
                found.append(name)
        elif writer[name]["kind"] != wanted["kind"] or (wanted["required"] and not writer[name]["required"]):
            found.append(name)
    return found


def judge(answer: Any, case: Case) -> None:
    """Exactly the fields at which a reader may fail; each is shown by an event at which it does."""
    draws = Draws(case.seed, "contracts")
    for _ in range(4 * case.size):
        writer, reader = _contract(draws), _contract(draws)
        given = answer({k: dict(v) for k, v in writer.items()}, {k: dict(v) for k, v in reader.items()})
        if isinstance(given, str | Mapping) or not isinstance(given, Iterable):
            raise _shape(given)
        names = list(given)
        if not all(isinstance(name, str) for name in names):
            raise _shape(given)
        right = unreadable(writer, reader)
        for name in [*(name for name in right if name not in names), *(name for name in names if name not in right)]:
            raise _wrong(name, writer, reader, named=name in names)


def _shape(given: object) -> Mistake:
    trace = _run({}, {}, {})
    message = f"give back a list of the names of fields, not {given!r:.60}."
    return Mistake(message, trace=trace, marks={len(trace) - 1: "what is wrong here?"}, kind="shape")


def _contract(draws: Draws) -> Contract:
    return {
        name: {"kind": list(VALUES)[draws.below(2 + draws.below(2))], "required": draws.chance(0.6)}
        for name in NAMES
        if draws.chance(0.7)
    }


def _wrong(name: str, writer: Contract, reader: Contract, *, named: bool) -> Mistake:
    """One field about which the answer is wrong, and an event that shows it."""
    writes, reads = writer.get(name), reader.get(name)
    data = {each: VALUES[said["kind"]] for each, said in writer.items() if said["required"] or each == name}
    if writes and reads and writes["kind"] == reads["kind"]:
        data = {each: value for each, value in data.items() if each != name or writes["required"]}
    if named:
        why, kind = {
            (False, False): ("neither side has it", "unknown"),
            (True, False): ("the reader does not know it, and overlooks it", "overlooked"),
            (False, True): ("the reader can do without it", "optional"),
            (True, True): ("both say the same of it, or the reader can do without it", "agreed"),
        }[writes is not None, reads is not None]
        message = f"{name!r} is no reason to refuse: {why}."
        trace = _run(data, {name: reads} if reads else {}, writer)
        return Mistake(message, trace=trace, marks={_last(trace): "read without harm"}, kind=kind)
    if writes is None:
        why, kind = "the reader needs it, and the writer does not know it", "missing"
    elif reads is not None and writes["kind"] != reads["kind"]:
        why, kind = f"it is a {writes['kind']} here and a {reads['kind']} there", "kind"
    else:
        why, kind = "the writer may leave it out, and the reader needs it", "left out"
    trace = _run(data, {name: reads} if reads else {}, writer)
    message = f"{name!r} was not named: {why}."
    return Mistake(message, trace=trace, marks={_last(trace): f"{name}: {why}"}, kind=kind)


def _run(data: Mapping[str, Any], reader: Contract, writer: Contract) -> Trace:
    """One event, and a reader that looks at these fields of it."""
    lab = Lab(1)
    operations, meals = lab.client("writer"), lab.service("reader")

    def read(event: Event) -> None:
        for name, wanted in reader.items():
            if name in event.data:
                if type(event.data[name]) is not type(VALUES[wanted["kind"]]):
                    raise TypeError(f"{name} is no {wanted['kind']}")
            elif wanted["required"]:
                raise KeyError(name)

    meals.on("flight.delayed", read, durable="reader", max_deliver=1)
    lab.at(0, operations.publish, Event("flight.delayed", dict(data), "UA1"))
    return lab.run()


def _last(trace: Trace) -> int:
    ends: Sequence[int] = [record.index for record in trace.of("failed", "handled")]
    return ends[-1] if ends else len(trace) - 1


EXERCISE = read_exercise("08.3", judge, unreadable, pure=True)
