"""A service's part in a process: its step is done, and taken back, at most once for each process, however often asked.

    Participant(seats, seat, do=reserve, undo=release)  # answers the commands of a leader
    choreograph(rebooking, parts)                       # or each follows the events of the one before it

How a step stands is written into the service's state, under the process's name, in the same step as what was done.
Asked again, it says again what came of it. What was taken back is never done afterwards: the first command may be slow
and arrive behind the one that takes it back.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from inspect import iscoroutinefunction
from typing import Any

from eventlab.door import door
from eventlab.errors import Invalid, Refused
from eventlab.event import Event, Message
from eventlab.process import Process, Step
from eventlab.service import Service

Work = Callable[[Message], object]


def _nothing(message: Message) -> None:
    """The work of a step that needs none."""


class Participant:
    """Lets `service` do `step`: `do(message)` and `undo(message)` get the subject (the process) and the facts.

    Either may raise `Refused`: a definite no, after which nothing that it changed in the state stays, and which is
    remembered too. Both are plain functions: while they work, nothing else happens.
    """

    @door
    def __init__(self, service: Service, step: Step, *, do: Work = _nothing, undo: Work = _nothing) -> None:
        where = f"participant {step.name}"
        for name, work in (("do", do), ("undo", undo)):
            if iscoroutinefunction(work):
                raise Invalid(name, where=where, expected="a plain function: no time passes in it", found=work)
        if service.name != step.service:
            raise Invalid("service", where=where, expected=step.service, found=service.name)
        self.service, self.step, self._do, self._undo = service, step, do, undo
        service.answers(step.do, self.do, replace=True)
        if step.undo:
            service.answers(step.undo, self.undo, replace=True)

    def __repr__(self) -> str:
        return f"<Participant {self.step.name} of {self.service.name}>"

    def stands(self, process: str) -> str:
        """How the step stands in a process: "" (never asked), "done", "refused", "undone" or "kept"."""
        return str(self._entry(process).get("is", ""))

    def do(self, message: Message) -> Event:
        """Do the step, or say again what came of it."""
        match self.stands(message.subject):
            case "":
                return self._tried(message, self._do, "done", "refused")
            case "done" | "kept":
                return self._event(message, "done")
            case "refused":
                return self._event(message, "refused")
        return self._event(message, "refused", "it was taken back before")

    def undo(self, message: Message) -> Event:
        """Take the step back if it was done, and see to it that it is never done later."""
        match self.stands(message.subject):
            case "done":
                return self._tried(message, self._undo, "undone", "kept")
            case "kept":
                return self._event(message, "kept")
        self._write(message, "undone")
        return self._event(message, "undone")

    def _tried(self, message: Message, work: Work, well: str, badly: str) -> Event:
        changes = self.service.sim.changes
        before = {} if changes is None else dict(changes.values)
        try:
            work(message)
        except Refused as no:
            if changes is not None:
                changes.values = before  # a no leaves nothing behind
            self._write(message, badly, no.reason)
            return self._event(message, badly, no.reason)
        self._write(message, well)
        return self._event(message, well)

    def _entry(self, process: str) -> Any:
        return self.service.state.get(process, {}).get(self.step.name, {})

    def _write(self, message: Message, how: str, because: str = "") -> None:
        entry = {"is": how, "because": because} if because else {"is": how}
        known = self.service.state.get(message.subject, {})
        self.service.state[message.subject] = {**known, self.step.name: entry}

    def _event(self, message: Message, how: str, because: str = "") -> Event:
        because = because or str(self._entry(message.subject).get("because", ""))
        data = {key: value for key, value in message.data.items() if key != "reason"}
        return Event(f"{self.step.name}.{how}", {**data, "reason": because} if because else data, message.subject)


@door
def choreograph(process: Process, parts: Sequence[Participant]) -> None:
    """Let each service follow the one before it, and go back when the one behind it says no: nobody leads.

    Events carry it on, so each service should have an `Outbox`. Nobody looks at the clock, and nobody knows the whole:
    a service that is away for ever leaves its processes where they are; what the bus gives up is a dead letter there.
    """
    if [part.step for part in parts] != list(process.steps):
        expected = f"the parts of its steps, in their order: {[step.name for step in process.steps]}"
        raise Invalid("parts", where=f"process {process.name!r}", expected=expected, found=list(parts))
    for place, part in enumerate(parts):
        name = f"{part.service.name} {process.name} {part.step.name}"
        before = f"{parts[place - 1].step.name}.done" if place else process.begins
        part.service.on(before, part.do, durable=f"{name} on")
        if place + 1 < len(parts):
            behind = parts[place + 1].step.name
            back = " ".join(f"{behind}.{end}" for end in ("refused", "undone", "kept"))
            part.service.on(back, part.undo if part.step.undo else partial(_passed, part), durable=f"{name} back")


def _passed(part: Participant, message: Message) -> Event:
    """Nothing takes this step back, so the way back leads through it."""
    return part._event(message, "undone")
