"""Four teams, four mistakes: what people feel, what the checker of histories finds, and what cures it."""

from __future__ import annotations

from collections import Counter
from functools import cache

import pytest

from eventlab.event import Event
from eventlab.histories import anomalies
from eventlab.lessons.lesson04.evening import POISON, Evening, given, lossy, stops, torn
from eventlab.lessons.lesson04.felt import felt, ledger_chart
from eventlab.lessons.lesson04.four import evening_of, history_of, stopped_in
from eventlab.service import Service


async def add(meals: Service, event: Event) -> Event:
    await meals.sleep(60)
    flight = event.data["flight"]
    meals.state[flight] = meals.state.get(flight, 0) + event.data["people"]
    return given(event)


def starts(meals: Service, event: Event) -> None:
    async def later() -> None:
        meals.publish(await add(meals, event))

    meals.start(later())


@cache
def evening(team: str) -> Evening:
    """The evening of a team, or of one that is cured."""
    make = {
        "A": lambda: Evening(starts, *stops()),
        "B": lambda: Evening(add, *torn("acknowledge")),
        "C": lambda: Evening(add, key="airport", poison=True, max_deliver=1_000_000),
        "D": lambda: Evening(add, *torn("publish"), inbox=1000),
        "A, waits": lambda: Evening(add, *stops()),
        "B, with an inbox": lambda: Evening(add, *torn("acknowledge"), inbox=1000),
        "D, with an outbox": lambda: Evening(add, *torn("publish"), inbox=1000, outbox=True),
    }
    return make[team]().run()


@pytest.mark.parametrize(
    ("team", "symptom"),
    [("A", "without a voucher"), ("B", "vouchers too many"), ("C", "without a voucher"),
     ("D", "vouchers without a dinner")],
)  # fmt: skip
def test_each_team_has_one_symptom_and_no_other(team: str, symptom: str) -> None:
    found = felt(evening(team))
    assert [name for name, people in found.items() if people and name != "people"] == [symptom]


@pytest.mark.parametrize("team", ["A, waits", "B, with an inbox", "D, with an outbox"])
def test_the_cure_leaves_nothing_wrong_and_nothing_for_the_checker(team: str) -> None:
    found = felt(evening(team))
    assert sum(found.values()) == found["people"] > 0
    assert anomalies(*history_of(evening(team))) == []


@pytest.mark.parametrize(
    ("team", "kinds"), [("A", {"lost append": 2}), ("B", {"duplicate id": 6}), ("C", {}), ("D", {"lost append": 6})]
)
def test_the_checker_finds_broken_promises_and_not_those_who_only_wait(team: str, kinds: dict[str, int]) -> None:
    assert Counter(each.kind for each in anomalies(*history_of(evening(team)))) == kinds


def test_the_flight_that_is_shown_was_acknowledged_and_never_done() -> None:
    early = evening("A")
    flight = stopped_in(early.trace)
    assert flight in {each.stream for each in history_of(early)[0]}
    assert flight not in early.meals.state and flight not in early.kitchen.state


def test_an_inbox_that_forgets_too_soon_lets_them_through_again() -> None:
    def too_many(messages: int) -> int:
        lost = lossy(0.1, ("meals", "bus"))
        day = Evening(add, *lost, inbox=messages, outbox=True, kitchen_inbox=1000).run()
        return felt(day)["vouchers too many"]

    assert too_many(1) > too_many(100) == 0


def test_a_dead_letter_is_done_when_somebody_mends_the_handler() -> None:
    async def mended(meals: Service, event: Event) -> None:
        await meals.sleep(60)
        meals.state[event.data["flight"]] = event.data.get("people", 62)

    day = Evening(add, key="airport", poison=True, max_deliver=5).run()
    before = felt(day)["without a voucher"]
    assert POISON not in day.meals.state and before > 0
    day.mend(mended)
    assert POISON in day.meals.state and felt(day)["without a voucher"] < before


def test_a_mistake_of_the_reader_comes_out_and_that_of_the_broken_message_does_not() -> None:
    def slips(meals: Service, event: Event) -> None:
        raise KeyError("a slip")

    with pytest.raises(KeyError, match="a slip"):
        Evening(slips).run()
    assert evening("C").raised == []


@pytest.mark.parametrize("team", "ABCD")
def test_the_control_s_picture_is_of_that_team(team: str) -> None:
    assert evening_of(team).text == ledger_chart(evening(team)).text
