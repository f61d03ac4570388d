"""hotels joins, comes late, stops, and opens more desks."""

from __future__ import annotations

from eventlab.airports import Scenario
from eventlab.bus import Bus
from eventlab.lessons.lesson03 import desks, newcomer
from eventlab.network import Delay
from eventlab.service import Service

BOSTON = Scenario(flights=["9E3422-JFK-0208", "B61004-JFK-0208", "B61026-JFK-0208"], questions=0)


def test_who_joins_late_hears_only_what_comes_then_unless_it_asks_for_all() -> None:
    late, full = (
        newcomer.joined(BOSTON, newcomer.note, since="23:00", durable="hotels", deliver=deliver)
        for deliver in ("new", "all")
    )
    assert len(late.delays) == 0 < len(full.delays) == len(full.hotels.state)


def test_who_was_away_hears_late_if_durable_and_never_if_ephemeral() -> None:
    kept, lost = (
        newcomer.stopped(BOSTON, newcomer.note, at="06:00", minutes=300, durable=durable) for durable in ("hotels", "")
    )
    assert max(kept.delays) > 3600 and len(lost.delays) < len(kept.delays)


def test_the_graph_shows_hotels_once_it_is_there() -> None:
    pictures = {since: newcomer.airport(BOSTON, since).text for since in ("never", "06:00")}
    assert "Without hotels" in pictures["never"] and "since 06:00" in pictures["06:00"]


def test_desks_beyond_the_keys_have_nothing_to_do() -> None:
    def open_desks(bus: Bus, count: int) -> None:
        for number in range(count):
            desk = Service(f"desk {number}", bus.network, bus, work=Delay(180, 120))
            desk.on("flight.cancelled", lambda event: None, durable="hotels", max_ack_pending=count, ack_wait=7200)

    day = desks.day_with(open_desks, 3, BOSTON, key="airport")
    assert len(desks.at_work(day)) == 1  # all three flights leave from one airport
    assert desks.result(day)["overtaken"] == 0 and len(desks.in_the_kitchen(day)) >= 1
