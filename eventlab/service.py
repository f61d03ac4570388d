"""A service: handlers for events and commands, a state of its own, and a way to stop and come back.

A handler takes one message and returns what happened next: events, which the service publishes, and for a command a
dictionary, which is the reply. Only then does the service acknowledge what it was given.

What a handler changes in the state, the inbox's note and, with an outbox, the events are committed in one step when it
has ended well. One that raises, whose events the outbox refuses, or that a crash cuts short leaves nothing behind.

Handlers of one service run at the same time if it has several `workers` and they `await`. Each sees its own changes
and what others have committed so far; for each key the last commit wins. So what a handler reads and changes after its
last `await` is safe: nobody comes in between. What it read before may be out of date by then.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Coroutine, Mapping
from types import CoroutineType
from typing import Any

from eventlab import borders
from eventlab.bus import Bus
from eventlab.door import door_but
from eventlab.errors import Invalid, Refused
from eventlab.event import Event, Frozen, Message, Refusal, Reply, freeze
from eventlab.network import Delay, Network, Packet
from eventlab.sim import Task
from eventlab.state import Changes, KeepsEvents, RemembersHandled, State
from eventlab.subscriber import Subscriber
from eventlab.times import LONGEST
from eventlab.watchers import HANDLERS, Watchers

NO_TIME = Delay()


class Service(Subscriber):
    """One service on the network. `work` is the time a message takes, `workers` how many it can work on at once.

    A crash stops all work and loses what is in memory: waiting messages, running handlers, and the state too unless
    `durable` (the state is in a database of its own).
    """

    @door_but("name")
    def __init__(
        self,
        name: str,
        network: Network,
        bus: Bus | None = None,
        *,
        workers: int = 1,
        work: Delay = NO_TIME,
        durable: bool = True,
    ) -> None:
        if workers < 1:
            raise Invalid("workers", where=f"service {name}", expected="1 or more", found=workers)
        super().__init__(name, network, bus)
        self.durable = durable
        self.state = State(name, self.sim)
        self.slowness = 1.0
        self.slowed_by: list[float] = []  # what slows it down at present, each so many times
        self.inbox: RemembersHandled | None = None
        self.outbox: KeepsEvents | None = None
        # Whoever wants it to stop at that step, once for each (see faults): called when it has.
        self.crash_before: dict[str, list[Callable[[], object]]] = {"publish": [], "acknowledge": []}
        self.on_crash = Watchers(f"crashes of {name}")
        self._begins: list[Callable[[], Coroutine[Any, Any, Any]]] = []
        self.workers = self._idle = workers
        self._work_time = work.sampler(self.sim.random(f"work of {name}"))
        self._waiting: deque[Packet] = deque()
        self._tasks: dict[Task, None] = {}  # in the order in which they began
        self._in_hand: set[str] = set()  # what handlers that await are working on, as the inbox knows it
        self._life = 0  # how often it has crashed: what belongs to an earlier life is dropped

    def background(self, work: Callable[[], Coroutine[Any, Any, Any]]) -> None:
        """Run a coroutine function in the background: now, and anew after every restart."""
        if not callable(work):
            expected = "a coroutine function, without its parentheses: it begins anew after every restart"
            raise Invalid("work", where=f"{self.name}.background", expected=expected, found=work)
        self._begins.append(work)
        self.sim.call_at(self.sim.now, self._begin_work, work, self._life)

    def _begin_work(self, work: Callable[[], Coroutine[Any, Any, Any]], life: int) -> None:
        if life == self._life:
            self.start(work())

    def start(self, work: Coroutine[Any, Any, Any], name: str = "") -> Task:
        """Run a coroutine as part of this service: a crash ends it. Its error comes out of `sim.run()`."""
        task = self.sim.start(work, name if isinstance(name, str) and name else self.name, self._background_ended)
        self._tasks[task] = None
        return task

    def _background_ended(self, task: Task) -> None:
        self._tasks.pop(task, None)
        if task.error is not None:
            raise task.error

    def receive(self, packet: Packet) -> None:
        """Take a message from the network: work waits for a worker, an answer goes to whoever waits for it."""
        purpose = packet.purpose
        if purpose in ("deliver", "request", "tell"):
            if self._idle > 0:
                self._idle -= 1
                self._begin(packet)
            else:
                self._waiting.append(packet)
        else:
            super().receive(packet)

    def _begin(self, packet: Packet) -> None:
        duration = self._work_time()
        if self.slowness != 1.0:
            duration = min(int(duration * self.slowness), LONGEST)
        # Work that takes no time has its turn on the heap as well: a long backlog must not become a deep recursion.
        self.sim.call_at(self.sim.now + duration, self._work, packet, self._life)

    def _work(self, packet: Packet, life: int) -> None:
        if life != self._life:
            return
        purpose, message = packet.purpose, packet.message
        if self.inbox is not None and self._handled_before(packet, self.inbox):
            return
        if purpose == "deliver":
            handler = self._events.get(packet.reference[0])
        else:
            handler = self._commands.get(message.type)
        if handler is None:
            self._refuse(packet, Refused(f"there is no handler for {message.type}"))
            return
        sim = self.sim
        sim.cause = message
        sim.changes = changes = Changes(self.state)
        result, error = None, None  # type: tuple[Any, Exception | None]
        try:
            result = handler(message)
        except Exception as failure:
            error = failure
        finally:
            sim.cause = sim.changes = None
        if life != self._life:
            return  # the handler crashed its own service
        if error is not None:
            self._refuse(packet, error)
        elif result.__class__ is CoroutineType:
            task = Task(sim, result, self.name, self._handler_ended, message, packet, changes)
            self._tasks[task] = None
            if self.inbox is not None:
                self._in_hand.add(_key(packet))
            task.advance()
        else:
            self._finish(packet, result, changes)

    def _handled_before(self, packet: Packet, inbox: RemembersHandled) -> bool:
        """Whether the very same message has been handled, and so is only answered, or is being handled right now."""
        key = _key(packet)
        reply = inbox.reply_to(key)
        if reply is None and key not in self._in_hand:
            return False
        self.sim.trace.write(self.sim.now, "ignored", self.name, packet.message, packet.source)
        if reply is not None:
            self._answer(packet, reply)
        else:
            self._next()  # the first one will be answered
        return True

    def _handler_ended(self, task: Task) -> None:
        self._tasks.pop(task, None)
        if self.inbox is not None:
            self._in_hand.discard(_key(task.about))
        if task.error is None:
            self._finish(task.about, task.result, task.changes)
        elif isinstance(task.error, Exception):
            self._refuse(task.about, task.error)
        else:
            raise task.error

    def _finish(self, packet: Packet, result: Any, changes: Changes) -> None:
        """Commit, publish, acknowledge: in this order."""
        sim, message, events = self.sim, packet.message, list[Event]()
        reply: Mapping[str, Any] = Frozen()
        try:
            if result is not None:
                reply = self._read(result, events, message)
            if self.outbox is not None and events:
                self.outbox.keep(events)
        except Exception as error:
            self._refuse(packet, error)
            return
        if changes.values:
            changes.commit()  # from here on nothing can fail
        if self.inbox is not None:
            self.inbox.remember(_key(packet), reply)
        sim.trace.write(sim.now, "handled", self.name, message, packet.source, packet.number)
        if events and self._crashes_before("publish"):
            return
        if self.outbox is None:
            for event in events:
                self.publish(event)
        if self._crashes_before("acknowledge"):
            return
        self._answer(packet, reply)

    def _read(self, result: Any, events: list[Event], cause: Message) -> Mapping[str, Any]:
        """The reply in what a handler returned; its events, stamped, go to `events`."""
        reply: Mapping[str, Any] = Frozen()
        for item in result if result.__class__ in (list, tuple) else (result,):
            if item.__class__ is Event:
                self._bus()
                events.append(self.stamp(item, cause))
            elif isinstance(item, Mapping):
                reply = freeze(item, "reply")
            else:
                expected = "None, an Event, a dictionary (the reply), or a list of them"
                where = f"what a handler of {self.name} returned"
                raise Invalid("result", where=where, expected=expected, found=item)
        return reply

    def _answer(self, packet: Packet, reply: Mapping[str, Any]) -> None:
        """Tell the sender that it is done, and take the next message."""
        purpose, message = packet.purpose, packet.message
        if purpose == "request":
            answer = self.stamp(Reply(message.type, reply, message.subject), message)
            self.network.send(self.name, packet.source, answer, "reply", packet.reference)
        elif purpose == "deliver" and packet.reference[1] is not None:
            self.network.send(self.name, packet.source, message, "acknowledge", packet.reference)
        self._next()

    def _refuse(self, packet: Packet, why: Exception) -> None:
        """Say no: a command gets the reason; the bus will try the event again, unless the no is a definite one."""
        purpose, message, (kind, reason) = packet.purpose, packet.message, borders.reason(why, self.name)
        if kind == "failed":
            HANDLERS.debug("a handler of %s failed", self.name, exc_info=why)
        self.sim.trace.write(self.sim.now, kind, self.name, message, packet.source, packet.number, note=reason)
        no = Refusal(message.type, {"reason": reason, "later": kind == "failed"}, message.subject)
        said = {"request": "refusal", "deliver": "reject"}.get(purpose, "")
        if said and (purpose == "request" or packet.reference[1] is not None):
            self.network.send(self.name, packet.source, self.stamp(no, message), said, packet.reference)
        self._next()

    def _next(self) -> None:
        if self._waiting and self._idle >= 0:  # below 0 there is one worker too many
            self._begin(self._waiting.popleft())
        else:
            self._idle += 1

    def staff(self, workers: int) -> None:
        """Work on so many messages at once from now on; who is one too many finishes what is in hand."""
        borders.integer(workers, "workers", where=f"service {self.name}", least=0)
        self._idle += workers - self.workers
        self.workers = workers
        self.sim.trace.write(self.sim.now, "staffed", self.name, note=str(workers))
        while self._waiting and self._idle > 0:
            self._idle -= 1
            self._begin(self._waiting.popleft())

    @property
    def backlog(self) -> int:
        """How many messages wait here for a worker."""
        return len(self._waiting)

    def _crashes_before(self, step: str) -> bool:
        if not self.crash_before[step]:
            return False
        crashed = self.crash_before[step].pop(0)
        self.crash()
        crashed()
        return True

    def crash(self) -> None:
        """Stop at once. Whoever waits for an answer waits in vain."""
        if not self.up:
            return
        self.up, self._life = False, self._life + 1
        self.sim.trace.write(self.sim.now, "crashed", self.name)
        for task in list(self._tasks):
            task.stop()
        for held in (self._tasks, self._in_hand, self._answers, self._waiting):
            held.clear()
        self._idle = self.workers
        if not self.durable:
            self.state.forget()
        self.on_crash.tell()
        self.network.changed()

    def restart(self) -> None:
        """Work again, with the state that was kept and nothing else."""
        if self.up:
            return
        self.up = True
        self.sim.trace.write(self.sim.now, "restarted", self.name)
        for work in self._begins:
            self._begin_work(work, self._life)
        self.network.changed()

    def __repr__(self) -> str:
        return f"<Service {self.name}: {'up' if self.up else 'down'}, {len(self.state)} keys, backlog {self.backlog}>"


def _key(packet: Packet) -> str:
    """What the inbox knows a message by: a service may handle one event under several subscriptions."""
    return f"{packet.reference[0]} {packet.message.id}" if packet.purpose == "deliver" else str(packet.message.id)
