"""Processes, ties, names and cuts, a few of each, and the controls that the same checks must find out."""

from __future__ import annotations

import pytest

from eventlab.sim import Sim
from tests.attacks import determinism
from tests.attacks.determinism import (
    ARCHITECTURES,
    cuts,
    expected,
    of_seeds,
    processes,
    replays,
    ties,
    topologies,
    whole,
)
from tests.core.test_determinism import Outside, shut_off
from tests.test_golden import bad_day, golden, run


def test_four_processes_that_differ_in_everything_write_the_same_traces() -> None:
    """D1. (More seeds in more processes: the long form, and test_determinism with a smaller day.)"""
    wrong, invalid, seen = processes(4, "bad day")
    assert (wrong, invalid) == ([], []), seen


def test_every_seed_has_its_own_digest() -> None:
    assert len({*of_seeds(2), expected("bad day")}) == 3


def test_one_digest_stands_for_all_five_architectures() -> None:
    kept = golden()["the storm"]
    assert len({whole({**kept, name: "another"}) for name in ARCHITECTURES} | {expected("storm")}) == 6


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_a_day_asks_nothing_of_the_machine(architecture: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """D2: every clock, chance and address raises, and the day is the same as ever."""
    scenario = bad_day()
    run(scenario, architecture)  # whatever is imported or read once
    with monkeypatch.context() as patch:
        shut_off(patch)
        patch.setattr("os.getpid", lambda: 1)  # the store asks, to notice a fork
        digest = run(scenario, architecture).digest
        with pytest.raises(Outside):
            __import__("time").time()
    assert digest == golden()["a bad day to Chicago"][architecture]


def test_more_names_change_no_draws() -> None:
    """D3."""
    assert topologies(50) == []


def test_one_stream_for_all_names_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    ours = Sim.random
    monkeypatch.setattr(Sim, "random", lambda self, name: ours(self, "all"))
    assert len(topologies(50)) > 50


def test_at_random_cuts_the_fold_is_the_live_state_and_a_late_fold_is_found_out() -> None:
    """D4."""
    compared, wrong = cuts(100)
    assert compared > 50 and wrong == []
    assert len(cuts(100, late=True)[1]) > 5


def test_ties_come_in_the_order_of_planning() -> None:
    """D5."""
    assert ties(20_000) == []


def test_another_order_of_ties_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    ours, tick = Sim.call_at, iter(range(10**9))

    def last_first(self: Sim, instant: int, call: object, *arguments: object) -> object:
        self._sequence = -next(tick)
        return ours(self, instant, call, *arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(Sim, "call_at", last_first)
    assert ties(100) != []


def test_a_failing_seed_fails_the_same_way_every_time() -> None:
    """D6."""
    assert replays(10) == []


def test_a_failure_that_hangs_on_the_run_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    tick = iter(range(10**6))
    ours = determinism.Run.__init__

    def drifting(self: object, plan: object, wiring: object) -> None:
        ours(self, plan, wiring)  # type: ignore[arg-type]
        self.sim.call_at(next(tick), int)  # type: ignore[attr-defined]
        self.sim.trace.add(next(tick), "slowed", "shop")  # type: ignore[attr-defined]

    monkeypatch.setattr(determinism.Run, "__init__", drifting)
    assert replays(2) != []
