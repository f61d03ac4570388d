"""What two exercises of the lesson have in common: an event that comes late is old, and no reason to refuse it."""

from __future__ import annotations

from eventlab.lessons.judging.model import Mistake
from eventlab.trace import Trace


def check_refusals(trace: Trace, service: str, who: str, what: str) -> None:
    """Whoever keeps a copy takes every event. `who` and `what`: how the service and the event's subject are called."""
    for record in trace.of("refused"):
        if record.where == service and record.message is not None:
            version, subject = record.message.data["version"], record.message.subject
            message = (
                f"{who} refused an event that came late, version {version} of {what} {subject}. Nothing is wrong with "
                "it: it is only old. What is refused is kept as a dead letter, and somebody has to look at it."
            )
            marks = {record.index: "refused, though it is only old"}
            raise Mistake(message, trace=trace, flight=subject, marks=marks, kind="refusal")
