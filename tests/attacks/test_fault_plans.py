"""A thousand random plans of faults, and the controls that the same checks must find out."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.attacks.fault_plans import (
    CONTROLS,
    KINDS,
    MODES,
    SHORT,
    SOON,
    Plan,
    Wiring,
    attack,
    caught,
    draw,
    make,
    outcome,
    shrink,
)

QUARTER = SHORT // 4


@pytest.mark.parametrize("part", range(4))
def test_whatever_goes_wrong_nothing_is_lost_doubled_or_out_of_order(part: int, tmp_path: Path) -> None:
    wrong, hits, longest = attack(range(part * QUARTER, (part + 1) * QUARTER), tmp_path)
    assert wrong == [] and 0 < longest <= SOON
    rare = {(mode, kind) for mode in MODES for kind in KINDS if hits[mode][kind] < QUARTER / 2 / 100}
    assert rare == set(), "a fault that never strikes proves nothing"


@pytest.mark.parametrize("control", CONTROLS)
def test_less_careful_wiring_is_found_out(control: str) -> None:
    assert caught(control, range(60)) >= 3


@pytest.mark.parametrize(
    ("control", "found"),
    [("stuck outbox", "never published"), ("slow to try again", "times as long as a day")],
)
def test_what_gets_stuck_or_takes_too_long_is_seen_when_all_should_be_over(control: str, found: str) -> None:
    problems = [outcome(plan, CONTROLS[control]) for plan in map(make, range(60))]
    assert any(found in problem for problem in problems)
    assert not any(problems[::2]), "faults that never end excuse it"


def test_a_failing_plan_is_made_small_and_drawn(tmp_path: Path) -> None:
    careless = CONTROLS["no inbox"]
    whole = next(made for made in map(make, range(60)) if outcome(made, careless))
    small = shrink(whole, careless)
    assert outcome(small, careless)
    assert (len(small.faults), small.events) < (len(whole.faults), whole.events)
    assert not any(outcome(less, careless) for less in _each_smaller(small))
    picture = draw(small, careless, tmp_path).read_text("utf-8")
    assert "order.placed" in picture and "ledger" in picture
    assert f"seed {small.seed}" in str(small)


def _each_smaller(given: Plan) -> list[Plan]:
    from tests.attacks.fault_plans import smaller

    return list(smaller(given))


def test_a_plan_is_its_seeds_alone() -> None:
    assert [make(seed) for seed in range(50)] == [make(seed) for seed in range(50)]
    assert len({str(make(seed)) for seed in range(50)}) == 50
    assert Wiring() not in CONTROLS.values()
