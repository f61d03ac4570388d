"""The Boston morning twice: on real engines, as it is kept, and in simulation with the bus away for as long."""

from __future__ import annotations

from functools import cache

from eventlab.airports import Scenario, run
from eventlab.faults import Crash
from eventlab.lessons.lesson13.kept import kills, real_morning
from eventlab.lessons.lesson13.seats import told as told_in
from eventlab.lessons.lesson13.seats import simulated
from eventlab.times import SECOND
from eventlab.trace import Trace

FLIGHT = "9E3422-JFK-0208"
BOSTON = Scenario(flights=[FLIGHT, "B61004-JFK-0208", "B61026-JFK-0208"], questions=1)
NEWS = "07:32:55"  # when the airline gives the flight up
AWAY = 3.4  # seconds for which the bus of the simulation is away: as long as it was in the real run
HEARS = ("notices", "boards", "gates", "rebooking", "baggage")


@cache
def simulated_morning() -> Trace:
    """The same morning in simulation, the bus away from one second before the news."""
    away = Crash("bus", BOSTON.at("07:32:54"), BOSTON.at("07:32:54") + int((1 + AWAY) * SECOND))
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


def rows() -> list[dict[str, str]]:
    """When each service heard of the cancelled flight, simulated and real."""
    ways = {"simulated": hears(simulated_morning()), "real": hears(real_morning())}
    return [
        {"service": name, **{way: f"{found[name]:.2f} s" for way, found in ways.items()}} for name in HEARS
    ]  # fmt: skip


def differences() -> list[dict[str, str]]:
    """Where simulated and real runs differ, counted in both."""
    pauses = [kill.told for kill in kills()]
    longest = sorted(max(b - a for a, b in zip(each, each[1:], strict=False)) for each in pauses)
    again = {simulated(_tell).digest() for _ in range(2)}
    pause = told_in(simulated(_tell)).pause
    heard = [hears(trace).values() for trace in (simulated_morning(), real_morning())]
    spread = [f"{max(each) - min(each):.2f} s" for each in heard]
    return [
        {"what": "how long nobody is told", "simulated": f"{pause:.1f} s, as you set it",
         "real": f"{longest[0]:.1f} to {longest[-1]:.1f} s in {len(pauses)} runs"},
        {"what": "the same run again", "simulated": "the same trace" if len(again) == 1 else "another trace",
         "real": f"{len({tuple(each) for each in pauses})} different ones"},
        {"what": "between the first and the last service that hears", "simulated": spread[0], "real": spread[1]},
        {"what": "people told in the end", "simulated": f"{told_in(simulated(_tell)).people}",
         "real": f"{min(map(len, pauses))}"},
    ]  # fmt: skip


def _tell(notices, event) -> None:  # type: ignore[no-untyped-def]
    notices.act(event, note="told")
