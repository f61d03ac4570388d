"""The benchmarks measure fairly and say truly which goals hold; how fast anything is, is no test."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from benchmarks import harness, simulation
from benchmarks.growth import exponent
from benchmarks.harness import Case, at_most, measure, table
from benchmarks.picture import picture

README = Path(__file__).parent.parent / "benchmarks" / "README.md"


def clock(monkeypatch: pytest.MonkeyPatch) -> Any:
    """A clock that stands still unless a case lets time pass; gives the function that does."""
    now = [0.0]
    monkeypatch.setattr(harness.time, "perf_counter", lambda: now[0])

    def pass_(seconds: float) -> int:
        now[0] += seconds
        return 100

    return pass_


def test_a_ratio_is_the_median_of_the_ratios_within_each_round(monkeypatch: pytest.MonkeyPatch) -> None:
    pass_ = clock(monkeypatch)
    peer, ours = iter([1.0, 10.0, 4.0]), iter([2.0, 5.0, 2.0])  # half, twice and twice as fast
    cases = [Case("peer", lambda _: pass_(next(peer))), Case("ours", lambda _: pass_(next(ours)), goal=1.5)]
    row = measure("work", "units", cases, rounds=3)[1]
    assert (row.ratio, row.reached, row.holds) == (2.0, 2.0 / 1.5, True)


def test_what_is_compared_with_the_kernel_does_the_same_work() -> None:
    simulation.agree()


def test_cases_take_turns_and_none_is_always_first() -> None:
    order: list[str] = []
    cases = [Case(name, lambda _, name=name: order.append(name) or 1) for name in "abc"]
    measure("work", "units", cases, rounds=3)
    assert "".join(order) == "abcbcacab"


def test_only_the_work_is_timed(monkeypatch: pytest.MonkeyPatch) -> None:
    pass_ = clock(monkeypatch)
    case = Case("ours", lambda _: pass_(0.5), lambda: pass_(7.0), lambda _: pass_(9.0))
    assert measure("work", "units", [case], rounds=1)[0].figure == "200 units/s"


def test_a_peer_that_is_not_installed_is_said_to_be_missing_and_its_goal_is_not_measured() -> None:
    cases = [Case("ours", lambda _: 1), Case("peer", lambda _: 1, missing="peer is missing")]
    row = measure("work", "units", cases, 1, also=[("ours", "peer", 20.0)])[2]
    assert (row.figure, row.goal, row.holds) == ("peer is missing", "≥ 20", None)
    assert "≥ 20 not measured" in table([row])


@pytest.mark.parametrize(("value", "verdict"), [(1.9, "holds"), (2.0, "holds"), (2.1, "MISSED")])
def test_a_limit_holds_up_to_the_limit_itself(value: float, verdict: str) -> None:
    assert f"≤ 2 {verdict}" in table([at_most("storm day", value, 2, "s")])


def test_the_exponent_of_a_straight_line_is_one_and_of_a_level_one_zero() -> None:
    assert exponent([(10, 3.0), (100, 30.0), (1000, 300.0)]) == pytest.approx(1)
    assert exponent([(10, 3.0), (100, 3.0), (1000, 3.0)]) == pytest.approx(0)


def test_the_picture_says_how_many_goals_hold() -> None:
    rows = [at_most("storm day", 1.0, 2, "s"), at_most("a year", 70.0, 60, "s"), at_most("the file", 3.0, None, "MB")]
    drawn = picture(rows)
    assert drawn.text == "1 of 2 goals hold."
    assert [box.x > 600 for box in drawn.boxes] == [True, False]  # right and left of the goal


def test_the_saved_results_count_their_own_goals_rightly() -> None:
    text = README.read_text("utf-8")
    held, missed = len(re.findall(r"[≥≤] [\d.]+ holds", text)), len(re.findall(r"[≥≤] [\d.]+ MISSED", text))
    assert f"{held} of {held + missed} goals hold" in text.split("###")[0]
