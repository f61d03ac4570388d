"""Judges one answer: in the runs that a student can see himself, and then in runs that nobody has seen.

The hidden runs are drawn from the instructor's key: an answer that only knows the visible ones fails in them. What is
told to a student, words and picture, comes from the visible runs alone.
"""

from __future__ import annotations

import hashlib
import os
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout, suppress
from importlib import import_module
from pathlib import Path
from typing import Any

import msgspec

from eventlab.classroom import wire
from eventlab.classroom.children import SILENCE, Child, Gone, Late
from eventlab.lessons.judging.attempt import failure_in, failures, read_answer
from eventlab.lessons.judging.messages import endless, gone
from eventlab.lessons.judging.model import Case, Exercise, Mistake
from eventlab.lessons.judging.prose import read_order
from eventlab.lessons.judging.report import Failure
from eventlab.lessons.judging.time_limit import TookTooLong
from eventlab.lessons.judging.verdict import Verdict

TRIES = 40  # runs in which a shorter failing one is looked for: always as many, so that grading twice gives the same
RIGHT, PARTLY, WRONG, EMPTY = "right", "partly right", "wrong", "not written"
READING = "for reading"
NOT_ON_THE_WIRE = {"10.4": "keys and projections, which an answer must have in its hands"}
HIDDEN = (
    "It holds in every run that you can see with check(...), and not in other runs of the same kind, which are used "
    "for grading. Does it know those runs, or depend on something that changes from run to run?"
)
LONGEST = 4_000  # characters of what is said, and of what was printed


class Answer(msgspec.Struct, frozen=True):
    """One answer of one student, as it is handed to its process: the cells, and where it stands among them."""

    id: str
    cells: list[tuple[int, str]]  # the number of each code cell, and its source
    place: int  # of the answering cell among them
    name: str = ""  # of its function, should the call of `check` be gone
    variant: str = ""


class Result(msgspec.Struct, frozen=True):
    """What was found: the share of the points, in words, and the failing run as a picture."""

    verdict: str
    share: float = 0.0
    message: str = ""
    kind: str = ""  # of the mistake: what a class has in common
    printed: str = ""
    picture: str = ""  # SVG, in the colours of a page of `markup`


def judged(
    exercise: Exercise, answer: Answer, shelf: Path, *, key: str, parts: int = 0, silence: float = SILENCE
) -> Result:
    """The result of one answer. What never ends, or ends its process, is wrong; nothing of it comes here."""
    if exercise.id in NOT_ON_THE_WIRE:
        why = f"It works on {NOT_ON_THE_WIRE[exercise.id]}: read this one yourself."
        return Result(READING, message=why)
    child = Child(shelf, silence)
    try:
        with _unheard():
            given = _loaded(child, answer)
        if isinstance(given, Failure):
            return _told(exercise, given)
        given = _in_our_letters(answer, given)
        found = _last_failure(exercise, given, child)
        if found is None and hidden_runs(exercise):
            return _in_hidden_runs(exercise, given, child, key, parts)
        if found is None:
            return Result(RIGHT, 1.0, _said(Verdict(exercise, None)))
        share = _share(exercise, given, child, key, parts) if parts else 0.0
        return _told(exercise, found, share)
    finally:
        child.close()


@contextmanager
def _unheard() -> Iterator[None]:
    """What an answer prints before it is called is nobody's: the terminal is the instructor's."""
    with open(os.devnull, "w", encoding="utf-8") as nowhere, redirect_stdout(nowhere), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def _loaded(child: Child, answer: Answer) -> Any:
    """The answer as it is seen from here; a failure if it cannot be read."""
    try:
        return child.load([list(cell) for cell in answer.cells], [answer.place, answer.id, answer.name])
    except TookTooLong as end:
        return Failure(_ended(end))
    except BaseException as error:
        words = f"Your answer cannot be read: {type(error).__name__}: {error}"
        kind = "stub" if isinstance(error, NotImplementedError) else "shape"
        return Failure(Mistake(words, kind=kind))


def _in_our_letters(answer: Answer, given: Any) -> Any:
    """An answer to a variant, as the lesson's judge reads it."""
    with suppress(ImportError):
        variants = import_module("eventlab.classroom.variants")
        return variants.as_in_the_lesson(answer.id, given, answer.variant)
    return given


def _ended(end: TookTooLong) -> Mistake:
    return endless(SILENCE) if isinstance(end, Late) else gone()


def _last_failure(exercise: Exercise, given: Any, child: Child) -> Failure | None:
    """The shortest failing run of those that can be seen."""
    last: Failure | None = None
    try:
        for found in failures(exercise, given, child, TRIES):
            last = found
    except (Late, Gone) as end:
        return last or Failure(_ended(end))
    return last


# Hidden runs ----------------------------------------------------------------------------------------------------------


def hidden_runs(exercise: Exercise) -> bool:
    """Whether there are runs that nobody has seen: where a program is judged. A decision is judged by its bars."""
    return callable(exercise.model) and exercise.runs > 1


def hidden_cases(exercise: Exercise, key: str) -> Iterator[Case]:
    """As many runs as one can see, from seeds that only the key tells."""
    for number in range(exercise.runs):
        digest = hashlib.sha256(f"{key}\n{exercise.id}\n{number}".encode()).digest()
        yield exercise.cases(int.from_bytes(digest[:7]) // exercise.runs * exercise.runs + number)


def _held(exercise: Exercise, given: Any, child: Child, key: str) -> tuple[int, Failure | None]:
    """In how many hidden runs it holds, and how it fails first."""
    read, unreadable = read_answer(exercise, given)
    if unreadable is not None:
        return 0, unreadable
    held, first = 0, None
    try:
        for case in hidden_cases(exercise, key):
            failure = failure_in(exercise, read, case, child)
            held += failure is None
            first = first or failure
    except (Late, Gone) as end:
        first = first or Failure(_ended(end))
    return held, first


def _in_hidden_runs(exercise: Exercise, given: Any, child: Child, key: str, parts: int) -> Result:
    held, first = _held(exercise, given, child, key)
    if first is None:
        return Result(RIGHT, 1.0, _said(Verdict(exercise, None)))
    share = _rounded(held / exercise.runs, parts)
    return Result(PARTLY if share else WRONG, share, HIDDEN, f"hidden: {first.mistake.kind}"[:80])


def _share(exercise: Exercise, given: Any, child: Child, key: str, parts: int) -> float:
    """The share of what holds: of the rules of an order, or of the hidden runs of a program."""
    if exercise.kind == "order":
        with suppress(Exception):
            return _rounded(_share_of_rules(exercise, given), parts)
    if not hidden_runs(exercise):
        return 0.0
    return _rounded(_held(exercise, given, child, key)[0] / exercise.runs, parts)


def _share_of_rules(exercise: Exercise, given: Any) -> float:
    order = read_order(exercise.id)
    read, _ = read_answer(exercise, given)
    letters = [letter for letter in read or "" if letter != " "]
    if not order.rules or sorted(letters) != sorted(order.steps):
        return 0.0
    kept = sum(letters.index(first) < letters.index(then) for first, then, _ in order.rules)
    return kept / len(order.rules)


def _rounded(share: float, parts: int) -> float:
    """Down to a whole number of parts; with none, it is all or nothing."""
    return int(share * parts) / parts if parts else float(share == 1)


# What is told ---------------------------------------------------------------------------------------------------------


def _told(exercise: Exercise, failure: Failure, share: float = 0.0) -> Result:
    verdict, mistake = Verdict(exercise, failure), failure.mistake
    picture = ""
    with suppress(Exception):  # what cannot be drawn is told in words
        picture = "" if verdict.picture is None else verdict.picture.svg(live=True)
    word = PARTLY if share else EMPTY if mistake.kind == "stub" else WRONG
    return Result(word, share, _said(verdict), mistake.kind[:80], verdict.printed[:LONGEST], picture)


def _said(verdict: Verdict) -> str:
    """What there is to say, without the exercise's number and verdict, which stand beside it."""
    words = verdict.exercise.explains if verdict.solved else verdict.text.partition(" ")[2].removeprefix("not yet: ")
    return wire._plain(words or "It holds.")[:LONGEST]  # type: ignore[no-any-return]
