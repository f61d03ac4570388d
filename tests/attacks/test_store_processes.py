"""Several processes on one store file: one winner, one order, nothing skipped, nobody starved, nothing left behind.

Each attack in its short form, with the controls that the same checks must find out.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from eventlab.event import Event
from eventlab.histories import CONFLICTED
from eventlab.store import Store
from tests.attacks import interrupts, log_resets, races, strangers, tails, waits
from tests.attacks.children import children, hear, say
from tests.support import store_door

not_on_windows = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such signals, forks and waits")


def test_exactly_one_of_many_writers_wins_each_version() -> None:
    wrong, counts = races.attack(8, 150)
    assert wrong == []
    assert counts["races"] > 0, "nobody raced"


def test_reading_the_version_and_then_writing_has_several_winners() -> None:
    wrong, _ = races.attack(8, 30, "naive")
    assert any("more than one winner" in each for each in wrong)


def test_a_reader_beside_many_writers_skips_nothing() -> None:
    wrong, counts = tails.attack(2.5)
    assert wrong == {}
    assert counts["kills"] > 0 and counts["given up"] > 0  # writers died, and rolled back
    assert counts[CONFLICTED] > counts["given up"]  # and they did meet


def test_positions_taken_before_the_commit_make_the_same_reader_skip() -> None:
    assert tails.attack_naive(1.0)["missed"] > 0


def test_of_many_writers_none_is_refused_or_starved() -> None:
    found = waits.attack(1.5)
    assert found.refused == 0
    assert min(found.done) > 0


def test_reading_before_locking_is_refused_again_and_again() -> None:
    assert waits.attack(0.5, "deferred").refused > 0


def test_a_writer_waits_for_another_program_and_a_reader_does_not(tmp_path: Path) -> None:
    path = tmp_path / "events.db"
    Store(path).close()
    with children(1, waits.hold, path) as (holder,), Store(path, durable=False) as store:
        assert hear(holder) == "holding"
        assert store.position == 0
        say(holder, "let go")
        assert store.append("flight-1", Event("noted", id="1")).position == 1


def test_opening_the_same_file_again_keeps_the_first_ones_locks(tmp_path: Path) -> None:
    """POSIX drops a process's locks on a file when it closes that file anywhere: SQLite minds that, `open` does not."""
    path = tmp_path / "events.db"
    with Store(path) as store:
        with store_door.connection(store):
            Store(path)  # looked at and opened while the first holds the lock
            with children(1, waits.try_lock, path) as (child,):
                assert hear(child) == "locked"
        with children(1, waits.try_lock, path) as (child,):
            assert hear(child) == "free"


@not_on_windows
def test_an_interrupt_leaves_no_transaction_open() -> None:
    counts = interrupts.attack(150)
    assert (counts["left open"], counts["torn"]) == (0, 0)
    assert counts["inside"] > 50, "the interrupts did not strike"


@not_on_windows
def test_a_promise_after_begin_comes_too_late() -> None:
    assert interrupts.attack(100, "naive")["left open"] > 0


@pytest.mark.parametrize("way", strangers.WAYS)
def test_strangers_are_refused_whatever_they_call(way: str) -> None:
    if way == "fork" and not hasattr(os, "fork"):
        pytest.skip("this system does not fork")
    assert strangers.attack(way, 10) == {}


def test_a_store_that_does_not_ask_who_it_is_serves_strangers() -> None:
    assert strangers.attack("thread", 5, "unguarded").total() > 10


def test_every_public_method_is_tried() -> None:
    public = {name for name in vars(Store) if not name.startswith("_")}
    assert public <= {name.split()[0] for name in strangers.USES}


@not_on_windows
def test_a_log_that_begins_anew_all_the_time_corrupts_nothing() -> None:
    wrong, counts = log_resets.attack(3)
    assert wrong == []
    assert counts["resets"] > 20 and counts["kills"] > 0
