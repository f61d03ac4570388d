"""The Boston morning twice: on real engines, as it is kept, and in simulation with the bus away for as long."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from eventlab.airports import Scenario, run
from eventlab.event import Event
from eventlab.faults import Crash
from eventlab.lessons.lesson13.kept import kills, real_morning
from eventlab.lessons.lesson13.seats import as_told, simulated, told
from eventlab.service import Service
from eventlab.times import SECOND, Instant
from eventlab.trace import Trace

FLIGHT = "9E3422-JFK-0208"
BOSTON = Scenario(flights=[FLIGHT, "B61004-JFK-0208", "B61026-JFK-0208"], questions=1)
KILLED, NEWS = "07:32:54", "07:32:55"  # when the leader is killed, and when the airline gives the flight up
AWAY = 4.8  # seconds for which the bus of the simulation is away: as long as it was in the real run
HEARS = ("notices", "boards", "gates", "rebooking", "baggage")


@cache
def simulated_morning() -> Trace:
    """The same morning in simulation, the bus away from one second before the news."""
    away = Crash("bus", BOSTON.at(KILLED), Instant(BOSTON.at(KILLED) + int((1 + AWAY) * SECOND)))
    return run(BOSTON.with_(faults=[away]), "publish/subscribe").trace


def hears(trace: Trace) -> dict[str, float]:
    """How many seconds after the news each service heard that the flight is cancelled."""
    news = BOSTON.at(NEWS)
    came = [
        record for record in trace.of("received")
        if record.purpose == "deliver" and record.message is not None and record.message.type == "flight.cancelled"
    ]  # fmt: skip
    first = {record.where: record.at for record in reversed(came)}
    return {name: (first[name] - news) / SECOND for name in HEARS if name in first}


def lost(trace: Trace) -> int:
    """How many of the services never heard of it."""
    return len(HEARS) - len(hears(trace))


def same_end(one: Trace, other: Trace) -> bool:
    """Whether all services know the same in the end."""
    return one.states() == other.states()


def rows(more: Mapping[str, Trace] | None = None) -> list[dict[str, str]]:
    """When each service heard of the cancelled flight, simulated and real, and in more runs of yours."""
    traces = {"simulated": simulated_morning(), "real": real_morning(), **(more or {})}
    ways = {way: hears(trace) for way, trace in traces.items()}
    return [{"service": name, **{way: _told(found.get(name)) for way, found in ways.items()}} for name in HEARS]


def _told(seconds: float | None) -> str:
    return "never" if seconds is None else f"{seconds:.2f} s"


def differences() -> list[dict[str, str]]:
    """Where simulated and real runs differ, counted in both."""
    real = [as_told(kill.told) for kill in kills()]
    traces = [simulated(_tell) for _ in range(2)]
    again = "the same trace" if traces[0].digest() == traces[1].digest() else "another trace"
    found, pauses = told(traces[0]), sorted(each.pause for each in real)
    near, far = (f"{max(each) - min(each):.2f} s" for each in map(_seconds, (simulated_morning(), real_morning())))
    return [
        _row("people told in the end", f"{found.people}", f"{min(each.people for each in real)}, in {len(real)} runs"),
        _row("nobody is told for", f"{found.pause:.1f} s, as you set it", f"{pauses[0]:.1f} to {pauses[-1]:.1f} s"),
        _row("the same run again", again, f"{len({tuple(each.when) for each in real})} different ones"),
        _row("from the first service that hears to the last", near, far),
    ]


def _row(what: str, simulation: str, real: str) -> dict[str, str]:
    return {"what": what, "simulated": simulation, "real": real}


def _seconds(trace: Trace) -> list[float]:
    return list(hears(trace).values())


def _tell(notices: Service, event: Event) -> None:
    if event.id not in notices.state:
        notices.state[event.id] = True
        notices.act(event, note="told")
