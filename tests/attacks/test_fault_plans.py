"""A thousand random plans of faults, and the controls that the same checks must find out."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.attacks.fault_plans import CONTROLS, KINDS, SHORT, Plan, Wiring, attack, caught, draw, make, outcome, shrink

QUARTER = SHORT // 4


@pytest.mark.parametrize("part", range(4))
def test_whatever_goes_wrong_nothing_is_lost_doubled_or_out_of_order(part: int, tmp_path: Path) -> None:
    wrong, hits = attack(range(part * QUARTER, (part + 1) * QUARTER), tmp_path)
    assert wrong == []
    rare = {kind: hits[kind] for kind in KINDS if hits[kind] < QUARTER / 100}
    assert rare == {}, "a fault that never strikes proves nothing"


@pytest.mark.parametrize("control", CONTROLS)
def test_less_careful_wiring_is_found_out(control: str) -> None:
    assert caught(control, range(60)) >= 3


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
