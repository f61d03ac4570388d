"""A process of several steps, said once: who does what, and how it is taken back. Who leads it is another matter.

    rebooking = Process("rebooking", [
        Step("seat", "seats", "seat.reserve", "seat.release"),
        Step("payment", "payments", "payment.charge", "payment.refund"),
    ])

`orchestrated(rebooking)` is a `Saga` in which one service leads (`orchestrate` runs it); `choreograph` lets each
service follow the one before it. In both the same events happen, and `standing` folds them: where it is, how it ended.

| event | says |
|---|---|
| `rebooking.asked` | it begins; its subject names the process, its data goes to every step |
| `seat.done`, `seat.refused` | the step was done; or a definite no, and nothing was done |
| `seat.undone`, `seat.kept` | it was taken back (or never done); or it cannot be taken back |
| `rebooking.overdue` | no answer came in time: only a leader looks at the clock |
| `rebooking.done`, `.compensated`, `.stuck` | the leader says how it ended; stuck is for people, with what remains |
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from eventlab import borders
from eventlab.door import door, look_at_fields
from eventlab.errors import Invalid
from eventlab.event import Command, Event, Frozen, Message
from eventlab.saga import Saga
from eventlab.times import nanoseconds


@dataclass(frozen=True)
class Step:
    """One step: the service that does it, the command for it, and the one that takes it back ("": nothing does)."""

    name: str
    service: str
    do: str
    undo: str = ""

    def __post_init__(self) -> None:
        look_at_fields(self)


@dataclass(frozen=True)
class Process:
    """The steps in their order. A step that does not answer within `timeout` simulated seconds is asked again.

    After `tries` in all it is given up, and what was done is taken back, itself included: nobody knows whether it was
    done. Taking back is tried `undo_tries` times.
    """

    name: str
    steps: Sequence[Step]
    timeout: float = field(default=5.0, kw_only=True)
    tries: int = field(default=3, kw_only=True)
    undo_tries: int = field(default=10, kw_only=True)

    def __post_init__(self) -> None:
        look_at_fields(self, "steps")
        where = f"process {self.name!r}"
        borders.instance(self.steps, Sequence, "steps", where=where)
        object.__setattr__(self, "steps", tuple(self.steps))
        for step in self.steps:
            borders.instance(step, Step, "step", where=where)
        names = [self.name, *(step.name for step in self.steps)]
        if len(names) < 2 or len(set(names)) < len(names) or not all(names):
            raise Invalid("steps", where=where, expected="one or more, each with a name of its own", found=names[1:])
        if nanoseconds(self.timeout) == 0:
            raise Invalid("timeout", where=where, expected="more than 0 seconds", found=self.timeout)
        for what in ("tries", "undo_tries"):
            borders.integer(getattr(self, what), what, where=where, least=1)

    @property
    def begins(self) -> str:
        """The type of the event that begins it."""
        return f"{self.name}.asked"

    @property
    def answers(self) -> str:
        """The types of all answers to its steps, as a pattern to subscribe to."""
        ends = ("done", "refused", "undone", "kept")
        return " ".join(f"{step.name}.{end}" for step in self.steps for end in ends)


START = Frozen(facts=Frozen(), step="", going="", tries=0, kept=(), end="")


def evolve(process: Process, state: Any, event: Event) -> Any:
    """Where the process is after the event: at which `step`, `going` "on" or "back", and which steps were `kept`.

    What says nothing about the step it is at (an answer that comes late or twice) changes nothing.
    """
    what, _, happened = event.type.rpartition(".")
    if event.type == process.begins:
        return state if state["going"] else _at(process, Frozen(state | {"facts": event.data}), 0, "on")
    if state["end"] or not state["going"]:
        return state
    place = next((n for n, step in enumerate(process.steps) if step.name == state["step"]), -1)
    if what == process.name:
        return _overdue(process, state, place) if happened == "overdue" else state
    match state["going"], happened:
        case _ if what != state["step"]:
            return state
        case "on", "done":
            return _at(process, state, place + 1, "on")
        case "on", "refused":
            return _at(process, state, place - 1, "back")
        case "back", "undone":
            return _at(process, state, place - 1, "back")
        case "back", "kept":
            return _at(process, _kept(state), place - 1, "back")
    return state


def _overdue(process: Process, state: Any, place: int) -> Any:
    """The step gave no answer: once more; or give it up and take it back; or leave that to people."""
    most = process.tries if state["going"] == "on" else process.undo_tries
    if state["tries"] < most:
        return Frozen(state | {"tries": state["tries"] + 1})
    if state["going"] == "on":
        return _at(process, state, place, "back")
    return _at(process, _kept(state), place - 1, "back")


def _at(process: Process, state: Any, place: int, going: str) -> Any:
    """At the step of this place, or at the end that lies behind the last one."""
    steps = process.steps
    while going == "back" and place >= 0 and not steps[place].undo:
        place -= 1  # nothing takes it back, and nothing has to
    if 0 <= place < len(steps):
        return Frozen(state | {"step": steps[place].name, "going": going, "tries": 1})
    end = "done" if going == "on" else "stuck" if state["kept"] else "compensated"
    return Frozen(state | {"step": "", "going": going, "tries": 0, "end": end})


def _kept(state: Any) -> Any:
    return Frozen(state | {"kept": (*state["kept"], state["step"])})


@door
def standing(process: Process, events: Iterable[Event]) -> Any:
    """Where one process is after these events of it: `end` is "done", "compensated" or "stuck", or "" on its way."""
    state = START
    for event in events:
        borders.instance(event, Event, "event", where="standing")
        state = evolve(process, state, event)
    return state


@door
def orchestrated(process: Process) -> Saga:
    """The process as a saga that asks for one step after the other, looks at the clock, and says how it ended."""

    def remember(state: Any, event: Event) -> Any:
        return evolve(process, state, event)

    def react(state: Any, event: Event) -> list[Message]:
        if state["end"]:
            said = {"kept": state["kept"]} if state["kept"] else {}
            own = event.type == f"{process.name}.{state['end']}"
            return [] if own else [Event(f"{process.name}.{state['end']}", said, event.subject)]
        if not state["going"]:
            return []
        step = next(step for step in process.steps if step.name == state["step"])
        ask = step.do if state["going"] == "on" else step.undo
        late = Event(
            f"{process.name}.overdue", {"step": step.name, "tries": state["tries"]}, event.subject,
            time=event.time + nanoseconds(process.timeout),
        )  # fmt: skip
        return [Command(ask, state["facts"], event.subject), late]

    return Saga(START, react, remember)
