"""Threads at a simulation, handlers that wait, an end that is one: a short run of each, with its control."""

from __future__ import annotations

import threading

import pytest

from eventlab.errors import WrongThread
from eventlab.sim import Sim
from tests.attacks.threads import (
    THREADS,
    besieged,
    finished_after_collection,
    finished_with_asyncio,
    handed_over,
    left_over,
    naive_count,
    unguarded,
)


def test_other_threads_are_refused_and_change_nothing() -> None:
    wrong, struck = besieged(500)
    assert wrong == [] and struck >= 100


def test_without_the_guard_another_thread_tears_a_day_apart() -> None:
    with unguarded():
        assert besieged(50, crew=1)[0] != []


def test_the_error_says_what_to_do_instead() -> None:
    sim, errors = Sim(), []

    def use() -> None:
        try:
            sim.run()
        except WrongThread as error:
            errors.append(str(error))

    thread = threading.Thread(target=use)
    thread.start()
    thread.join()
    assert len(errors) == 1 and "queue.Queue" in errors[0]


def test_what_threads_put_into_a_queue_is_counted_exactly() -> None:
    assert handed_over(500) == THREADS * 500
    assert naive_count(500) < THREADS * 500


@pytest.mark.parametrize(("finished", "expected"), [(finished_after_collection, 1_000), (finished_with_asyncio, 0)])
def test_handlers_are_owned_until_they_are_done(finished: object, expected: int) -> None:
    assert callable(finished) and finished() == expected


def test_when_run_is_over_nothing_is_left() -> None:
    assert left_over(200) == 0
    assert left_over(200, early=True) > 0
