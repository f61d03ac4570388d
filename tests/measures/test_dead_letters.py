"""Dead letters as a table, and redriving them in the order of their subject."""

from __future__ import annotations

import hypothesis.strategies as st
import pytest
from hypothesis import given, settings

from eventlab.event import Event
from eventlab.lab import Lab
from eventlab.measures.dead_letters import dead_letters, rows
from tests.support.laboratory import lab


class Desk:
    """A service that chokes on some numbers until somebody mends it; each event is about one of two flights."""

    def __init__(self, home: Lab, poison: set[int], on_dead: str) -> None:
        self.home, self.poison, self.seen = home, set(poison), list[int]()
        home.service("desk").on("note.*", self._hear, durable="desk", max_deliver=2, backoff=(1.0,), on_dead=on_dead)
        self.people = home.client("people")

    def _hear(self, event: Event) -> None:
        if event.data["n"] in self.poison:
            raise ValueError("cannot be read")
        self.seen.append(event.data["n"])

    def write(self, count: int) -> None:
        for n in range(count):
            self.people.publish(Event("note.written", {"n": n}, "even" if n % 2 == 0 else "odd"))
        self.home.run()


def test_the_table_says_why_what_went_past_and_whether_it_was_done_after_all() -> None:
    desk = Desk(lab(), {0, 1}, "skip")
    desk.write(6)
    assert [(dead.message.data["n"], dead.overtaken, dead.revived) for dead in dead_letters(desk.home.trace)] == [
        (0, 2, None), (1, 2, None),
    ]  # fmt: skip
    desk.poison = {1}
    desk.home.bus.redrive("desk")
    desk.home.run()
    (first, second, third) = rows(desk.home.trace)
    assert first["done after all"] and not second["done after all"] and not third["done after all"]
    assert (first["event"], first["subject"], first["for"]) == ("note.written", "even", "desk")
    assert first["reason"] == "ValueError: cannot be read" and first["overtaken by"] == "2"


def test_the_letters_of_one_subject_can_be_redriven_alone() -> None:
    desk = Desk(lab(), {0, 1, 2}, "skip")
    desk.write(4)
    desk.poison = set()
    assert desk.home.bus.redrive("desk", "even") == 2
    desk.home.run()
    assert desk.seen == [3, 0, 2]
    assert desk.home.bus.redrive("desk", "nobody") == 0 and desk.home.bus.redrive("desk") == 1


@settings(max_examples=40, deadline=None)
@given(st.sets(st.integers(0, 11)), st.lists(st.sampled_from(["even", "odd", ""]), max_size=4))
def test_under_hold_each_subject_keeps_its_order_however_and_whenever_it_is_redriven(
    poison: set[int], redrives: list[str]
) -> None:
    desk = Desk(lab(), poison, "hold")
    desk.write(12)
    for subject in redrives:
        desk.poison = {n for n in desk.poison if n % 3}  # some are mended
        desk.home.bus.redrive("desk", subject)
        desk.home.run()
    assert all(dead.overtaken == 0 for dead in dead_letters(desk.home.trace))
    desk.poison = set()
    while desk.home.bus.redrive("desk"):
        desk.home.run()
    for rest in (0, 1):
        assert [n for n in desk.seen if n % 2 == rest] == list(range(rest, 12, 2))
    assert all(dead.revived for dead in dead_letters(desk.home.trace)[-1:])


@pytest.mark.parametrize("on_dead", ["skip", "hold"])
def test_without_dead_letters_there_is_no_row(on_dead: str) -> None:
    desk = Desk(lab(), set(), on_dead)
    desk.write(3)
    assert rows(desk.home.trace) == []
