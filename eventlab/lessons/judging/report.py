"""A failure as bytes, to be sent from one process to another, and back: plain data, in which nothing can be run."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

import msgspec

from eventlab.event import freeze_decoded
from eventlab.lessons.judging.model import Case, Exercise, Mistake
from eventlab.stage import Stage
from eventlab.trace import Record, Trace
from eventlab.views.drawing.picture import Picture


@dataclass(frozen=True)
class Failure:
    """What went wrong, in which run, and what that printed; `case` is None where no run was needed to see it."""

    mistake: Mistake
    case: Case | None = None
    printed: str = ""

    @property
    def length(self) -> tuple[int, int]:
        """How much happens in the run: its records, or where there is no trace, its things and faults."""
        records = 0 if self.mistake.trace is None else len(self.mistake.trace)
        return records, 0 if self.case is None else self.case.size + len(self.case.faults)


class _Run(msgspec.Struct):
    """A case, by what makes it again: the seed, and which of its faults are kept."""

    seed: int
    size: int
    kept: list[int]


class _Report(msgspec.Struct):
    message: str
    kind: str
    flight: str
    printed: str
    run: _Run | None = None
    records: list[Record] | None = None
    marks: dict[int, str] = {}
    stage: Stage | None = None
    picture: Picture | None = None


MOST = 1 << 25  # bytes of a failure: half of what is listened to (`apart`)
_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(_Report, dec_hook=lambda kind, value: freeze_decoded(value)).decode


def packed(failure: Failure, exercise: Exercise) -> bytes:
    """The failure as bytes. A trace or picture that is too long or cannot be written is left out, words are not."""
    mistake = failure.mistake
    report = _Report(
        text(mistake.message), text(mistake.kind), text(mistake.flight), text(failure.printed),
        _run(failure.case, exercise), picture=mistake.picture,
    )  # fmt: skip
    if mistake.trace is not None:
        report.records, report.stage, report.marks = mistake.trace.records, mistake.trace.stage, mistake.marks
    with suppress(TypeError, ValueError, OverflowError, RecursionError, msgspec.MsgspecError):
        if len(whole := _encode(report)) <= MOST:
            return whole
    return _encode(msgspec.structs.replace(report, records=None, marks={}, stage=None, picture=None))


def unpacked(report: bytes, exercise: Exercise) -> Failure:
    """The failure that was packed."""
    said = _decode(report)
    trace = None if said.records is None else Trace([_frozen(record) for record in said.records], said.stage)
    mistake = Mistake(said.message, trace=trace, flight=said.flight, marks=said.marks,
                      picture=said.picture, kind=said.kind)  # fmt: skip
    return Failure(mistake, None if said.run is None else _case(said.run, exercise), said.printed)


def text(words: Any) -> str:
    """The words as text that can be written down, whatever was in them."""
    return str(words).encode("utf-8", "backslashreplace").decode("utf-8")


def _run(case: Case | None, exercise: Exercise) -> _Run | None:
    if case is None:
        return None
    faults = list(exercise.cases(case.seed).faults)
    return _Run(case.seed, case.size, [place for place, fault in enumerate(faults) if fault in case.faults])


def _case(run: _Run, exercise: Exercise) -> Case:
    case = exercise.cases(run.seed)
    return replace(case, size=run.size, faults=tuple(case.faults[place] for place in run.kept))


def _frozen(record: Record) -> Record:
    """The record with states as unchangeable as they were."""
    for name in ("before", "after"):
        if (value := getattr(record, name)) is not None:
            msgspec.structs.force_setattr(record, name, freeze_decoded(value))
    return record
