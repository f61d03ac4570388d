"""What it costs to decide from a history: the events folded for each decision, counted, not timed.

A decision folds its stream from the first event, or from the last snapshot. How long that is depends on how the
history is cut into streams, and on how often a snapshot is kept.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import accumulate
from typing import Any

from eventlab.aggregate import Aggregate
from eventlab.airports import rules
from eventlab.decider import Decider
from eventlab.errors import unknown
from eventlab.event import Command, Event
from eventlab.store import Store
from eventlab.views import chart
from eventlab.views.drawing.picture import Picture

Facts = Mapping[str, Any]

STREAMS: dict[str, Callable[[Command], str]] = {
    "one for all flights": lambda command: "all",
    "one for each airport": lambda command: command.subject.split("-")[1],
    "one for each flight": lambda command: command.subject,
}


@dataclass
class ReplayCost:
    """The work for each decision, in order: `folded` events each, and how many snapshots were kept in all."""

    streams: str
    snapshot_every: int = 0
    folded: list[int] = field(default_factory=list)
    snapshots: int = 0

    @property
    def total(self) -> int:
        """Events folded in all."""
        return sum(self.folded)

    @property
    def row(self) -> dict[str, object]:
        """The measures as a row of a table."""
        return {
            "streams": self.streams,
            "a snapshot every": self.snapshot_every or "never",
            "decisions": len(self.folded),
            "events folded": f"{self.total:,}",
            "most for one": max(self.folded, default=0),
            "snapshots kept": self.snapshots,
        }


Cut = Callable[[Command], object]  # which stream a command's decision reads


def cost(commands: Iterable[Command], streams: str | Cut, snapshot_every: int = 0) -> ReplayCost:
    """Decide each command from its stream; `streams` is a key of `STREAMS`, or a cut of your own.

    The state of a stream holds the facts about all of its flights: that much a decision loads, and no less.
    `snapshot_every=0` keeps no snapshots.
    """
    if isinstance(streams, str) and streams not in STREAMS:
        raise unknown("cut into streams", streams, STREAMS, where="cost")
    stream = STREAMS[streams] if isinstance(streams, str) else streams
    found, counted = ReplayCost(streams if isinstance(streams, str) else "your cut", snapshot_every), 0

    def evolve(flights: Facts, event: Event) -> Facts:
        nonlocal counted
        counted += 1
        return {**flights, event.subject: rules.evolve(flights.get(event.subject, {}), event)}

    def decide(command: Command, flights: Facts) -> list[Event]:
        found.folded.append(counted)
        return rules.decide(command, flights.get(command.subject, {}))

    with Store() as store:
        history = Aggregate(store, "flights", Decider({}, decide, evolve), snapshot_every=snapshot_every or None)
        for command in commands:
            counted = 0
            done = history.handle(str(stream(command)), command)
            found.snapshots += bool(snapshot_every and done and done[-1].version % snapshot_every == 0)
    return found


def busiest(commands: Sequence[Command], least: int = 6) -> list[Command]:
    """The commands about flights of which the airlines had that much to say, or more."""
    often = Counter(command.subject for command in commands)
    return [command for command in commands if often[command.subject] >= least]


def folded_so_far(commands: Sequence[Command], snapshot_every: int) -> Picture:
    """A chart that adds up the events folded, decision by decision, for each cut."""
    folded = {cut: cost(commands, cut, snapshot_every).folded for cut in STREAMS}
    series = {cut: list(accumulate(each)) for cut, each in folded.items()}
    text = "; ".join(f"{cut}: {sum(each):,} in all" for cut, each in folded.items())
    x = range(1, len(commands) + 1)
    return chart("Events folded so far", x=x, series=series, text=text, x_title="decisions")
