"""One story of a run as a trace of its own, short enough to be drawn."""

from __future__ import annotations

from msgspec.structs import replace

from eventlab.trace import Trace


def story(trace: Trace, first: str) -> Trace:
    """The records about the message with the id `first` and all that followed from it, numbered anew."""
    kept = [r for r in trace if r.message is not None and first in (r.message.id, r.message.correlationid)]
    return Trace([replace(record, index=number) for number, record in enumerate(kept)])
