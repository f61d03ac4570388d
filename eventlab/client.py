"""A client: somebody on the network who sends messages and can wait for the answer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from eventlab.bus import Bus
from eventlab.door import door, door_but
from eventlab.errors import Invalid, NoReply, OutsideSimulation, Refused, Unavailable
from eventlab.event import Command, Event, Message, Refusal
from eventlab.network import Network, Packet
from eventlab.sim import Draws, Signal


class Client:
    """A node that sends. Every message it sends gets an id, the time, and the message that caused it."""

    @door_but("name")
    def __init__(self, name: str, network: Network, bus: Bus | None = None) -> None:
        self.name, self.network, self.bus, self.sim = name, network, bus, network.sim
        self.up = True
        self._answers: dict[int, Signal] = {}
        self._sent = self._asked = network.first
        network.join(self)

    # Time and chance: all that a handler needs of the simulation -----------------------------------------------

    @property
    def cause(self) -> Any:
        """The message that is being handled: what is sent now is caused by it."""
        return self.sim.cause

    @property
    def now(self) -> int:
        """The present instant, in nanoseconds since 1970, as in `Event.time`."""
        return self.sim.now

    async def sleep(self, seconds: float) -> None:
        """Wait, in simulated seconds. Only inside a handler."""
        await self.sim.sleep(seconds)

    @door
    def random(self, name: str) -> Draws:
        """The random numbers of one purpose of this service; no other service or purpose draws from them."""
        return self.sim.random(f"{self.name}: {name}")

    def signal(self) -> Signal:
        """Something to wait for: `value = await signal.wait()` until somebody calls `signal.set(value)`."""
        return self.sim.signal()

    @door_but("pause")
    async def reconnected(self, other: str, *, pause: float = 1.0) -> None:
        """Wait `pause` seconds, and then for as long as messages do not pass to `other` and back.

        There is no polling: somebody who is gone for good must not keep time going.
        """
        await self.sleep(pause)
        while not self.network.connected(self.name, other):
            await self.network.change.wait()

    # Sending ------------------------------------------------------------------------------------------------

    def stamp(self, message: Any, cause: Message | None = None) -> Any:
        """The message with id, source, time, and the message that caused it (default: the one being handled)."""
        self.sim.check_thread()
        for each in (message, message if cause is None else cause):
            if not isinstance(each, Message):
                expected = "an Event, a Command or a Reply"
                raise Invalid("message", where=f"{self.name}.stamp", expected=expected, found=each)
        if cause is None:
            cause = self.sim.cause
        if self.network.check is not None and message.__class__ is not Refusal:
            self.network.check(message)
        identity = message.id
        if not identity:
            self._sent += 1
            identity = f"{self.name}-{self._sent}"
        return message.with_(
            id=identity,
            source=message.source or self.name,
            time=message.time if message.source else message.time or self.sim.now,  # stamped at 0, it stays at 0
            correlationid=message.correlationid or (identity if cause is None else cause.correlationid or cause.id),
            causationid=message.causationid or ("" if cause is None else cause.id),
        )

    def publish(self, event: Event) -> Event:
        """Send an event to the bus and forget it. If it gets lost on the way, nobody will know."""
        event = self.stamp(self._event(event, "publish"))
        if self.up:
            self.network.send(self.name, self._bus().name, event, "publish")
        return event

    async def publish_confirmed(self, event: Event, *, timeout: float = 5.0) -> Event:
        """Publish, and wait until the bus has taken the event in; `NoReply` if it does not say so in time."""
        event = self.stamp(self._event(event, "publish_confirmed"))
        await self._ask(self._bus().name, event, "publish", timeout)
        return event

    def tell(self, to: str, command: Command) -> Command:
        """Send a command and forget it."""
        command = self.stamp(self._command(command, "tell"))
        if self.up:
            self.network.send(self.name, to, command, "tell")
        return command

    @door
    def act(self, what: Event, note: str = "") -> None:
        """Do something in the world outside, which nothing takes back: send a letter, open a door.

        `what` is an event that says so, `note` the same in a word. With an id, the other side can tell that it has
        been asked before. It is done at once: a handler that fails afterwards cannot undo it.
        """
        self.sim.trace.write(self.sim.now, "acted", self.name, what, key=what.subject, note=note)

    async def request(self, to: str, command: Command, *, timeout: float = 5.0) -> Mapping[str, Any]:
        """Send a command and wait for the reply, its data.

        `Refused`: the service said no. `Unavailable`: it does not run, or failed; later it may say yes. `NoReply`:
        nothing came within `timeout` simulated seconds, and nobody knows whether it was done.
        """
        reply: Mapping[str, Any] = await self._ask(
            to, self.stamp(self._command(command, "request")), "request", timeout
        )
        return reply

    async def _ask(self, to: str, message: Any, purpose: str, timeout: float) -> Any:
        sim = self.sim
        if sim.task is None:
            raise OutsideSimulation(f"{self.name}.{purpose}(...)")
        self._asked += 1
        number = self._asked
        self._answers[number] = answer = Signal(sim)
        try:
            self.network.send(self.name, to, message, purpose, number)
            return await answer.wait(timeout)
        except TimeoutError:
            sim.trace.write(sim.now, "expired", self.name, message, to)
            raise NoReply(to, message.type, timeout) from None
        finally:
            self._answers.pop(number, None)

    def _event(self, event: Event, verb: str) -> Event:
        if event.__class__ is not Event:
            expected = "an Event; a Command goes to one service: tell or request"
            raise Invalid("message", where=f"{self.name}.{verb}", expected=expected, found=event)
        return event

    def _command(self, command: Command, verb: str) -> Command:
        if command.__class__ is not Command:
            expected = "a Command; an Event goes to whoever subscribed: publish"
            raise Invalid("message", where=f"{self.name}.{verb}", expected=expected, found=command)
        return command

    def _bus(self) -> Bus:
        if self.bus is None:
            raise Invalid("event", where=f"service {self.name}", expected="a service with a bus", found=None)
        return self.bus

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.name}: {'up' if self.up else 'down'}>"

    def receive(self, packet: Packet) -> None:
        """Take an answer from the network and give it to whoever waits for it."""
        purpose, message = packet.purpose, packet.message
        answer = self._answers.get(packet.reference)
        if answer is None:
            return  # it came too late: nobody waits for it any more
        if purpose == "refusal":
            kind = Unavailable if message.data["later"] else Refused
            answer.set(error=kind(message.data["reason"], service=packet.source, command=message.type))
        elif purpose == "unreachable":
            answer.set(error=Unavailable("not running", service=packet.source, command=message.type))
        else:
            answer.set(message.data)
