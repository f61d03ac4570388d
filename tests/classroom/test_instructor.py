"""The instructor's book: what a lesson promises, how long it takes, and which question shows what is misunderstood."""

from __future__ import annotations

import pytest

from eventlab.classroom import instructor
from eventlab.classroom.notebooks import notebook_path, read
from eventlab.lessons.judging import model


@pytest.mark.parametrize("number", model.lessons())
def test_each_lesson_has_its_aims_its_minutes_and_its_questions(number: str) -> None:
    opening = instructor._opening(read(notebook_path(number)))
    assert len(instructor.aims(opening)) >= 4
    parts = instructor.minutes(opening)
    assert len(parts) >= 4 and parts[-1]["part"] == "Practice"
    page = instructor.guide(number)
    assert "<script" not in page and page == instructor.guide(number)
    for question in model.lesson(number).predictions:
        assert f"Ask {question.id}" in page
