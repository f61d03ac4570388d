"""The town of lesson 05: four services that rebook passengers, led by a desk, or by nobody.

Both are made of the same `Process`. What a service does in its step may be a function of the reader's own.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from functools import partial
from typing import Any, Self

from eventlab.errors import Refused, Unavailable
from eventlab.event import Event, Message
from eventlab.faults import Fault
from eventlab.lab import Lab
from eventlab.network import Delay
from eventlab.outbox import Outbox
from eventlab.participant import Participant, choreograph
from eventlab.process import Process, Step, standing
from eventlab.saga_runner import orchestrate
from eventlab.service import Service
from eventlab.stage import Stage
from eventlab.store import Store
from eventlab.times import When

Work = Callable[[Service, Message], object]

STEPS = (
    Step("flight", "flights", "flight.rebook", "flight.restore"),
    Step("seat", "seats", "seat.reserve", "seat.release"),
    Step("hotel", "hotels", "hotel.book", "hotel.cancel"),
    Step("payment", "payments", "payment.charge", "payment.refund"),
)
REBOOKING = Process("rebooking", STEPS)
SPEED = Delay(0.2, 0.4)  # seconds for a step, from, and so much more by chance


class Town:
    """Everybody who takes part in a process, with what goes wrong: run it, then ask how each passenger stands.

    `work` names what is done for a command ("payment.charge"): a function of the service and the message. `no` names
    the commands that are refused. With `led` a desk leads, else each service follows the one before it.
    """

    def __init__(
        self, process: Process = REBOOKING, work: Mapping[str, Work] = {}, *, led: bool = True,
        no: Collection[str] = (), faults: Collection[Fault] = (), seed: int = 1, speeds: Mapping[str, Delay] = {},
    ) -> None:  # fmt: skip
        self.process, self.led, self._work = process, led, dict(work)
        self._no: dict[str, set[str] | None] = dict.fromkeys(no)  # of each command: for whom; None: for all
        self.raised: list[Exception] = []  # what a function of the reader's own raised by mistake
        self.lab = lab = Lab(seed)
        names = list(dict.fromkeys(step.service for step in process.steps))
        self.names = [*(["desk"] if led else []), *names]
        actors = ("passengers", *self.names, "bus")
        lab.trace.stage = Stage(actors, people=("passengers",), buses=("bus",))
        self.people = lab.client("passengers")
        self.services = {name: lab.service(name, workers=5, work=speeds.get(name, SPEED)) for name in names}
        for service in self.services.values():
            Outbox(service, Store())
        self.parts = [self._part(step) for step in process.steps]
        self.desk = lab.service("desk") if led else None
        self.runner = orchestrate(self.desk, Store(), process) if self.desk else None
        if not led:
            choreograph(process, self.parts)
        self._faults = tuple(faults)

    def _part(self, step: Step) -> Participant:
        service = self.services[step.service]
        do, undo = (partial(self._act, service, command) for command in (step.do, step.undo))
        return Participant(service, step, do=do, undo=undo)

    def _act(self, service: Service, command: str, message: Message) -> None:
        if command in self._no and ((whom := self._no[command]) is None or message.subject in whom):
            raise Refused("not possible")
        try:
            if command in self._work:
                self._work[command](service, message)
        except (Refused, Unavailable):
            raise
        except Exception as error:
            self.raised.append(error)
            raise

    def refuse(self, whom: Mapping[str, set[str]]) -> None:
        """From now on these commands are refused, each for some passengers."""
        self._no |= whom

    def ask(self, *names: str, at: When = 0) -> Self:
        """Let passengers ask to be rebooked."""
        for name in names:
            self.lab.at(at, self.people.publish, Event(self.process.begins, {}, name))
        return self

    def run(self, until: When = 600) -> Self:
        """Let time pass. The first error of a function of yours comes out."""
        self.lab.inject(*self._faults)
        self._faults = ()
        self.lab.run(until)
        if self.raised:
            raise self.raised[0]
        return self

    @property
    def trace(self) -> Any:
        """Everything that has happened so far."""
        return self.lab.trace

    def events(self, name: str) -> list[Event]:
        """The events of one passenger's process: the desk's stream, or what the bus has passed on."""
        if self.runner is not None:
            stream = self.runner.stream(name)
            mine = (r for r in self.trace.of("appended") if r.note == stream)
            return [record.message for record in mine if isinstance(record.message, Event)]
        return [event for event in self.lab.bus.log if event.subject == name]

    def standing(self, name: str) -> Any:
        """Where a passenger's process is, folded from its events."""
        return standing(self.process, self.events(name))

    def __repr__(self) -> str:
        led = "led by a desk" if self.led else "led by nobody"
        return f"<Town, {led}: {len(self.trace):,} records>"
