"""What went wrong in an exercise stands on the rows that are shown: the id, the cause, the date, the amount."""

from __future__ import annotations

from typing import Any

import pytest

from eventlab.event import Event
from eventlab.lessons.judging import model
from eventlab.lessons.judging.attempt import attempt
from eventlab.lessons.judging.verdict import Verdict
from eventlab.lessons.lesson09.pictures import EIGHT, ledger
from tests.lessons.lesson09.answers import ANSWERS

WRONG = [(id, answer) for id in ("09.3", "09.5") for answer, _ in ANSWERS[id].wrong]


@pytest.mark.parametrize(("id", "answer"), WRONG, ids=lambda value: getattr(value, "__name__", value))
def test_every_known_wrong_answer_is_marked_where_it_is_wrong(id: str, answer: Any) -> None:
    exercise = model.exercise(id)
    failure = attempt(exercise, answer)
    assert failure is not None
    picture = Verdict(exercise, failure).picture
    assert picture is not None and " ◂ " in picture.text


def test_a_row_shows_id_date_facts_and_cause_and_a_mark_makes_it_taller() -> None:
    event = Event("charge.corrected", {"charge": "entry-1", "amount": 90}, "7", "new-1", "", EIGHT, "", "entry-1")
    plain, marked = ledger([event], {}), ledger([event], {0: "another amount"})
    for shown in ("new-1", "2013-02-08 08:00", "charge.corrected", "amount 90", "entry-1"):
        assert shown in plain.text
    assert "another amount" not in plain.text and marked.height > plain.height
