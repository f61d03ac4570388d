"""Passengers' questions: how many were asked, and which of them got no answer."""

from __future__ import annotations

from eventlab.trace import Record


class Questions:
    """Follows what passengers ask; a question that was refused or given up has no answer."""

    def __init__(self) -> None:
        self.asked: dict[str, None] = {}
        self.answered: set[str] = set()
        self.gave_up: set[str] = set()
        self.failed: dict[str, None] = {}

    def take(self, record: Record) -> bool:
        """Read one record; whether the figures changed."""
        message = record.message
        if message is None:
            return False
        if record.where != "passengers":
            down = record.kind == "lost" and record.other == "passengers" and record.purpose == "request"
            return down and record.note.endswith("is down") and self._fail(message.id)
        if record.kind == "sent":
            self.asked[message.id] = None
        elif record.kind == "expired":
            self.gave_up.add(message.id)
            return self._fail(message.id)
        elif record.kind == "received" and record.purpose == "reply":
            if message.causationid not in self.gave_up:
                self.answered.add(message.causationid)
                self.failed.pop(message.causationid, None)
        elif record.kind == "received" and record.purpose == "refusal":
            return self._fail(message.causationid)
        return True

    def _fail(self, id: str) -> bool:
        if id not in self.answered:
            self.failed[id] = None
        return True

    def figures(self) -> dict[str, int]:
        """How many were asked, and how many of these have failed."""
        return {"asked": len(self.asked), "unanswered": len(self.failed)}
