"""Queues wait as theory says, and draws come from their distributions. Seeds are fixed: the figures never change."""

from __future__ import annotations

from statistics import mean

import pytest

from eventlab.network import Delay
from eventlab.sim import Draws
from tests.attacks.statistics import CRITICAL, QUEUES, distance, expected, measured, samplers


@pytest.mark.parametrize("queue", QUEUES)
def test_the_mean_time_in_a_queue_is_what_theory_gives(queue: str) -> None:
    workers, work = QUEUES[queue]
    found = mean(measured(workers, work, 20_000, seed) for seed in range(4))
    assert found == pytest.approx(expected(workers, work), rel=0.04)


def test_a_queue_that_theory_does_not_know_is_told_apart() -> None:
    """The control: work that takes five per cent longer than it should is far outside."""
    longer = Delay(0.0, 1.05, "exponential")
    found = mean(measured(1, longer, 20_000, seed) for seed in range(4))
    assert found != pytest.approx(expected(1, Delay(0.0, 1.0, "exponential")), rel=0.04)


@pytest.mark.parametrize("seed", range(5))
def test_draws_come_from_their_distributions(seed: int) -> None:
    assert all(far < CRITICAL for far in samplers(seed).values())


def test_a_slightly_skewed_sampler_is_found_out() -> None:
    draws = Draws(1, "sampler")
    assert distance(lambda: draws.random() ** 1.05, lambda x: x, 20_000) > CRITICAL
