"""The state at any instant, folded from the store, against a calculation of its own from the raw record."""

from __future__ import annotations

from pathlib import Path

import pandas

from eventlab import Aggregate, Decider, Projection
from eventlab.airports import Scenario, rules, run
from eventlab.airports.clocks import MINUTE, SECOND
from eventlab.event import Event

RECORD = Path(__file__).parents[2] / "data"


def raw_departures() -> pandas.Series:
    """When each flight of the day left, from the file's clock numbers: pandas alone, nothing of eventlab's own."""
    (path,) = RECORD.rglob("*02*.csv.gz")
    rows = pandas.read_csv(path)
    rows = rows[(rows["month"] == 2) & (rows["day"] == 8)]
    key = rows["carrier"] + rows["flight"].astype(str) + "-" + rows["origin"] + "-0208"
    planned = pandas.Timestamp("2013-02-08", tz="America/New_York") + pandas.to_timedelta(
        rows["sched_dep_time"] // 100 * 60 + rows["sched_dep_time"] % 100, unit="m"
    )
    left = planned + pandas.to_timedelta(rows["dep_delay"], unit="m")
    return pandas.Series(left.array, index=key)


def test_who_had_left_at_any_instant_is_what_the_raw_file_says() -> None:
    raw = raw_departures()
    assert len(raw) == 930
    day = run(Scenario(questions=0), "event sourcing")
    store = day.cast.store
    assert store is not None

    def leave(left: frozenset[str], event: Event) -> frozenset[str]:
        return left | {event.subject} if event.type == "flight.departed" else left

    gone = Projection("gone", leave, frozenset())
    for minute in range(4 * 60, 27 * 60, 3):
        # The airline tells it within the minute: at the end of the minute, the store must know.
        instant = day.scenario.at("00:00") + (minute + 1) * MINUTE - SECOND // 1000
        gone.catch_up(store, as_of=instant)
        expected = set(raw.index[raw <= pandas.Timestamp(instant, tz="UTC")])
        assert gone.state == expected, f"{minute // 60}:{minute % 60:02}"
    assert len(gone.state) == raw.notna().sum() == 458


def test_the_departure_that_each_stream_ends_with_is_the_raw_files() -> None:
    raw = raw_departures()
    day = run(Scenario(questions=0), "event sourcing")
    assert day.cast.store is not None
    flights = Aggregate(day.cast.store, "flight", Decider({}, rules.decide, rules.evolve))
    for key, left in raw.items():
        state, _ = flights.load(str(key))
        assert state.get("departed") == (None if pandas.isna(left) else int(left.value))
