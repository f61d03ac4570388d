"""What if this one message had been lost, late, doubled or different? An intervention in an otherwise equal run.

Random numbers are drawn as before, so two runs are equal, record for record, until the message would have arrived.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from msgspec.structs import replace

from eventlab.airports.catalogue import check
from eventlab.errors import Invalid, unknown
from eventlab.event import Message
from eventlab.network import Packet
from eventlab.sim import nanoseconds
from eventlab.times import When
from eventlab.trace import Record, Trace

VERBS = ("drop", "delay", "repeat", "edit")


@dataclass(frozen=True)
class Intervention:
    """One intervention: `verb` done to a packet; `by` in simulated seconds, `data` instead of what the message says.

    Without `at` it is done as the packet leaves; with it, at that point in time, if the packet is still under way then.
    Then a change which does not fit what the packet says, in a run that has become another one, changes nothing.
    """

    verb: str
    packet: int
    by: float = 0.0
    data: Mapping[str, Any] = field(default_factory=dict)
    at: When | None = None

    def __post_init__(self) -> None:
        if self.verb not in VERBS:
            raise unknown("verb", self.verb, VERBS, where="Intervention")
        nanoseconds(self.by)

    def apply(self, packet: Packet, arrival: int) -> list[tuple[int, Packet]]:
        """When the packet arrives, and as what."""
        late = arrival + nanoseconds(self.by)
        if self.verb == "drop":
            return []
        if self.verb == "delay":
            return [(late, packet)]
        if self.verb == "repeat":
            return [(arrival, packet), (late, packet)]
        try:
            return [(arrival, replace(packet, message=self.edited(packet.message)))]
        except Invalid:
            if self.at is None:
                raise
            return [(arrival, packet)]

    def edited(self, message: Message) -> Message:
        """The message with `data` in place of what it says; `Invalid` if such a message must not be sent."""
        return check(message.with_(data={**message.data, **self.data}))


def packet_of(trace: Trace, what: Record | Message | str) -> int:
    """The packet in which a message travelled first: given a record of an arrow, the message, or its id."""
    if isinstance(what, Record):
        if what.packet and what.purpose:
            return what.packet
        what = what.message or ""
    id = what.id if isinstance(what, Message) else what
    for record in trace.of("sent") if isinstance(id, str) else ():
        if record.message is not None and record.message.id == id:
            return record.packet
    raise Invalid("message", where="the run's trace", expected="the id of a message that was sent", found=id)
