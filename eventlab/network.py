"""The network between services: links made of data, on which messages take time, get lost, doubled or overtaken."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Sequence
from typing import Any, Protocol

from msgspec import Struct
from msgspec.structs import replace

from eventlab import borders
from eventlab.door import door
from eventlab.errors import Invalid, unknown
from eventlab.event import Command, Event, Refusal, Reply
from eventlab.quality import USUAL_QUALITY as USUAL_QUALITY
from eventlab.quality import Delay as Delay
from eventlab.quality import LinkQuality as LinkQuality
from eventlab.sim import Draws, Signal, Sim, nanoseconds
from eventlab.watchers import Watchers

ORDINARY = (False, None, False)  # the fate of most messages
LONGEST_NAME = 200  # characters
Pairs = Sequence[tuple[str, str]]


class Packet(Struct, frozen=True, gc=False):
    """What travels: a message, where it goes, and what for (`reference` belongs to whoever sent it)."""

    number: int
    source: str
    to: str
    message: Any
    purpose: str
    reference: Any


class Node(Protocol):
    """Whatever can be sent to."""

    name: str
    up: bool

    def receive(self, packet: Packet) -> None: ...


# What becomes of a packet that would arrive at an instant: when it arrives instead, and as what, any number of times.
Intervention = Callable[[Packet, int], list[tuple[int, Packet]]]


class _Link:
    """One direction between two nodes."""

    __slots__ = ("added", "draw", "draws", "faulty", "last", "node", "open", "quality", "troubles")

    def __init__(self, node: Node, quality: LinkQuality, draws: Draws) -> None:
        self.node, self.draws = node, draws
        self.open = True
        self.last = 0  # the latest arrival so far: nothing sent later arrives earlier
        self.troubles: list[LinkQuality] = []
        self.set_quality(quality)

    def set_quality(self, quality: LinkQuality) -> None:
        self.quality = quality
        self.draw = quality.delay.sampler(self.draws)
        self.set_troubles(self.troubles)

    def set_troubles(self, troubles: list[LinkQuality]) -> None:
        self.troubles = troubles
        self.added = nanoseconds(self.share("added"))
        self.faulty = any(self.share(name) for name in ("loss", "duplication", "reordering"))

    def share(self, name: str) -> float:
        """How much is lost, doubled, overtaken or added: the worst of its own quality and its troubles."""
        worst: float = max(getattr(quality, name) for quality in (self.quality, *self.troubles))
        return worst

    def fate(self) -> tuple[bool, int | None, bool]:
        """Draw whether a message is lost, how long after it a double arrives (or None), and whether it is late."""
        chance = self.draws.chance
        if chance(self.share("loss")):
            return True, None, False
        double = self.draw() if chance(self.share("duplication")) else None
        return False, double, chance(self.share("reordering"))


def _pairs(pairs: Pairs) -> Pairs:
    """The pairs, in whatever rows they came."""
    return [(one, other) for one, other in pairs]


class Network:
    """Nodes and the links between them. Every message that is sent leaves its records in the trace."""

    @door
    def __init__(self, sim: Sim, quality: LinkQuality = USUAL_QUALITY) -> None:
        self.sim = sim
        self.quality = quality
        self.nodes: dict[str, Node] = {}
        self.check: Callable[[Any], object] | None = None  # raises `Invalid` for a message that must not be sent
        self.watchers = Watchers("network")  # called when connections may have broken or come back
        self.on_join: dict[object, Callable[[list[str]], object]] = {}  # called with the name of whoever joins
        self.interventions: dict[int, Intervention] = {}  # by packet: what is done to it by hand
        self.change = Signal(sim)  # set when connections next may have broken or come back
        self._links: dict[tuple[str, str], _Link] = {}
        self._troubles: list[tuple[LinkQuality, Pairs]] = []
        self.first = 0  # behind which number its nodes begin to count what they send
        self.held: Counter[tuple[str, ...]] = Counter()  # how many faults hold something down (see faults)
        self._packets = 0

    def __repr__(self) -> str:
        return f"<Network: {', '.join(self.nodes) or 'nobody yet'}>"

    def join(self, node: Node) -> None:
        """Add a node. Its name must be new."""
        borders.able(node, "receive", what="node", where="network")
        if not isinstance(node.name, str) or not node.name or node.name in self.nodes:
            raise Invalid("name of a node", where="network", expected="a new name", found=node.name)
        borders.text(node.name, "name of a node", where="network", most=LONGEST_NAME, plain=True)
        self.nodes[node.name] = node
        for call in tuple(self.on_join.values()):
            call([node.name])

    def node(self, name: str) -> Node:
        """The node with this name; `Invalid` if there is none."""
        try:
            return self.nodes[name]
        except Exception:  # nor has a node a name that cannot be looked up
            raise unknown("service", name, self.nodes, where="network") from None

    def send(
        self, source: str, to: str, message: Event | Command | Reply | Refusal, purpose: str, reference: Any = None
    ) -> None:
        """Let a message travel. What becomes of it is known to nobody but the trace."""
        sim = self.sim
        try:
            link = self._links[source, to]
        except Exception:  # the first message on this way, or nobody's name
            link = self._link(source, to)
        self._packets = number = self._packets + 1
        packet = Packet(number, source, to, message, purpose, reference)
        sim.trace.write(sim.now, "sent", source, message, to, number, purpose)
        if not link.open:
            sim.trace.write(sim.now, "lost", to, message, source, number, purpose, "partition")
            return
        arrival = sim.now + link.draw() + link.added
        if arrival < link.last:
            arrival = link.last
        fate = link.fate() if link.faulty else ORDINARY  # drawn also for a message that is intervened at
        if number in self.interventions:
            self._intervene(link.node, packet, self.interventions[number](packet, arrival))
            return
        if fate is not ORDINARY and self._meet_a_fault(link, packet, arrival, *fate):
            return
        link.last = arrival
        sim.call_at(arrival, self._arrive, link.node, packet)

    @door
    def intervene(self, number: int, intervention: Intervention) -> None:
        """Intervene at a packet that is under way, now. Nothing happens if it has arrived, or was lost."""
        for entry in self.sim.planned(self._arrive):
            node, packet = entry[3]
            if packet.number == number:
                self.sim.cancel(entry)
                self._intervene(node, packet, intervention(packet, entry[0]))

    def _intervene(self, node: Node, packet: Packet, copies: list[tuple[int, Packet]]) -> None:
        """Let the packet arrive when, how often and as the intervention says."""
        sim = self.sim
        if len(copies) != 1:
            kind, note = ("duplicated", "by hand") if copies else ("lost", "dropped by hand")
            number, source, to, purpose = packet.number, packet.source, packet.to, packet.purpose
            sim.trace.write(sim.now, kind, to, packet.message, source, number, purpose, note)
        for instant, copy in copies:
            sim.call_at(instant, self._arrive, node, copy)

    def _meet_a_fault(
        self, link: _Link, packet: Packet, arrival: int, lost: bool, double: int | None, late: bool
    ) -> bool:
        """True if the message does not travel the ordinary way."""
        sim = self.sim
        number, source, to, message, purpose = packet.number, packet.source, packet.to, packet.message, packet.purpose
        if lost:
            sim.trace.write(sim.now, "lost", to, message, source, number, purpose, "lost on the way")
            return True
        if double is not None:
            sim.trace.write(sim.now, "duplicated", to, message, source, number, purpose)
            sim.call_at(arrival + double, self._arrive, link.node, packet)
        if late:
            sim.call_at(arrival + nanoseconds(link.quality.late), self._arrive, link.node, packet)
        return late

    def _arrive(self, node: Node, packet: Packet) -> None:
        sim, to, source = self.sim, packet.to, packet.source
        if node.up:
            sim.trace.write(sim.now, "received", to, packet.message, source, packet.number, packet.purpose)
            node.receive(packet)
            return
        sim.trace.write(sim.now, "lost", to, packet.message, source, packet.number, packet.purpose, f"{to} is down")
        if packet.purpose == "request":
            self._refuse(packet)

    def _refuse(self, packet: Packet) -> None:
        """The machine answers for the stopped process: connection refused. A definite no, nothing was done."""
        back = self._links.get((packet.to, packet.source)) or self._link(packet.to, packet.source)
        if back.open:
            self.sim.call_at(self.sim.now + back.draw(), self._turned_away, packet)

    def _turned_away(self, packet: Packet) -> None:
        node = self.node(packet.source)
        if node.up:
            node.receive(replace(packet, source=packet.to, to=packet.source, purpose="unreachable"))

    def _link(self, source: str, to: str) -> _Link:
        self.node(source)
        node = self.node(to)
        link = self._links.get((source, to))
        if link is None:
            draws = self.sim.random(f"link {source} → {to}")
            link = self._links[source, to] = _Link(node, self.quality, draws)
            self._trouble((source, to))
        return link

    # Faults and their end, in words of the trace -------------------------------------------------------------

    @door
    def set_quality(self, quality: LinkQuality, pairs: Collection[tuple[str, str]] | None = None) -> None:
        """Give links another quality from now on: the links of these pairs, in both directions, or all of them."""
        if pairs is None:
            self.quality, links = quality, list(self._links.values())
        else:
            links = [self._link(*ends) for one, other in pairs for ends in ((one, other), (other, one))]
        for link in links:
            link.set_quality(quality)

    @door
    def degrade(self, trouble: LinkQuality, pairs: Pairs = ()) -> None:
        """Degrade links (of these pairs, or all) until `restore`: the worse of `trouble` and their own counts."""
        self._troubles.append((trouble, _pairs(pairs)))
        self._trouble(*self._links)

    @door
    def restore(self, trouble: LinkQuality, pairs: Pairs = ()) -> None:
        """End what `degrade` began, for the same pairs."""
        begun = (trouble, _pairs(pairs))
        if begun not in self._troubles:
            raise Invalid("trouble", where="network", expected="one that `degrade` began", found=begun)
        self._troubles.remove(begun)
        self._trouble(*self._links)

    def _trouble(self, *links: tuple[str, str]) -> None:
        for one, other in links:
            met = [each for each, pairs in self._troubles if not pairs or {(one, other), (other, one)} & {*pairs}]
            self._links[one, other].set_troubles(met)

    @door
    def partition(self, one: str, others: Iterable[str] | None = None) -> None:
        """Nothing passes any more between `one` and the `others` (default: everybody else, and whoever joins)."""
        self._cut(one, others, "partitioned", False)

    @door
    def heal(self, one: str, others: Iterable[str] | None = None) -> None:
        """Undo `partition`."""
        self._cut(one, others, "healed", True)

    def _cut(self, one: str, others: Iterable[str] | None, kind: str, open: bool) -> None:
        self.node(one)
        if others is None and open:
            self.on_join.pop(one, None)
        elif others is None:
            self.on_join[one] = lambda names: self.partition(one, names)
        apart = [self.node(name).name for name in (self.nodes if others is None else others) if name != one]
        for other in apart:
            self._link(one, other).open = self._link(other, one).open = open
            self.sim.trace.write(self.sim.now, kind, one, None, other)
        self.changed()

    def connected(self, one: str, other: str) -> bool:
        """Whether both are up and messages pass both ways: what the two ends of an open connection can tell."""
        if not (self.node(one).up and self.node(other).up):
            return False
        link = self._links.get((one, other))  # a partition cuts both directions
        return link is None or link.open

    def changed(self) -> None:
        """Tell the watchers that connections may have broken or come back (a crash, a partition, their end)."""
        self.watchers.tell()
        change, self.change = self.change, Signal(self.sim)
        change.set()
