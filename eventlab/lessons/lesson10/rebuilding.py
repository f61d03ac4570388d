"""Read models behind their store: one that follows, one that reads now and then, and a new version that is built anew.

The storm's events enter a store at their times. Each read model takes a number of events a second, in turns. While
version 2 of the board is built from the first event on, new ones come in, and passengers go on asking.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from eventlab.airports import Scenario
from eventlab.airports.assumptions import happened
from eventlab.event import Event
from eventlab.projection import Projection
from eventlab.sim import SECOND
from eventlab.store import Store
from eventlab.views.drawing.picture import Picture
from eventlab.views.lags import Behind, read_model_lag

BEGIN, BUILD, END, TURN = "09:30", "10:00", "12:00", 20  # turns of so many seconds
SWITCHES = ("at once", "when it has caught up", "never")
Evolve = Callable[[Any, Event], Any]


@cache
def storm() -> Scenario:
    """The day of the storm."""
    return Scenario()


@cache
def events() -> list[Event]:
    """Everything that happened on the day, in order of time."""
    return [happened(command) for command in storm().commands]


def board(rows: dict[str, Any], event: Event) -> dict[str, Any]:
    """Version 1: the newest word on each flight."""
    return {**rows, event.subject: {"status": event.type.removeprefix("flight.")}}


def report(counts: dict[str, int], event: Event) -> dict[str, int]:
    """How often each thing happened."""
    return {**counts, event.type: counts.get(event.type, 0) + 1}


@dataclass
class Reader:
    """A projection that takes `speed` events a second, but looks only every so many seconds."""

    model: Projection
    speed: float
    every: int = TURN
    may: float = 0.0  # events that it may still take
    seen: Behind = field(default_factory=lambda: Behind([], []))

    def turn(self, store: Store, second: int, now: int) -> None:
        """Read on, as far as it gets; note how far it is behind."""
        if second % self.every == 0:
            self.may += self.speed * self.every
            for recorded in store.read_all(after=self.model.position, limit=int(self.may)):
                self.model.apply(recorded)
                self.may -= 1
            self.may = min(self.may, self.speed * self.every)
        self.seen.times.append(now)
        self.seen.behind.append(store.position - self.model.position)


class Rebuild:
    """A morning on which version 2 of the board is built beside version 1, and readers are switched to it."""

    def __init__(self, board_2: Evolve, *, speed: float = 1.0, switch: str = "when it has caught up") -> None:
        self.switch, self.store = switch, Store()
        self.readers = {
            "board, version 1": Reader(Projection("board 1", board, {}), 10),
            "report": Reader(Projection("report", report, {}), 10, every=1200),
            "board, version 2": Reader(Projection("board 2", board_2, {}, schema="2"), speed),
        }
        self.two = self.readers["board, version 2"]
        self.asked = self.wrong = 0
        self.switched: int | None = None
        self.caught_up: int | None = None
        self.right: dict[str, str] = {}

    def run(self) -> Rebuild:
        """Let the morning pass."""
        day = storm()
        begin, end = day.at(BEGIN), day.at(END)
        new = iter(events())
        asked = [each for each in day.asked if begin <= each.time < end]
        following = next(new)
        for second in range(0, (end - begin) // SECOND, TURN):
            now = begin + second * SECOND
            while following.time <= now:
                self.store.append(f"flight-{following.subject}", following)
                self.right[following.subject] = following.type.removeprefix("flight.")
                following = next(new)
            if second == 0:
                for name in ("board, version 1", "report"):
                    self.readers[name].model.catch_up(self.store)
            self._turn(second, now)
            while asked and asked[0].time <= now:
                self._answer(asked.pop(0).subject, now)
        return self

    def _turn(self, second: int, now: int) -> None:
        building = now >= storm().at(BUILD)
        for reader in self.readers.values():
            if reader is not self.two or building:
                reader.turn(self.store, second, now)
        if building and self.caught_up is None and self.two.model.position == self.store.position:
            self.caught_up = now
        ready = {"at once": building, "when it has caught up": self.caught_up is not None, "never": False}
        if self.switched is None and ready[self.switch]:
            self.switched = now

    def _answer(self, flight: str, now: int) -> None:
        """A passenger asks for a flight: the board that serves now answers from what it knows."""
        name = "board, version 1" if self.switched is None else "board, version 2"
        reader = self.readers[name]
        row = reader.model.state.get(flight) if isinstance(reader.model.state, dict) else None
        said = row.get("status") if isinstance(row, dict) else None
        self.asked += 1
        if said != self.right.get(flight):
            self.wrong += 1
            reader.seen.wrong.append(now)

    @property
    def same(self) -> bool:
        """Whether version 2, built while events came in, is what a fold of the whole store gives."""
        once = Projection("once", self.two.model.evolve, {})
        once.rebuild(self.store)
        self.two.model.catch_up(self.store)
        return bool(once.state == self.two.model.state)

    def picture(self) -> Picture:
        """How far each read model was behind, which board answered, and which answers were wrong."""
        day = storm()
        at = self.switched if self.switched is not None else day.at(END)
        self.readers["board, version 1"].seen.serves = (day.at(BEGIN), at)
        self.two.seen.serves = (at, day.at(END))
        lags = {name: reader.seen for name, reader in self.readers.items()}
        title = f"{self.wrong} of {self.asked} answers wrong"
        if self.caught_up is not None:
            title += f"; version 2 caught up at {day.stage.clock(self.caught_up)}"
        return read_model_lag(lags, title=title, stage=day.stage)
