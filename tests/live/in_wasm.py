"""Runs in Pyodide: prints the digests of the storm, how many events a store kept, and how endless answers end."""

import json
import sys
from contextlib import suppress

from eventlab import Event, Store
from eventlab.airports.scenario import ARCHITECTURES, Scenario, run
from eventlab.lessons.judging import time_limit
from eventlab.lessons.judging.attempt import attempt
from eventlab.lessons.judging.model import exercise


def swallows(figures, bars):
    while True:
        try:  # noqa: SIM105 - as beginners write it
            int("no number")
        except:  # noqa: E722
            pass


def goes_on_at_the_end(figures, bars):
    try:
        while True:
            pass
    finally:
        goes_on_at_the_end(figures, bars)


def asks_itself(figures, bars):
    with suppress(RecursionError):
        asks_itself(figures, bars)
    return asks_itself(figures, bars)


def kinds():
    """What each answer is told; the model's own comes last, and must be right."""
    asked = exercise("12.2")
    time_limit_of_one = 0.05
    told = [attempt(asked, each, time_limit_of_one) for each in (swallows, goes_on_at_the_end, asks_itself)]
    right = attempt(asked, asked.model)
    return [None if each is None else each.mistake.kind for each in (*told, right)]


store = Store("/tmp/events.db")
store.append("flight-1", [Event("flight.planned", {"gate": 1}, id="a"), Event("flight.left", id="b")])
store.close()
again = Store("/tmp/events.db")
print(
    json.dumps(
        {
            "python": sys.version.split()[0],
            "platform": sys.platform,
            "threads": time_limit.CAN_START_THREADS,
            "digests": {name: run(Scenario(), name).digest for name in ARCHITECTURES},
            "stored": [each.event.type for each in again.read("flight-1")],
            "kinds": kinds(),
            "tracing": [sys.monitoring.get_tool(number) for number in range(6)],
        }
    )
)
