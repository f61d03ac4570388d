"""What a lesson calls: predict before a run, look at the outcome after it, check an answer, ask for help."""

from __future__ import annotations

import inspect
import re
from pprint import pformat
from textwrap import dedent
from typing import Any

from eventlab.door import door
from eventlab.errors import Invalid
from eventlab.lessons.judging import book, handed_in, held, model
from eventlab.lessons.judging import progress as done
from eventlab.lessons.judging.added import added
from eventlab.lessons.judging.attempt import attempt
from eventlab.lessons.judging.model import Exercise, Question
from eventlab.lessons.judging.question_form import QuestionForm
from eventlab.lessons.judging.verdict import Verdict
from eventlab.views.drawing.table import Table, table
from eventlab.views.drawing.text import Prose, escape

NAME = re.compile(r"\w[\w .@-]{0,60}")  # of who hands in: it becomes a file's name

# Questions ------------------------------------------------------------------------------------------------------------


def predict(id: str, key: str = "") -> QuestionForm:
    """Ask what the learner expects before a run. `key` answers by a plain call; the choice is kept for `outcome`."""
    question = model.question(id)
    call, note = f'predict("{id}", "a")', "You may skip this; your choice is kept and shown again after the run."
    asked = QuestionForm([question], _kept, call, note)
    if not isinstance(key, str):
        raise Invalid("answer", where=call, expected='text such as "a"', found=key)
    if key:
        asked.choose(id, key.strip().lower())
    return asked


def _kept(question: Question, key: str) -> str:
    return f"Kept: {key}. You will see it again after the run."


def outcome(id: str, word: str = "") -> Prose:
    """What was right and why, beside what the learner expected. A class may need its instructor's `word` for it."""
    question = model.question(id)
    if not isinstance(word, str):
        raise Invalid("word", where=f"outcome {id}", expected="text", found=word)
    if held.is_held(id):
        shown = held.opened(question, word)
        if shown is None:
            return Prose((held.WRONG_WORD if word.strip() else held.HELD).format(id=id))
        question = shown
    key = done.read().chosen.get(id, "")
    right = question.right
    lines = [f"**What happens: {right.key})** {escape(right.text)}", escape(right.why)]
    if not key:
        lines.insert(0, "*You made no prediction here.*")
    elif key == right.key:
        lines.insert(0, f"*You expected {key}, and so it is.*")
    else:
        chosen = question.option(key)
        lines.insert(0, f"*You expected {key})* {escape(chosen.text)}. {escape(chosen.why)}")
    return Prose("\n\n".join(lines))


def warm_up(number: str, keys: str = "") -> QuestionForm:
    """Three questions on earlier lessons; each answer is told why at once. `keys` answers by a plain call: "a c b"."""
    questions = model.lesson(number).warm_up
    call = f'warm_up("{number}", "{" ".join("abc"[: len(questions)])}")'
    asked = QuestionForm(questions, _told, call, "Choose, and read why.")
    if not isinstance(keys, str):
        raise Invalid("answers", where=call, expected='text such as "a c b"', found=keys)
    given = keys.replace(",", " ").lower().split()
    if given and len(given) != len(questions):
        raise Invalid("answers", where=call, expected=f"{len(questions)} letters with spaces between", found=keys)
    for question, key in zip(questions, given, strict=False):
        asked.choose(question.id, key)
    return asked


def _told(question: Question, key: str) -> str:
    option = question.option(key)
    return f"{'Right' if option.right else 'Not so'}: {option.why}"


@door
def lesson_says(holds: object, words: str) -> None:
    """What the lesson's run shows; where the reader's own run does not, because he changed something, it says so."""
    if not holds:
        print(f"In the lesson's run, {words}. In yours that is not so: what is shown here is yours.")


# Exercises ------------------------------------------------------------------------------------------------------------


def check(id: str, answer: Any) -> Verdict:
    """Try an answer on many runs with faults, and say what happened. It never shows a solution.

    The answer works on a copy of the notebook: what it changes there is forgotten. What it prints in the run that is
    shown is printed.
    """
    exercise = _exercise(id)
    verdict = Verdict(exercise, attempt(exercise, answer))
    done.note_attempt(exercise.id, verdict.solved)
    if verdict.printed:
        print(verdict.printed, end="" if verdict.printed.endswith("\n") else "\n")
    return verdict


def _exercise(id: str) -> Exercise:
    """The exercise with this id: of a lesson, or one that an instructor has added to this book."""
    found = added(id) if isinstance(id, str) and book.is_for_students() else None
    return model.exercise(id) if found is None else found


def hint(id: str, number: int = 1) -> Prose:
    """The first hint, or the second one, which opens after an attempt."""
    exercise = _exercise(id)
    if type(number) is not int or number not in (1, 2):
        raise Invalid("hint", where=f"exercise {id}", expected="1 or 2", found=number)
    if number == 2 and not done.read().attempts.get(id):
        return Prose(f"The second hint opens after your first attempt: `check({id!r}, ...)`.")
    if not exercise.hints[number - 1]:
        return Prose(book.NO_HINT)
    return Prose(f"*Hint {number} for {id}:* {escape(exercise.hints[number - 1])}")


def answer(id: str) -> Prose:
    """The model answer: one way that works, not the only one."""
    model_answer = _exercise(id).model
    if book.is_for_students():
        return Prose(book.NO_ANSWER.format(id=id))
    if inspect.isfunction(model_answer) or inspect.isclass(model_answer):
        shown = dedent(inspect.getsource(model_answer))
    else:
        shown = pformat(model_answer, width=100, sort_dicts=False)
    return Prose(f"One answer to {id} that works:\n\n```python\n{shown.strip()}\n```")


def progress(number: str = "", *, reset: bool = False, hand_in: str = "") -> Table:
    """What has been solved so far, in one lesson ("06") or in all of them; `reset=True` forgets all of it.

    `hand_in="your name"` writes it beside the notebook, as a sealed file that can be handed in.
    """
    if reset is True:
        done.reset()
    elif reset is not False:
        raise Invalid("reset", where="progress", expected="True or False", found=reset)
    if not isinstance(number, str):
        raise Invalid("lesson", where="progress", expected='text such as "06"', found=number)
    if not isinstance(hand_in, str) or str.__len__(hand_in):
        _hand_in(hand_in)
    return table(done.as_rows([number] if number else model.lessons()), right=["attempts"])


def _hand_in(name: object) -> None:
    """Write the file that is handed in, and say where it is."""
    if not isinstance(name, str) or not NAME.fullmatch(name):
        raise Invalid("hand_in", where="progress", expected="your name: letters, figures, spaces, . - @", found=name)
    name = str.__str__(name)
    try:
        path = done.beside(f"{name}{handed_in.ENDING}", handed_in.sealed(name, done.read()))
    except OSError as error:
        print(f"The file to hand in could not be written ({error.strerror}).")
    else:
        print(f"To be handed in: {path.name}, beside the notebooks.")
