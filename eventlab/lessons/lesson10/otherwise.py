"""A morning to Atlanta with one message treated otherwise: who found no seat, as it was and as it would have been."""

from __future__ import annotations

from functools import cache

from eventlab.airports import Scenario, run
from eventlab.airports.flights import flights
from eventlab.airports.scenario import Run
from eventlab.views.divergence import apart
from eventlab.views.drawing.picture import Picture
from eventlab.views.drawing.text import Prose

ASKED = "DL781-LGA-0208"  # cancelled at 08:33; whoever asks why is one of its passengers
EARLIER = "DL2247-LGA-0208"  # cancelled four minutes before, to the same place


def morning() -> Run:
    """The flights from LaGuardia to Atlanta on the day of the storm, as they were, event-sourced."""
    storm = Scenario(questions=0)
    keys = [
        each.key for each in flights(storm.day)
        if (each.origin, each.dest) == ("LGA", "ATL") and each.planned_departure < storm.at("17:00")
    ]  # fmt: skip
    return run(storm.with_(flights=keys), "event sourcing")


def _without_a_seat(of: Run) -> dict[str, int]:
    """The people of each cancelled flight for whom there was no seat, in the order in which it was decided."""
    assert of.cast.store is not None  # event-sourced
    rebooked = [each.event for each in of.cast.store.read_all() if each.event.type == "passengers.rebooked"]
    return {event.subject: event.data["left"] for event in rebooked}


@cache
def otherwise(what: str) -> tuple[Run, dict[str, int]]:
    """The morning once more with one message of the airlines treated otherwise, and who found no seat.

    Both together: a store is read by the thread that made it alone, and a control may be moved in another one.
    """
    run = _run(what)
    return run, _without_a_seat(run)


def _run(what: str) -> Run:
    if what == AS_IT_WAS:
        return morning()
    was, _ = otherwise(AS_IT_WAS)
    match what:
        case "the news of it is lost once":
            return was.without(f"{EARLIER}/cancel")
        case "the news of it comes an hour late":
            return was.delayed(f"{EARLIER}/cancel", by=3600)
    return was.edited(f"{EARLIER}/schedule", passengers=60)


AS_IT_WAS = "as it was"
WHAT = ("the news of it is lost once", "the news of it comes an hour late", "it has 60 passengers")


def compared(what: str) -> list[Prose | Picture]:
    """What becomes of the two flights' people, and where the two mornings part."""
    (was, before), (other, after) = otherwise(AS_IT_WAS), otherwise(what)
    rows = [f"{key.split('-')[0]}: {before[key]} → **{after.get(key, 0)}**" for key in (EARLIER, ASKED)]
    everybody = f"all flights: {sum(before.values()):,} → **{sum(after.values()):,}**"
    words = Prose(f"People without a seat. {'; '.join([*rows, everybody])}.")
    return [words, apart(was.trace, other.trace, names=("as it was", "what if"))]
