"""A seat for each of 62 people: rebooking finds one every 0.2 s, and notices tells whose it is, by your handler.

A world is a laboratory or a runtime on real engines: both have services, and a handler cannot tell which one it is in.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Protocol

from eventlab.event import Event
from eventlab.faults import Crash
from eventlab.lab import Lab
from eventlab.lessons.lesson13.kept import Kill, calm, kills, measured_on
from eventlab.outbox import Outbox
from eventlab.service import Service
from eventlab.store import Store
from eventlab.times import SECOND
from eventlab.trace import Trace
from eventlab.views import chart
from eventlab.views.drawing.picture import Picture

PEOPLE, EVERY = 62, 0.2
DEAD = 10.0  # seconds until the node that was killed was started again
AWAY = (4.02, 9.02)  # seconds: when the bus of the simulation is away; the leader of the real one was killed at 4
LONGEST = 17.0  # seconds that the charts show
Tell = Callable[[Service, Event], Any]


class World(Protocol):
    """Where services live: `Lab` or `Runtime`."""

    def service(self, name: str) -> Service:
        """A new service."""


@dataclass(frozen=True)
class Told:
    """Who was told, and when: seconds since the first seat was found."""

    who: Sequence[str]
    when: Sequence[float]

    @property
    def people(self) -> int:
        """How many were told at all."""
        return len(set(self.who))

    @property
    def twice(self) -> int:
        """How many were told more than once."""
        return sum(times > 1 for times in Counter(self.who).values())

    @property
    def pause(self) -> float:
        """The longest time in which nobody was told, between two who were."""
        return max((later - before for before, later in pairwise(self.when)), default=0.0)


def put_up(world: World, seats: Any, tell: Tell) -> tuple[Service, Coroutine[Any, Any, None]]:
    """The two services in a world, and the search for seats, which rebooking has still to start."""
    rebooking, notices = world.service("rebooking"), world.service("notices")
    Outbox(rebooking, seats)
    notices.on("seat.found", lambda event: tell(notices, event), durable="notices", backoff=[1.0])

    async def search() -> None:
        for number in range(1, PEOPLE + 1):
            data = {"passenger": f"p-{number}", "seat": f"{number // 6 + 1}{'ABCDEF'[number % 6]}"}
            seats.append("seats", Event("seat.found", data, f"p-{number}", f"seat-{number}", source="rebooking"))
            await rebooking.sleep(EVERY)

    return rebooking, search()


def told(trace: Trace) -> Told:
    """What a run came to."""
    sent = next((record.at for record in trace if record.kind == "sent"), 0)
    acts = [record for record in trace.of("acted") if record.message is not None and record.where == "notices"]
    return Told([record.key for record in acts], [(record.at - sent) / SECOND for record in acts])


def simulated(tell: Tell, away: tuple[float, float] | None = AWAY) -> Trace:
    """The scene in simulated time; the bus is away from one second to another."""
    lab = Lab(13)
    rebooking, search = put_up(lab, Store(), tell)
    if away is not None:
        lab.inject(Crash("bus", *away))
    rebooking.start(search)
    return lab.run()


def people(tell: Tell, away: tuple[float, float] | None = AWAY) -> Picture:
    """Your handler in simulation, beside the first run on real engines that is kept."""
    found = told(simulated(tell, away))
    series = {"your handler, simulated": found, f"real, {measured_on()}": as_told(kills()[0].told)}
    return curves(series, words(found), away=away, title="Your handler")


def bus_away(seconds: float, tell: Tell) -> Picture:
    """Your handler in simulation, the bus away for so many seconds."""
    return people(tell, (AWAY[0], AWAY[0] + seconds) if seconds else None)


def words(found: Told, people: int = PEOPLE) -> str:
    """What a run came to, in a sentence."""
    return (
        f"{found.people} of {people} were told, {found.twice} of them twice; "
        f"the longest pause took {found.pause:.1f} seconds."
    )


RUNS = {"nothing wrong": None, **{f"leader killed, run {number}": number - 1 for number in range(1, 8)}}


def one_run(run: str, before: str = "") -> Picture:
    """One of the real runs that are kept, beside the one in which nothing happened; said `before` its words."""
    number = RUNS[run]
    quiet = {"nothing wrong": as_told(calm())}
    if number is None:
        return curves(quiet, words(quiet["nothing wrong"]), title=_title())
    kill: Kill = kills()[number]
    found = as_told(kill.told)
    place = "the node that our process talked to" if kill.ours else "another node than our process talked to"
    return curves(
        {"leader killed": found, **quiet},
        f"{before} {words(found)} The leader was {place}.".strip(),
        away=(kill.killed, kill.killed + DEAD),
        title=_title(),
    )


def _title() -> str:
    return f"On real engines, {measured_on()}"


def as_told(when: Sequence[float]) -> Told:
    """A run that is kept, of which only the times are known: nobody was told twice."""
    return Told([f"p-{number}" for number in range(1, len(when) + 1)], when)


def curves(
    series: dict[str, Told], text: str, *, away: tuple[float, float] | None = None, title: str = "On real engines"
) -> Picture:
    """How many had been told by when; shaded is when the leader was away, or just dead."""
    x = [step / 2 for step in range(int(2 * LONGEST) + 1)]
    counted = {name: [float(_by(found, second)) for second in x] for name, found in series.items()}
    marks = [("away", *away)] if away else []
    return chart(
        f"{title}: {PEOPLE} people, a seat for each", x=x, series=counted, spans=marks, text=text,
        x_title="seconds since the first seat was found", y_title="people told",
    )  # fmt: skip


def _by(found: Told, second: float) -> int:
    """How many different people had been told by then."""
    return len(set(found.who[: bisect_right(found.when, second)]))
