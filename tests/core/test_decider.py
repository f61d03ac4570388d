"""Deciders, and the given/when/then that tests them: it passes, and it fails, with the difference in words."""

from __future__ import annotations

from typing import Any

import pytest

from eventlab.decider import Decider, caused, fold, given
from eventlab.errors import Invalid, Refused
from eventlab.event import Command, Event


def decide(command: Command, state: Any) -> Event | list[Event] | None:
    match command:
        case Command("account.open"):
            return None if state["open"] else Event("account.opened")
        case Command("account.pay", {"amount": amount}):
            if amount > state["balance"]:
                raise Refused(f"not enough: {state['balance']}")
            return [Event("account.paid", {"amount": amount}), Event("account.noted", {"what": "payment"})]
    raise Refused("unknown")


def evolve(state: Any, event: Event) -> Any:
    match event:
        case Event("account.opened"):
            return {**state, "open": True}
        case Event("account.filled", {"amount": amount}):
            return {**state, "balance": state["balance"] + amount}
        case Event("account.paid", {"amount": amount}):
            return {**state, "balance": state["balance"] - amount}
    return state


account = Decider({"open": False, "balance": 0}, decide, evolve)
opened, filled = Event("account.opened"), Event("account.filled", {"amount": 10})
paid, noted = Event("account.paid", {"amount": 4}), Event("account.noted", {"what": "payment"})
pay = Command("account.pay", {"amount": 4})


def test_the_state_is_the_fold_of_the_events() -> None:
    assert fold(account, [opened, filled, paid]) == {"open": True, "balance": 6}
    assert fold(account, [paid], fold(account, [opened, filled])) == fold(account, [opened, filled, paid])
    assert fold(account, []) == {"open": False, "balance": 0}


def test_one_event_several_or_none_are_all_a_list() -> None:
    assert account.decisions(Command("account.open"), account.initial) == [opened]
    assert account.decisions(Command("account.open"), {"open": True}) == []
    assert account.decisions(pay, {"balance": 9}) == [paid, noted]


def test_a_story_that_goes_as_told_passes() -> None:
    given(account).when(Command("account.open")).then(opened)
    given(account, opened).when(Command("account.open")).then()
    given(account, opened, filled).when(pay).then(paid, noted)
    given(account, opened).when(pay).then_refused("not enough: 0")
    given(account, opened).when(pay).then_refused()


def test_only_type_and_data_are_compared() -> None:
    given(account, filled).when(pay.with_(id="c-1")).then(paid.with_(id="e-1", time=7), noted)


@pytest.mark.parametrize(
    ("then", "words"),
    [
        ([paid], "expected account.paid {'amount': 4}, found account.paid {'amount': 4}, account.noted"),
        ([paid, noted, paid], "found account.paid {'amount': 4}, account.noted {'what': 'payment'}"),
        ([noted, paid], "event 1 differs: expected the type 'account.noted', found 'account.paid'"),
        ([paid.with_(data={"amount": 5}), noted], "event 1 differs: in account.paid, 'amount' should be 5, found 4"),
        ([paid.with_(data={}), noted], "'amount' is there without need (found 4)"),
        ([paid, noted.with_(data={"what": "payment", "to": 1})], "in account.noted, 'to' is missing (expected 1)"),
        ([], "expected nothing, found account.paid"),
    ],
)  # fmt: skip
def test_a_story_that_goes_another_way_fails_in_plain_words(then: list[Event], words: str) -> None:
    with pytest.raises(AssertionError) as caught:
        given(account, opened, filled).when(pay).then(*then)
    assert words in str(caught.value)
    assert "given account.opened {}, account.filled {'amount': 10}\nwhen account.pay {'amount': 4}" in str(caught.value)


def test_a_refusal_that_was_not_expected_fails_with_its_reason() -> None:
    with pytest.raises(AssertionError, match="but it was refused: not enough: 0"):
        given(account, opened).when(pay).then(paid)


def test_an_expected_refusal_must_come_and_for_that_reason() -> None:
    with pytest.raises(AssertionError, match=r"expected a refusal, but this happened: account\.paid"):
        given(account, filled).when(pay).then_refused()
    with pytest.raises(AssertionError, match=r"says 'closed', it says .*not enough"):
        given(account).when(pay).then_refused("closed")


def test_a_mistake_in_the_decider_is_no_refusal() -> None:
    broken = Decider(account.initial, lambda command, state: state["no such key"], evolve)
    with pytest.raises(KeyError):
        given(broken).when(pay).then_refused()
    with pytest.raises(KeyError):
        given(broken).when(pay).then()
    given(broken).when(pay).then_refused("no such key", KeyError)


def test_what_a_message_causes_has_the_same_id_each_time() -> None:
    command = Command("account.pay", id="c-1", time=5)
    event = caused(paid, command, 2)
    assert event == paid.with_(id="c-1/2", time=5, correlationid="c-1", causationid="c-1")
    assert caused(noted, event.with_(correlationid="story"), 1).correlationid == "story"
    own = paid.with_(id="mine", time=9, correlationid="a", causationid="b")
    assert caused(own, command, 1) == own
    with pytest.raises(Invalid, match="message without id"):
        caused(paid, Command("account.pay"), 1)
