"""Queues wait as theory says, and draws come from their distributions. Seeds are fixed: the figures never change."""

from __future__ import annotations

from statistics import mean

import pytest

from eventlab.sim import Draws
from tests.attacks.statistics import CRITICAL, QUEUES, UNUSUAL, distance, samplers, waits


@pytest.mark.parametrize("queue", QUEUES)
def test_the_mean_wait_in_a_queue_is_what_theory_gives(queue: str) -> None:
    assert abs(mean(waits(queue, 20_000, 4))) < 0.05


@pytest.mark.parametrize("queue", QUEUES)
def test_a_queue_that_theory_does_not_know_is_told_apart(queue: str) -> None:
    """The control: work that takes five per cent longer than it should."""
    assert abs(mean(waits(queue, 20_000, 4, 1.05))) > 0.05


def test_draws_come_from_their_distributions() -> None:
    found = [samplers(seed) for seed in range(20)]
    for name in found[0]:
        distances = [each[name] for each in found]
        assert max(distances) < CRITICAL
        assert sum(far < UNUSUAL for far in distances) >= 17


def test_a_slightly_skewed_sampler_is_found_out() -> None:
    draws = Draws(1, "sampler")
    assert distance(lambda: draws.random() ** 1.05, lambda x: x, 20_000) > CRITICAL
