"""Who fails with a service that stops, and how a chain and a storm are measured."""

from __future__ import annotations

from eventlab.airports import Scenario
from eventlab.lessons.lesson01 import stops
from eventlab.lessons.lesson01.retry_storm import RetryStorm
from eventlab.lessons.lesson01.storm_charts import answered_chart, load_chart, median_wait

BOSTON = Scenario(flights=["9E3422-JFK-0208", "B61004-JFK-0208", "B61026-JFK-0208"], questions=2)


def test_a_cancellation_fails_with_the_boards_and_operations_is_their_blast_radius() -> None:
    row = stops.stopped(BOSTON, "boards", "07:00", "08:00")
    assert row["flight.cancel"] == "1 of 1" and "operations" in row["fail with it"]


def test_all_are_there_less_often_than_each() -> None:
    parts, together, _ = stops.shaky(BOSTON, up=55, down=5)
    assert set(parts) == set(stops.SERVICES) and together < min(parts.values()) < 1


def test_a_longer_chain_answers_less_and_as_the_product_says() -> None:
    (one, first), (three, product) = stops.chain_answers(1, 90), stops.chain_answers(3, 90)
    assert three < one and abs(one - first) < 2 and abs(three - product) < 2


def test_a_storm_is_told_by_its_end_and_a_slow_callee_by_the_wait() -> None:
    storm = RetryStorm()
    storm.slow("gates", 10, 5, 25)
    storm.run(50)
    assert "At second 40, 0% are answered" in answered_chart(storm, slow=(5, 25)).text
    assert "long after the cause" in load_chart(storm, slow=(5, 25)).text
    assert median_wait(1, 1) < median_wait(1, 2)
