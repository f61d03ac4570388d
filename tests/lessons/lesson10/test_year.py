"""The year that is kept in a file is what its events give, and the airport at any minute is what the record says."""

from __future__ import annotations

import pytest

from eventlab.airports.flights import iter_events
from eventlab.lessons.lesson10 import airport, proof, year
from eventlab.lessons.lesson10.rebuilding import SWITCHES, Rebuild, board


def test_the_kept_year_holds_every_flight() -> None:
    assert len(year.flown()) == 336_776


def test_the_kept_file_holds_what_the_events_of_its_first_days_give() -> None:
    """The whole year is folded by `year.made_again()`, which takes half a minute."""
    days = year.folded(iter_events("2013-01-01", "2013-01-03"))
    first = year.flown()[: len(days)]
    assert sorted(map(str, days[:1500])) == sorted(map(str, first[:1500]))


@pytest.mark.parametrize(("day", "time"), [("2013-01-01", "00:00"), ("2013-03-10", "03:30"), ("2013-12-31", "23:59")])
def test_the_fold_and_the_record_name_the_same_flights_in_the_air(day: str, time: str) -> None:
    state = airport.state(lambda rows, e: {**rows, e.subject: e.type.removeprefix("flight.")}, day, time)
    assert airport.in_the_air(state) == airport.in_the_air_by_record(day, time)


def test_whoever_is_switched_at_once_hears_wrong_answers_and_nobody_else() -> None:
    wrong = {switch: Rebuild(board, switch=switch).run().wrong for switch in SWITCHES}
    assert wrong["at once"] > 0 == wrong["when it has caught up"] == wrong["never"]


def test_a_receipt_is_the_hash_of_the_chain_up_to_its_position() -> None:
    with proof.audited() as store:
        whole = proof.receipt(store)
        assert proof.receipt(store, 2) != whole == proof.receipt(store, store.position)
        assert proof.receipt(proof.made_nicer(store), 2) != proof.receipt(store, 2)
