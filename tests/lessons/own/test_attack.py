"""The attack on the learner's own service: who stands it, who falls, and what is said and shown then."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from eventlab.errors import Invalid
from eventlab.faults import Crash, CrashBefore, Flaky
from eventlab.lessons.own import attacking
from eventlab.lessons.own.attacking import attack
from eventlab.lessons.own.fault_plans import Poison, plan
from eventlab.lessons.own.services import my_hotels, plain
from tests.lessons.own import services

FALLS = {
    plain: "have 2 bookings of rooms. The event came again, because",
    services.guarded: "have no room. hotels wrote down that it is done, and crashed before rooms.booked was published.",
    services.ephemeral: "have no room. hotels was down, and nobody kept their event for it",
    services.high_water_mark: "Cancellations come in any order: that a later one is done says nothing",
    services.one_after_the_other: "Their event waits behind one that nobody can read",
    services.without_end: "An event that nobody can read is tried again for ever.",
    services.in_the_background: "hotels acknowledged their event before its work was done.",
    services.swallowing: "operations did not answer how many they are",
    services.in_memory: "because hotels crashed before it acknowledged it",
    services.by_half: "need rooms, and hotels booked",
    services.for_nobody: "rooms for 'somebody', and no cancellation names it.",
    services.twice_at_once: "One handling of the event published it more than once.",
    services.mistyped: "KeyError in line",
    services.without_await: "Is an `await` missing there?",
    services.silent: "hotels has no subscription that asks for it",
}


@pytest.mark.parametrize("right", [my_hotels, services.looks_at_its_state, services.a_few_tries])
def test_a_service_that_handles_everything_correctly_stands(right: Callable[..., Any]) -> None:
    verdict = attack(right, plans=100)
    assert verdict.solved, verdict.text
    assert verdict.text == "hotels stands: 100 fault plans, and each time every person has one room."
    assert verdict.picture is None


@pytest.mark.parametrize("wrong", FALLS, ids=lambda each: each.__name__)
def test_a_service_that_falls_is_told_why_in_its_own_sentence_beside_a_marked_picture(wrong: Any) -> None:
    verdict = attack(wrong)
    assert verdict.text.startswith("hotels falls: ") and FALLS[wrong] in verdict.text
    assert verdict.failure is not None and verdict.failure.mistake.trace is not None
    assert verdict.failure.mistake.marks
    assert len(verdict.failure.mistake.trace) <= 20, "short enough to be looked at"
    assert verdict.picture is not None
    assert "Marked: " in verdict.picture.text


def test_a_loop_that_never_ends_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(attacking, "SECONDS", 0.5)
    assert "did not come to an end" in attack(services.looping).text


def test_the_plans_hold_each_kind_of_fault_alone_and_beside_others() -> None:
    plans = [plan(seed).faults for seed in range(100)]
    alone = {type(faults[0]) for faults in plans if len(faults) == 1}
    assert alone == {Crash, CrashBefore, Flaky, Poison}
    assert {fault.step for faults in plans for fault in faults if isinstance(fault, CrashBefore)} == {
        "publish", "acknowledge",
    }  # fmt: skip
    assert sum(len(faults) > 1 for faults in plans) >= 40
    assert [plan(seed) for seed in range(100)] == [plan(seed) for seed in range(100)]


@pytest.mark.parametrize("plans", [0, 301, 1.5, True, "100", None])
def test_a_number_of_plans_that_cannot_be_meant_is_refused(plans: Any) -> None:
    with pytest.raises(Invalid, match=r"plans in attack: expected an integer, 1 to 300"):
        attack(my_hotels, plans)


@pytest.mark.parametrize("nothing", [None, 7, "hotels", {}])
def test_what_is_no_function_is_refused(nothing: Any) -> None:
    with pytest.raises(Invalid, match="hotels in attack: expected a function"):
        attack(nothing)
