"""What runs a saga: a service that owns it, a stream for each process, and timers that outlive a crash.

The saga *is* its stream. Whatever changes its state is appended there first, and then the commands leave that follow
from it. After a crash the last event of each stream says what was to be done next: it is done again, with the same
ids. So every command is sent at least once, and whoever gets one must know it again (`take_part`, or an `Inbox`).

A timer is an event of later. If nothing else has happened in its stream by then, it is appended: a time-out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import reduce
from typing import Any

from eventlab import borders
from eventlab.door import door_but
from eventlab.errors import Invalid, NoReply, Unavailable
from eventlab.event import Command, Event, Message
from eventlab.outbox import note_stored
from eventlab.process import Process, orchestrated
from eventlab.saga import Saga, advance
from eventlab.service import Service
from eventlab.sim import nanoseconds
from eventlab.store import Store


class SagaRunner:
    """Runs a saga for its owner: each process, named by its events' subject, in a stream "category-subject".

    `begins` is the type of the event that begins a process, `hears` a pattern of the others; `to` says which service a
    command is for. An event that changes nothing (it came twice, or too late) is not kept. What `react` gives may be
    commands, one event of now (appended, and published until the bus confirms it) and events of later: timers.
    After a restart a timer that is due waits `grace` simulated seconds: answers may stand at the door.
    """

    @door_but("store")
    def __init__(
        self, service: Service, store: Store, category: str, saga: Saga, *, begins: str, hears: str,
        to: Mapping[str, str], pause: float = 1.0, grace: float = 1.0,
    ) -> None:  # fmt: skip
        needed = ("append", "read", "streams", "version", "claim", "claimed")
        borders.able(store, *needed, what="store", where="saga runner")
        self.service, self.store, self.category, self.saga = service, store, category, saga
        self.begins, self.to, self.pause, self.grace = begins, dict(to), pause, nanoseconds(grace)
        durable = f"{service.name} {category}"
        self._claim = store.claim(f"saga {durable}")  # a runner that is made later goes on in the place of this one
        service.on(f"{begins} {hears}", self._hear, durable=durable, deliver="all", ordered=True)
        service.background(self._resume)

    def __repr__(self) -> str:
        return (
            f"<SagaRunner {self.category} of {self.service.name}: {len(self.store.streams(self.category))} processes>"
        )

    def stream(self, subject: str) -> str:
        """The name of a process's stream."""
        return f"{self.category}-{subject}"

    def state(self, subject: str, *, as_of: int | None = None) -> Any:
        """The state of a process, now or as of an instant: the fold of its stream."""
        return self._fold(event.event for event in self.store.read(self.stream(subject), as_of=as_of))

    def _fold(self, events: Any) -> Any:
        return reduce(self.saga.evolve, events, self.saga.initial)

    def _hear(self, event: Event) -> None:
        stream = self.stream(event.subject)
        if event.type == self.begins or self.store.version(stream):
            self._take(stream, event)

    def _take(self, stream: str, event: Event) -> None:
        """Append what changes the state, and do what follows from it."""
        events = [recorded.event for recorded in self.store.read(stream)]
        before = self._fold(events)
        if self.saga.evolve(before, event) != before:
            self._append(stream, before, event, len(events))

    def _append(self, stream: str, before: Any, event: Event, version: int) -> None:
        """Append an event to its stream; publish it if it is the saga's own; then do what follows."""
        follows = self._follows(before, event)  # found out first: what cannot go on is not begun
        self.store.append(stream, event, version)
        note_stored(self.service, [event], stream, version + 1)
        self._do(stream, before, event, version + 1, follows)

    def _follows(self, before: Any, event: Event) -> list[Message]:
        """What the saga gives for an event, looked at."""
        where, follows = f"saga {self.category}", advance(self.saga, before, event)[1]
        said = [message for message in follows if isinstance(message, Event) and message.time <= event.time]
        if len(said) > 1:
            raise Invalid("reaction", where=where, expected="at most one event of now", found=said)
        for message in follows:
            if isinstance(message, Command) and message.type not in self.to:
                raise Invalid("command", where=where, expected=f"one of {list(self.to)}", found=message.type)
        return follows

    def _do(
        self, stream: str, before: Any, event: Event, version: int, follows: Sequence[Message], earliest: int = 0
    ) -> None:
        """Publish an own event, send commands, set timers; last the event of now, with what follows from that."""
        service = self.service
        if not service.up:
            return  # it crashed while it appended
        if event.source == service.name:
            service.start(self._publish(event))
        own: list[Event] = []
        for message in follows:
            if isinstance(message, Command):
                service.tell(self.to[message.type], message)
            elif message.time > event.time:
                service.start(self._ring(stream, version, message, max(message.time, earliest)))
            else:
                own.append(self._own(message))
        for said in own:
            self._append(stream, self.saga.evolve(before, event), said, version)

    def _own(self, message: Message) -> Event:
        assert isinstance(message, Event)
        return message.with_(source=self.service.name, time=self.service.now)

    async def _ring(self, stream: str, version: int, late: Message, at: int) -> None:
        await self.service.sim.until(at)
        if self.store.version(stream) == version:
            self._take(stream, self._own(late))

    async def _publish(self, event: Event) -> None:
        while True:
            try:
                await self.service.publish_confirmed(event)
                return
            except (NoReply, Unavailable):
                bus = self.service.bus
                assert bus is not None  # it has subscribed there
                await self.service.reconnected(bus.name, pause=self.pause)

    async def _resume(self) -> None:
        """After a start: do again what followed from the last event of each stream."""
        if self.store.claimed(f"saga {self.service.name} {self.category}") != self._claim:
            return
        for stream in self.store.streams(self.category):
            *earlier, last = [recorded.event for recorded in self.store.read(stream)]
            before, earliest = self._fold(earlier), self.service.now + self.grace
            self._do(stream, before, last, len(earlier) + 1, self._follows(before, last), earliest)


@door_but("store")
def orchestrate(service: Service, store: Store, process: Process) -> SagaRunner:
    """Let a service lead a process: it alone knows all steps, and keeps a stream for each process."""
    to = {command: step.service for step in process.steps for command in (step.do, step.undo) if command}
    saga = orchestrated(process)
    return SagaRunner(service, store, process.name, saga, begins=process.begins, hears=process.answers, to=to)
