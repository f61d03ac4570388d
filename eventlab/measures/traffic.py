"""What travels, read from a trace: how many messages, how many bytes; and percentiles of anything measured.

Messages and bytes are those of the work: what people say and the receipts for events are not counted.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from eventlab.door import door, door_but
from eventlab.errors import Invalid
from eventlab.event import Message
from eventlab.trace import RECEIPTS, Trace


@door
def size(message: Message) -> int:
    """A message's size as JSON, in bytes."""
    return len(msgspec.json.encode(message))


@door
def traffic(trace: Trace) -> tuple[int, int]:
    """How many messages the services sent each other and the bus, and how many bytes they were."""
    people = set(trace.stage.people)
    sent = [
        record.message
        for record in trace.of("sent")
        if record.message and record.purpose not in RECEIPTS and not {record.where, record.other} & people
    ]
    return len(sent), sum(len(msgspec.json.encode(message)) for message in sent)


@door_but("values")
def percentile(values: Sequence[float], share: float) -> float:
    """The value that `share` (0 to 1) of the values do not exceed (nearest rank); not a number if there are none."""
    if not 0 <= share <= 1:
        raise Invalid("share", where="percentile", expected="0 to 1", found=share)
    try:
        ordered = sorted(map(float, values))
    except (TypeError, ValueError, OverflowError):
        raise Invalid("values", where="percentile", expected="numbers", found=values) from None
    return ordered[max(0, -int(-share * len(ordered) // 1) - 1)] if ordered else float("nan")
