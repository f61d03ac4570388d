"""The network over NATS: what services say to each other travels over real connections, to other processes too.

The bus of this process is at hand: what goes to it or comes from it needs no letter. Cuts and crashes can be injected
as in the laboratory; how long a message takes, and what gets lost, is the real network's affair.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections import OrderedDict, deque
from collections.abc import Collection, Coroutine
from typing import Any

import msgspec
from msgspec.structs import replace
from nats.aio.client import Client as Nats
from nats.aio.msg import Msg

from eventlab.engines.clock import Clock
from eventlab.engines.names import token
from eventlab.errors import Invalid
from eventlab.event import Command, Event, Refusal, Reply, as_text, decoded
from eventlab.network import Intervention, LinkQuality, Network, Node, Packet, Pairs

LOG = logging.getLogger(__name__)
KEPT = 10_000  # requests of which it is remembered who asked whom


class Letter(msgspec.Struct, frozen=True):
    """A packet as it travels."""

    number: int
    source: str
    to: str
    purpose: str
    reference: Any
    message: Event | Command | Reply | Refusal


_encode = msgspec.json.Encoder(enc_hook=as_text).encode
_decode = msgspec.json.Decoder(Letter, dec_hook=decoded).decode


class Links(Network):
    """Nodes of this process and of others, on one NATS connection; `prefix` keeps those apart who share a server."""

    def __init__(self, clock: Clock, connection: Nats, prefix: str) -> None:
        super().__init__(clock)
        self.clock, self.connection, self.prefix = clock, connection, prefix
        self.first = time.time_ns() // 1000  # ids are never given twice, though this process should begin again
        self.loop = asyncio.get_running_loop()
        self.preparing: list[asyncio.Task[Any]] = []  # what must be done before messages are sent
        self.flying: dict[tuple[int, str], Packet] = {}  # letters to this process's own nodes that have not arrived
        self._out: deque[tuple[str, bytes, str]] = deque()
        self._sender: asyncio.Task[None] | None = None
        self._asked: OrderedDict[int, Packet] = OrderedDict()
        self.bus: Any = None
        self.prepare(connection.subscribe(f"{prefix}.nobody.{self.first}.*", cb=self._nobody))

    def prepare(self, work: Coroutine[Any, Any, Any]) -> None:
        """Begin something that must be ready before messages are sent."""
        self.preparing.append(self.loop.create_task(work))

    async def prepared(self) -> None:
        """Wait until all that was begun is ready; its error is raised here."""
        while self.preparing:
            first = self.preparing[0]
            await asyncio.shield(first)
            if self.preparing and self.preparing[0] is first:  # several may wait
                self.preparing.pop(0)

    def join(self, node: Node) -> None:
        """Add a node; `Network.join` says how. Letters to it are listened for from now on."""
        super().join(node)
        if hasattr(node, "log"):  # the bus of this process
            self.bus = node
        else:
            self.prepare(self.connection.subscribe(self._address(node.name), cb=self._came))

    def _address(self, name: str) -> str:
        return f"{self.prefix}.node.{token(name)}"

    def connected(self, one: str, other: str) -> bool:
        """As far as this process can tell: of nodes elsewhere nobody knows until they are asked."""
        here = [name for name in (one, other) if name in self.nodes]
        return super().connected(*here) if len(here) == 2 else all(self.nodes[name].up for name in here)

    def send(
        self, source: str, to: str, message: Event | Command | Reply | Refusal, purpose: str, reference: Any = None
    ) -> None:
        """Let a message travel: to the bus at once, to anybody else over NATS."""
        sim = self.sim
        self._packets = number = self._packets + 1
        packet = Packet(number, source, to, message, purpose, reference)
        sim.trace.write(sim.now, "sent", source, message, to, number, purpose)
        link = self._links.get((source, to))
        if link is not None and not link.open:
            sim.trace.write(sim.now, "lost", to, message, source, number, purpose, "partition")
        elif self.bus is not None and self.bus.name in (source, to):
            sim.call_at(sim.now, self._arrive, self.node(to), packet)
        else:
            self._post(packet)

    def set_quality(self, quality: LinkQuality, pairs: Collection[tuple[str, str]] | None = None) -> None:
        """Not here: how long messages take, and what is lost, is the real network's affair."""
        raise Invalid("quality", where="NATS", expected="crashes and cuts; the network itself is real", found=quality)

    def degrade(self, trouble: LinkQuality, pairs: Pairs = ()) -> None:
        """Not here, as `set_quality`."""
        self.set_quality(trouble)

    def intervene(self, number: int, intervention: Intervention) -> None:
        """Not here: what is on its way is in no hand of ours."""
        raise Invalid("intervention", where="NATS", expected="none; take a simulated run for it", found=number)

    def _post(self, packet: Packet) -> None:
        answer = ""
        if packet.purpose == "request":
            self._asked[packet.number] = packet
            answer = f"{self.prefix}.nobody.{self.first}.{packet.number}"
            if len(self._asked) > KEPT:
                self._asked.popitem(last=False)
        if packet.to in self.nodes:
            self.flying[packet.number, packet.to] = packet
            self.clock.leave()
        letter = Letter(packet.number, packet.source, packet.to, packet.purpose, packet.reference, packet.message)
        self.put(self._address(packet.to), _encode(letter), answer)

    def _landed(self, number: int, to: str) -> None:
        if self.flying.pop((number, to), None) is not None:
            self.clock.come()

    def send_out(self, work: Coroutine[Any, Any, Any]) -> None:
        """Begin something outside; until it is done it is on its way."""
        self.clock.leave()
        self.loop.create_task(self._back(work))

    async def _back(self, work: Coroutine[Any, Any, Any]) -> None:
        try:
            await work
        finally:
            self.clock.come()

    def put(self, address: str, content: bytes, answer: str = "") -> None:
        """Let something leave as soon as asyncio's loop has its turn, in this order."""
        self._out.append((address, content, answer))
        if self._sender is None or self._sender.done():
            self._sender = self.loop.create_task(self._send_all())

    async def _send_all(self) -> None:
        await self.prepared()
        while self._out:
            address, content, answer = self._out.popleft()
            try:
                await self.connection.publish(address, content, answer)
            except Exception as error:  # too large, or closed: as lost as on any network
                LOG.warning("a message to %s was lost: %s", address, error)

    async def _came(self, msg: Msg) -> None:
        letter = _decode(msg.data)
        packet = Packet(letter.number, letter.source, letter.to, letter.message, letter.purpose, letter.reference)
        node = self.node(letter.to)
        if packet.purpose != "unreachable":
            self.clock.happen(self._arrive, node, packet)
        elif node.up:
            self.clock.happen(node.receive, packet)
        if letter.source in self.nodes:
            self._landed(letter.number, letter.to)  # after it: what follows is on its way before time may pass fast

    async def _nobody(self, msg: Msg) -> None:
        """NATS says that nobody listens at an address: connection refused."""
        packet = self._asked.pop(int(msg.subject.rsplit(".", 1)[1]), None)
        if packet is not None and packet.source in self.nodes:
            self.clock.happen(self._turned_away, packet)

    def give_up(self) -> None:
        """The connection broke: what was on its way over it is lost, as far as anybody knows."""
        sim, lost = self.sim, list(self.flying.values())
        for each in lost:
            self._landed(each.number, each.to)
            number, purpose, reason = each.number, each.purpose, "the connection broke"
            sim.trace.write(sim.now, "lost", each.to, each.message, each.source, number, purpose, reason)

    def _refuse(self, packet: Packet) -> None:
        """The machine answers for the stopped process, as in the laboratory."""
        self._post(replace(packet, source=packet.to, to=packet.source, purpose="unreachable"))
