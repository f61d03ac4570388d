"""What a cut of streams costs: conflicts between desks, and machines that are full or idle."""

from __future__ import annotations

from eventlab.lessons.lesson11 import scenes


def test_the_more_share_a_stream_or_a_machine_the_more_is_refused_and_the_fuller_it_is() -> None:
    rows = {row["stream"]: row for row in scenes.cuts(lambda event: event.type)}
    refused = [int(rows[name][scenes.REFUSED]) for name in scenes.CUTS]
    full = [int(rows[name][scenes.FULLEST].rstrip("%")) for name in scenes.CUTS]
    assert refused[0] == 75 and refused == sorted(refused, reverse=True) and refused[-1] < 10
    assert full[0] == 100 and full == sorted(full, reverse=True) and 25 <= full[-1] < 30


def test_a_hash_of_the_flight_leaves_no_machine_much_fuller_than_its_share() -> None:
    by_flight = scenes.CUTS["one for each flight"]
    assert all(1 <= scenes.fullest(by_flight, machines) * machines / 100 < 1.25 for machines in (1, 2, 4, 8))
