"""What services know about one thing, as a matrix: facts down, services across, what differs from its owner marked.

The owner of a fact is the service that knew it first. Everybody else has a copy of it, which may be old.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple, TypedDict

from eventlab.stage import Stage
from eventlab.trace import Record
from eventlab.views.drawing.wording import counted, told
from eventlab.views.state_entries import NOTHING, fields_of

Place = tuple[str, str]  # service and fact
OWN, SAME, DIFFERS, NONE = "own", "same", "differs", "none"


class Cell(NamedTuple):
    """What one service knows of one fact, how that stands to its owner, and a note: since when, or what it was."""

    kind: str
    value: str
    note: str
    changed: bool


class Matrix(TypedDict):
    """The cells by fact, one for each service; `short` says what differs."""

    facts: list[str]
    services: list[str]
    cells: dict[str, list[Cell]]
    short: str
    differ: int
    changed: int


class Knowledge:
    """What all know about a subject, while the changes go by."""

    def __init__(self, subject: str, stage: Stage) -> None:
        self.subject, self.stage = subject, stage
        self.owners: dict[str, str] = {}
        self.often: Counter[str] = Counter()
        self._values: dict[Place, Any] = {}
        self._since: dict[Place, int] = {}
        self._news: dict[Place, Any] = {}

    def learn(self, records: Iterable[Record]) -> None:
        """The next changes, which are the news until there are others."""
        self._news = {}
        for record in records:
            before, after = (fields_of(record.key, value, self.subject) for value in (record.before, record.after))
            for field in {**before, **after}:
                if before.get(field) != after.get(field):
                    fact = self._fact(record.key, field)
                    place = record.where, fact
                    self.owners.setdefault(fact, record.where)
                    self.often[fact] += 1
                    self._values[place], self._since[place] = after.get(field), record.at
                    self._news.setdefault(place, before.get(field))

    def _fact(self, key: str, field: str) -> str:
        return " ".join([key] * (key != self.subject) + [field] * bool(field)) or "state"

    def services(self) -> list[str]:
        """Who knows something: the owner of most facts first, the others in their usual order."""
        names = self.stage.in_order(name for name, _ in self._values)
        first = Counter(self.owners.values()).most_common(1)
        return sorted(names, key=lambda name: name != first[0][0]) if first else list(names)

    def facts(self, most: int) -> list[str]:
        """At most so many facts: those that several know and those that change come first, in the order of learning."""
        shared = Counter(fact for _, fact in self._values)
        best = sorted(self.owners, key=lambda fact: (-min(2, shared[fact]), -self.often[fact]))[:most]
        return [fact for fact in self.owners if fact in best]

    def matrix(self, facts: Sequence[str], services: Sequence[str]) -> Matrix:
        """What is known now of these facts."""
        cells = {fact: [self._cell(name, fact) for name in services] for fact in facts}
        wrong = [
            name
            for row in cells.values()
            for name, cell in zip(services, row, strict=True)
            if cell.kind == DIFFERS
        ]  # fmt: skip
        names = list(dict.fromkeys(wrong))
        if wrong:
            who = names[0] if len(names) == 1 else counted(len(names), "service")
            short = f"{who} {'knows' if len(names) == 1 else 'know'} {counted(len(wrong), 'fact')} otherwise"
        elif not any(value is not None for value in self._values.values()):
            short = "nobody knows anything of it yet"
        else:
            short = "nobody knows anything otherwise than its owner"
        changed = sum(cell.changed for row in cells.values() for cell in row)
        return {"facts": list(facts), "services": list(services), "cells": cells, "short": short,
                "differ": len(wrong), "changed": changed}  # fmt: skip

    def _cell(self, name: str, fact: str) -> Cell:
        place, owner = (name, fact), self.owners.get(fact, "")
        value, true = self._values.get(place), self._values.get((owner, fact))
        changed = place in self._news
        said = NOTHING if value is None else told(value, self.stage, *fact.split())
        kind = NONE if value is None else SAME if value == true else DIFFERS
        if name == owner or isinstance(value, Mapping | list | tuple | set):  # a collection is nobody's copy
            kind = OWN
        note = ""
        if kind == DIFFERS:
            at = max(self._since[place], self._since.get((owner, fact), 0))
            note = f"since {self.stage.clock(at)}"
        elif changed:
            was = self._news[place]
            note = "new" if was is None else f"was {told(was, self.stage, *fact.split())}"
        return Cell(kind, said, note, changed)
