"""The framework of the exercises: whatever a learner writes, there is a clear answer and a usable notebook."""

from __future__ import annotations

import asyncio
import time
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from eventlab.errors import Invalid
from eventlab.event import Event
from eventlab.faults import Flaky
from eventlab.lessons import Case, Exercise, Lesson, Mistake, Option, Question
from eventlab.lessons.judging import learner, model, progress, testbed, time_limit
from eventlab.lessons.judging.attempt import attempt
from eventlab.lessons.judging.time_limit import TookTooLong, limited
from eventlab.lessons.judging.verdict import Verdict
from eventlab.views.drawing.picture import Picture


def judge(handler: Any, case: Case) -> None:
    """Every order is noted exactly once, though messages come twice."""
    lab = testbed.Testbed(case)
    shop, desk = lab.service("shop"), lab.service("desk")
    desk.on("order.*", lambda event: handler(desk.state, event), durable="desk")
    for number in range(case.size):
        lab.at(number, shop.publish, Event("order.placed", {"order": f"o{number}"}, f"o{number}"))
    trace = lab.run(600)
    for number in range(case.size):
        noted = trace.state("desk").get(f"o{number}", 0)
        if noted == 0:
            raise Mistake(f"order o{number} was never noted", trace=trace, kind="lost")
        if noted > 1:
            raise Mistake(f"order o{number} was noted {noted} times", trace=trace, kind="twice")


def note_once(state: Any, event: Event) -> None:
    match event:
        case Event("order.placed", {"order": order}):
            state[order] = 1


def note_every_time(state: Any, event: Event) -> None:
    order = event.data["order"]
    state[order] = state.get(order, 0) + 1


EXERCISE = Exercise(
    "99.1", "Note every order once", "write", "Note every order once.", judge, note_once, ("Look.", "Look again."),
    cases=lambda seed: Case(seed, 6, (Flaky(0, 5, duplication=0.5), Flaky(0, 2, reordering=0.2))),
)  # fmt: skip
PREDICTION = Question(
    "99.a", "Which one?", (Option("a", "this", "Because it is.", True), Option("b", "that", "It is not <b>that</b>."))
)
LESSON = Lesson("99", "A lesson", (EXERCISE,), (PREDICTION,), (PREDICTION,) * 1)


@pytest.fixture(autouse=True)
def own_progress(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EVENTLAB_PROGRESS", str(tmp_path / "progress.json"))
    monkeypatch.setattr(model, "lesson", lambda number: LESSON if number == "99" else None)
    monkeypatch.setattr(model, "lessons", lambda: ["99"])


def verdict(answer: Any) -> str:
    return Verdict(EXERCISE, attempt(EXERCISE, answer)).text


def test_a_right_answer_is_solved_in_twenty_runs() -> None:
    assert verdict(note_once) == "99.1 solved (20 runs)."


def test_a_wrong_answer_gets_the_shortest_run_that_fails_in_the_same_way() -> None:
    failure = attempt(EXERCISE, note_every_time)
    assert failure is not None and failure.case is not None and failure.mistake.trace is not None
    assert failure.mistake.kind == "twice"
    assert failure.case.size < 6  # one order that comes twice is enough
    assert len(failure.case.faults) <= 1
    whole = [len(found.trace) for seed in range(20) if (found := first_mistake(seed)) and found.trace]
    assert len(failure.mistake.trace) < min(whole)
    picture = Verdict(EXERCISE, failure).picture
    assert isinstance(picture, Picture) and "order.placed" in picture.svg()


def first_mistake(seed: int) -> Mistake | None:
    try:
        judge(note_every_time, EXERCISE.cases(seed))
    except Mistake as mistake:
        return mistake
    return None


def test_the_untouched_stub_is_told_what_is_asked() -> None:
    def stub(state: Any, event: Event) -> None:
        raise NotImplementedError("note every order")

    assert verdict(stub) == "99.1 not yet: not written yet: Note every order once."


def test_an_error_in_the_learners_code_is_named_with_its_line_though_the_service_caught_it() -> None:
    def wrong(state: Any, event: Event) -> None:
        state[event.data["no such key"]] = 1

    line = wrong.__code__.co_firstlineno + 1
    assert f"not yet: KeyError in line {line} of your code: 'no such key'" in verdict(wrong)


def test_a_loop_that_never_ends_is_interrupted_and_the_next_check_works(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("eventlab.lessons.judging.attempt.SECONDS", 0.2)

    def endless(state: Any, event: Event) -> None:
        while True:
            pass

    def sleeps(state: Any, event: Event) -> None:
        time.sleep(30)

    for answer in (endless, sleeps):
        assert "did not come to an end" in verdict(answer)
    monkeypatch.undo()
    assert "solved" in verdict(note_once)


def test_asyncio_in_a_handler_is_told_what_to_write_instead() -> None:
    async def waits(state: Any, event: Event) -> None:
        await asyncio.sleep(1)

    assert "no running event loop. Time is simulated here" in verdict(waits)


def test_a_handler_that_waits_for_ever_in_simulated_time_is_told_so() -> None:
    async def waits(state: Any, event: Event) -> None:
        note_once(state, event)
        while True:
            await state._sim.sleep(1)

    assert "something still goes on" in verdict(waits)


def test_a_forgotten_await_is_named() -> None:
    async def work() -> None:
        pass

    def forgets(state: Any, event: Event) -> None:
        work()
        note_once(state, event)

    text = verdict(forgets)
    assert "A call of work(...) was never awaited" in text
    assert f"line {forgets.__code__.co_firstlineno + 1}" in text


def test_an_answer_that_is_async_by_mistake_is_named_whatever_becomes_of_its_coroutine() -> None:
    async def decide(command: Any, flight: Any) -> list[Event]:
        return []

    exercise = import_module("eventlab.lessons.lesson09.ex4_decide").EXERCISE
    assert "write it as a plain `def`" in Verdict(exercise, attempt(exercise, decide)).text


def test_a_result_of_the_wrong_kind_is_named() -> None:
    def gives_nothing_back(state: Any, event: Event) -> Any:
        return "done"

    assert "expected None, an Event, a dictionary" in verdict(gives_nothing_back)


@pytest.mark.parametrize("answer", [None, 3, "text", lambda: None, lambda state: None, {"a": 1}])
def test_an_answer_of_the_wrong_shape_is_told_which_shape_is_asked_for(answer: Any) -> None:
    text = verdict(answer)
    assert "not yet" in text
    assert "does not have the shape that is asked for" in text
    assert "def note_once(state" in text


def test_the_time_limit_lets_a_users_own_interrupt_through() -> None:
    def interrupted() -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        limited(interrupted, 60)
    with pytest.raises(TookTooLong):
        limited(lambda: time.sleep(30), 0.05)
    assert limited(lambda: 3, 60) == 3


def test_work_that_a_busy_machine_keeps_waiting_is_not_late(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time_limit, "PATIENCE", 1_000)
    assert limited(lambda: time.sleep(0.4) or 3, 0.2) == 3


# What the lesson calls ------------------------------------------------------------------------------------------------


def test_attempts_and_solutions_are_counted_and_the_second_hint_opens_after_an_attempt() -> None:
    assert "opens after your first attempt" in learner.hint("99.1", 2)
    assert "Look" in learner.hint("99.1")
    assert not learner.check("99.1", note_every_time).solved
    assert "Look again" in learner.hint("99.1", 2)
    assert learner.check("99.1", note_once).solved
    assert "note_once" in learner.answer("99.1")
    assert progress.read().attempts == {"99.1": 2} and progress.read().solved == {"99.1": 2}
    assert "yes" in repr(learner.progress()) and "yes" in repr(learner.progress("99"))
    assert "yes" not in repr(learner.progress(reset=True))
    assert progress.read() == progress.Done()


def test_a_prediction_is_kept_and_shown_beside_the_outcome() -> None:
    assert "made no prediction" in learner.outcome("99.a")
    asked = learner.predict("99.a")
    assert "→" not in repr(asked) and "Because" not in repr(asked)
    learner.predict("99.a", "b")
    assert "You expected b" in learner.outcome("99.a") and "&#60;b&#62;" in learner.outcome("99.a")
    learner.predict("99.a", "a")
    assert "so it is" in learner.outcome("99.a")
    assert "→ a)" in repr(learner.predict("99.a"))


def test_the_widget_does_not_know_the_right_option_and_what_is_chosen_there_is_kept() -> None:
    asked = learner.predict("99.a")
    assert "Because" not in str(asked.widget.get_state()) and "right" not in str(asked.widget.questions)
    asked.widget.chosen = {"99.a": "b"}
    assert progress.read().chosen == {"99.a": "b"}
    assert asked.widget.told == {"99.a": "Kept: b. You will see it again after the run."}


def test_warm_up_answers_are_told_why() -> None:
    assert "Not so: It is not" in repr(learner.warm_up("99", "b"))
    with pytest.raises(Invalid, match="1 letters"):
        learner.warm_up("99", "a b")
    with pytest.raises(Invalid, match="one of a, b"):
        learner.warm_up("99", "z")


def test_an_unknown_id_says_which_there_are() -> None:
    for call in (learner.hint, learner.answer, learner.outcome):
        with pytest.raises(Invalid, match=r"expected one of 99\."):
            call("99.7")
    with pytest.raises(Invalid, match="hint"):
        learner.hint("99.1", 3)


def test_a_question_has_exactly_one_right_option() -> None:
    with pytest.raises(Invalid, match="exactly one of them right"):
        Question("x", "?", (Option("a", "", ""), Option("b", "", "")))
    with pytest.raises(Invalid, match="different keys"):
        Question("x", "?", (Option("a", "", "", True), Option("a", "", "")))
