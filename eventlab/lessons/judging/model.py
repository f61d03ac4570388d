"""What an exercise, a question and a lesson are: plain descriptions, one module for each lesson.

exercise("06.1")   →   `LESSON` in eventlab/lessons/lesson06/__init__.py, the exercise with that id
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from eventlab.errors import EventlabError, Invalid, unknown

if TYPE_CHECKING:
    from eventlab.trace import Trace
    from eventlab.views.drawing.picture import Picture

EXERCISE_KINDS = ("order", "repair", "fill", "write", "decide")  # the ladder, from easy to hard


@dataclass(frozen=True)
class Case:
    """One run on which an answer is tried. Plain data, so that a failing one can be made smaller."""

    seed: int
    size: int = 3  # how many things happen: flights, orders, …
    faults: tuple[Any, ...] = ()


class Mistake(EventlabError):
    """What is wrong with an answer, in the words of the trade: raised by a judge.

    The run's `trace` is drawn as a sequence diagram: what is about one `flight` (or any other subject, or the message
    with this id and all that followed), among those `who` take part (all of them, if none is named), from the instant
    `since` on and until the last of the `marks`. These say by the index of a record what is wrong there. Or a `picture`
    is shown instead. When a failing run is made smaller, only mistakes of the same `kind` count as the same.
    """

    def __init__(
        self,
        message: str,
        *,
        trace: Trace | None = None,
        flight: str = "",
        since: int = 0,
        who: Sequence[str] = (),
        marks: Mapping[int, str] | None = None,
        picture: Picture | None = None,
        kind: str = "",
    ) -> None:
        self.message, self.trace, self.flight, self.picture, self.kind = message, trace, flight, picture, kind
        self.since, self.who, self.marks = since, who, dict(marks or {})
        super().__init__(message)


@dataclass(frozen=True)
class Exercise:
    """Something to be done by the learner, judged by what it does in many runs.

    `judge(answer, case)` runs one case and raises `Mistake` if a property does not hold. `model` is an answer that is
    right: a function, whose source is shown on demand, or plain data.
    """

    id: str
    title: str
    kind: str
    task: str  # one sentence: what is asked
    judge: Callable[[Any, Case], object]
    model: Any
    hints: tuple[str, str]
    cases: Callable[[int], Case] = Case
    runs: int = 20
    explains: str = ""  # said when it is solved
    prepare: Callable[[], object] = lambda: None  # what takes long and is the same for every answer
    pure: bool = False  # whether an answer may remember nothing but what it is given
    may_raise: bool = False  # whether an error that leaves the answer can be meant: the bus sends the event again

    def __post_init__(self) -> None:
        if self.kind not in EXERCISE_KINDS:
            raise unknown("kind of exercise", self.kind, EXERCISE_KINDS, where=f"exercise {self.id}")


@dataclass(frozen=True)
class Option:
    """One way to answer a question. `why` it is right, or which misconception makes it look right."""

    key: str
    text: str
    why: str
    right: bool = False


@dataclass(frozen=True)
class Question:
    """A question with three or four options, of which exactly one is right, or none where it is `held` back."""

    id: str
    text: str
    options: tuple[Option, ...]
    held: bool = False

    def __post_init__(self) -> None:
        keys = [option.key for option in self.options]
        if sum(option.right for option in self.options) != (not self.held) or len(set(keys)) != len(keys):
            expected = "options with different keys, exactly one of them right"
            raise Invalid("options", where=f"question {self.id}", expected=expected, found=keys)

    def option(self, key: str) -> Option:
        """The option with this key."""
        for option in self.options:
            if option.key == key:
                return option
        raise unknown("option", key, [option.key for option in self.options], where=f"question {self.id}")

    @property
    def right(self) -> Option:
        """The option that is right, in a question that is not held back."""
        return next(option for option in self.options if option.right)


@dataclass(frozen=True)
class Lesson:
    """All that a lesson asks: exercises, predictions before a run, and questions on earlier lessons."""

    number: str
    title: str
    exercises: tuple[Exercise, ...]
    predictions: tuple[Question, ...] = ()
    warm_up: tuple[Question, ...] = ()


def lessons() -> list[str]:
    """The numbers of all lessons that have exercises."""
    return sorted(path.stem.removeprefix("lesson") for path in Path(__file__).parents[1].glob("lesson[0-9]*"))


def lesson(number: str) -> Lesson:
    """The lesson with this number: "06"."""
    if not isinstance(number, str) or number not in lessons():
        raise unknown("lesson", number, lessons(), where="lessons")
    found: Lesson = import_module(f"eventlab.lessons.lesson{number}").LESSON
    return found


def exercise(id: str) -> Exercise:
    """The exercise with this id: "06.1"."""
    return _with_id(id, lesson(_number(id)).exercises, "exercise")


def question(id: str) -> Question:
    """The prediction with this id: "06.a"."""
    return _with_id(id, lesson(_number(id)).predictions, "question")


Found = TypeVar("Found", Exercise, Question)


def _with_id(id: str, known: Sequence[Found], what: str) -> Found:
    for each in known:
        if each.id == id:
            return each
    raise unknown(what, id, [each.id for each in known], where="lessons")


def _number(id: object) -> str:
    if not isinstance(id, str):
        raise Invalid("id", where="lessons", expected='text such as "06.1"', found=id)
    return id.split(".")[0]
