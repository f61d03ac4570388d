"""What a forger changes in the file, and what the store says about it."""

from __future__ import annotations

import pytest

from eventlab import Event, Store
from eventlab.lessons.lesson09.tampering import forged, refused, verified, written_anew


def a_store() -> Store:
    store = Store()
    for number in range(1, 21):
        store.append(f"gate-{number % 3}", Event("gate.assigned", {"gate": f"LGA-{number:02}"}, id=f"e{number}"))
    return store


@pytest.mark.parametrize(
    ("sql", "position"),
    [
        ("UPDATE events SET event = replace(event, 'LGA-07', 'LGA-08') WHERE position = 7", 7),
        ("UPDATE events SET time = time + 1 WHERE position = 7", 7),
        ("DELETE FROM events WHERE position = 7", 7),
        ("DELETE FROM events WHERE position > 15", 16),
    ],
)
def test_a_forgery_is_found_at_its_position_and_the_store_itself_is_left_alone(sql: str, position: int) -> None:
    with a_store() as store:
        found = forged(store, sql)
        assert found is not None and found.position == position
        store.verify()
        assert store.position == 20


def test_a_copy_that_nobody_touched_is_good() -> None:
    with a_store() as store:
        assert forged(store, "") is None
        assert forged(store, "UPDATE events SET time = time WHERE position = 7") is None


def test_plain_sql_is_refused_and_a_store_written_anew_is_not_found_out() -> None:
    with a_store() as store:
        assert refused(store, "UPDATE events SET time = 0") == "events never change"
        assert refused(store, "SELECT * FROM events") == ""
        forged_one = next(iter(store.read_all()))
        assert written_anew(store, forged_one, gate="JFK-99") == "nothing is wrong"
        assert verified(store, "DELETE FROM events WHERE position = 7").startswith("position 7: ")
