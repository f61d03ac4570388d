"""Parts of a trace as traces of their own, short enough to be drawn."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec.structs import replace

from eventlab.trace import FAULTS, Record, Trace


def story(trace: Trace, first: str) -> Trace:
    """The records about the message with the id `first` and all that followed from it, numbered anew.

    What went wrong meanwhile belongs to it: crashes and cuts between its first record and its last.
    """
    about = [r for r in trace if r.message is not None and first in (r.message.id, r.message.correlationid)]
    if not about:
        return Trace()
    begin, end = about[0].index, about[-1].index
    wrong = [record for record in trace.of(*FAULTS) if begin < record.index < end]
    kept = sorted([*about, *wrong], key=lambda record: record.index)
    return _numbered(kept)


def excerpt(trace: Trace, since: int) -> Trace:
    """The part of a trace from an instant on (nanoseconds)."""
    part = [record for record in trace if record.at >= since]
    return _numbered(part)


def _numbered(records: Sequence[Record]) -> Trace:
    return Trace([replace(record, index=index) for index, record in enumerate(records)])
