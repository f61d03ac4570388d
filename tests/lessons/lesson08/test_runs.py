"""What the runs of lesson 08 show: the check agrees with them, and both converters make every pairing well."""

from __future__ import annotations

import pytest

from eventlab.lessons.lesson08.afternoon import Afternoon
from eventlab.lessons.lesson08.checked import CHANGES, failing_run, reasons
from eventlab.lessons.lesson08.rollout import ORDERS, Rollout, planned


@pytest.mark.parametrize("name", CHANGES)
def test_the_check_says_what_happens_when_both_versions_meet_and_sees_no_meaning(name: str) -> None:
    change = CHANGES[name]
    for mode in ("backward", "forward"):
        refused, misread = change.met(mode)
        found = change.breaks(mode)
        assert bool(refused) == bool(found)
        assert bool(misread) == (name == "minutes as seconds")
        for each in found:
            assert [*failing_run(each, change.old, change.new).of("dead")]


@pytest.mark.parametrize("order", ORDERS)
def test_a_deployment_and_its_rollback_harm_nobody_who_turns_events_up_and_down(order: str) -> None:
    hour = Rollout(planned(order), "upcasters and downcasters").run()
    assert {each.outcome for each in hour.meetings} == {"well"}
    felt = hour.felt()
    assert felt["people an hour late"] > 0 == felt["without a meal"] == felt["meals too many"]


def test_seconds_for_minutes_are_felt_and_refused_by_nobody() -> None:
    felt = Afternoon(change="minutes as seconds").run().felt()
    assert felt["dead letters"] == 0 < felt["meals too many"]


def test_a_reason_stands_once_though_it_holds_for_several_earlier_versions() -> None:
    found = CHANGES["a field renamed"].breaks("full")
    assert found and reasons([*found, *found]) == reasons(found)
