"""What can go wrong with an engine: each error says what, why, and what to do about it."""

from __future__ import annotations

from eventlab.errors import EventlabError

INSTALL = "pip install 'eventlab[engines]'"


class EngineUnavailable(EventlabError):
    """An engine (a server, or the way to it) cannot be used now; nothing was left half made."""

    def __init__(self, engine: str, reason: str, remedy: str) -> None:
        self.engine, self.reason, self.remedy = engine, reason, remedy
        super().__init__(f"{engine} cannot be used: {reason}; {remedy}")
