"""Random steps at controls: what fails at one of its values is found out. The notebooks' own: notebooks/test_cells."""

from __future__ import annotations

from eventlab.lessons.judging.model import Option, Question
from eventlab.lessons.judging.question_form import QuestionForm
from tests.attacks.widgets import failing_control, walk


def test_a_control_that_fails_at_one_of_its_values_is_found_out() -> None:
    failing = failing_control(lambda number: number == 7)
    assert any("ZeroDivisionError" in problem for problem in walk([failing], 200, "seed")["problems"])
    assert walk([failing_control(lambda number: False)], 200, "seed")["problems"] == []


def test_questions_that_raise_when_they_are_answered_are_found_out() -> None:
    def react(question: Question, key: str) -> str:
        raise KeyError(key)

    options = (Option("a", "this", "yes", right=True), Option("b", "that", "no"))
    question = Question("9.9", "Which?", options)
    asked = QuestionForm([question], react, "ask()", "")
    assert "KeyError" in walk([asked], 1, "seed")["problems"][0]
