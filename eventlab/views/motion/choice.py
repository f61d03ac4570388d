"""A choice: which records of a trace are looked at. Every picture that can be asked for less takes one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, fields
from inspect import Parameter, signature
from math import inf
from operator import attrgetter
from typing import Any, TypeVar

from eventlab.door import look_at_fields
from eventlab.errors import Invalid, unknown
from eventlab.stage import Stage
from eventlab.trace import BOOK_KEEPING, FAULTS, KINDS, RECEIPTS, Record, Trace, records_about
from eventlab.views.drawing.records import subject_of
from eventlab.views.drawing.wording import one

Function = TypeVar("Function", bound=Callable[..., Any])


@dataclass(frozen=True)
class Choice:
    """The records of one `subject` (a flight, an order), of one `service`, between two instants (nanoseconds).

    Receipts (acknowledgements and confirmations) and book-keeping are left out unless asked for.
    """

    subject: str = ""
    service: str = ""
    since: int | None = None
    until: int | None = None
    receipts: bool = False

    def check(self, trace: Any, where: str) -> None:
        """Raise `Invalid` for what is no trace, and for a service or an instant that the trace does not know."""
        if not isinstance(trace, Trace):
            raise Invalid("trace", where=where, expected="a run or its trace, such as run.trace", found=trace)
        if not len(trace):
            raise Invalid("trace", where=where, expected="at least one record", found="an empty trace")
        check_service(trace, self.service, where)
        first, last = trace[0].at, trace[len(trace) - 1].at
        for name, instant in (("since", self.since), ("until", self.until)):
            if instant is not None and (not isinstance(instant, int) or not first <= instant <= last):
                expected = f"an instant of the run (nanoseconds, such as scenario.at(...) gives), {first} to {last}"
                raise Invalid(name, where=where, expected=expected, found=instant)

    def records(self, trace: Trace) -> Iterator[Record]:
        """The records of a trace that are these, in order. Faults are, whoever and whatever they are about."""
        since, until = self.since, self.until
        kinds = self._kinds()
        found = trace.about(self.subject, *kinds, always=FAULTS) if self.subject else trace.of(*kinds)
        if not self.receipts:
            found = (record for record in found if record.purpose not in RECEIPTS)
        if since is not None or until is not None:
            least, most = -inf if since is None else since, inf if until is None else until
            found = (record for record in found if least <= record.at <= most)
        if service := self.service:
            found = (record for record in found if service in (record.where, record.other) or record.kind in FAULTS)
        return found

    def count(self, trace: Trace) -> int:
        """How many records these are. Of a whole run they are counted without a look at each."""
        if self != Choice(receipts=self.receipts):
            return sum(1 for _ in self.records(trace))
        purposes = Counter(map(attrgetter("purpose"), trace.of(*self._kinds())))
        return sum(number for purpose, number in purposes.items() if self.receipts or purpose not in RECEIPTS)

    def _kinds(self) -> list[str]:
        return [kind for kind in KINDS if self.receipts or kind not in BOOK_KEEPING]


def chosen(choice: type[Any], given: Mapping[str, Any], stage: Stage, where: str) -> Any:
    """The choice with these fields; a field that it has not raises `Invalid`.

    The subject may be given by the stage's own word: `flight="UA1545"` where the subjects are flights.
    """
    known = {field.name for field in fields(choice)}
    own = {"subject" if name == stage.subject else name: value for name, value in given.items()}
    for name in own:
        if name not in known:
            raise unknown("option", name, sorted(known), where=where)
    made = choice(**own)
    look_at_fields(made)
    return made


def spelt_out(choice: type[Any]) -> Callable[[Function], Function]:
    """Let help show the fields of a choice in the place of a function's `**choice`."""

    def spell(function: Function) -> Function:
        shown = signature(function)
        names = [
            Parameter(field.name, Parameter.KEYWORD_ONLY, default=field.default, annotation=field.type)
            for field in fields(choice)
        ]
        own = [each for each in shown.parameters.values() if each.kind is not Parameter.VAR_KEYWORD]
        function.__signature__ = shown.replace(parameters=[*own, *names])  # type: ignore[attr-defined]
        return function

    return spell


def check_trace(trace: Any, where: str) -> None:
    """Raise `Invalid` for what is no trace."""
    if not isinstance(trace, Trace):
        raise Invalid("trace", where=where, expected="a trace, such as run.trace", found=trace)


def check_service(trace: Trace, service: str, where: str) -> None:
    """Raise `Invalid` for a service that does not occur in the trace."""
    if service:
        if service not in trace.names():
            raise unknown("service", service, sorted(trace.names()), where=where)


def subject(record: Record, stage: Stage) -> str:
    """What a record is about: its message's subject, or the entry that changed."""
    return subject_of(record.message, stage) if record.message is not None else record.key


def is_about(record: Record, subject: str, stage: Stage) -> bool:
    """Whether a record is about a subject: its message is, or the entry of a state."""
    if record.message is not None:
        return subject in (record.message.subject, record.message.data.get(stage.subject))
    return record.key == subject


def check_subject(records: Iterable[Record], subject: str, where: str, stage: Stage) -> None:
    """Raise `Invalid` for a subject that none of the records is about."""
    if subject and next(records_about(records, subject, stage.subject), None) is None:
        expected = f"{one(stage.subject)} that occurs in the run's records"
        raise Invalid(stage.subject, where=where, expected=expected, found=subject)
