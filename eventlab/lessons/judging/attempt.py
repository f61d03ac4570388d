"""Try an answer on many runs; if one fails, find the shortest that fails in the same way."""

from __future__ import annotations

import inspect
import traceback
import warnings
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import wraps
from types import CodeType
from typing import Any

from eventlab.errors import EventlabError
from eventlab.lessons.judging.model import Case, Exercise, Mistake
from eventlab.lessons.judging.time_limit import TookTooLong, limit

SECONDS = 5.0  # real time for all runs of one check: they take less than two
TRIES = 60  # smaller runs that are tried in search of the shortest failing one


@dataclass(frozen=True)
class Failure:
    """What went wrong, in which run; `case` is None where no run was needed to see it."""

    mistake: Mistake
    case: Case | None = None

    @property
    def length(self) -> tuple[int, int]:
        """How much happens in the run: its records, or where there is no trace, its things and faults."""
        records = 0 if self.mistake.trace is None else len(self.mistake.trace)
        return records, 0 if self.case is None else self.case.size + len(self.case.faults)


def attempt(exercise: Exercise, answer: Any) -> Failure | None:
    """The shortest failing run that was found, or None if every run went well."""
    if (misshapen := shape(exercise.model, answer)) is not None:
        return Failure(misshapen)
    exercise.prepare()
    try:
        with limit(SECONDS):
            for seed in range(exercise.runs):
                case = exercise.cases(seed)
                if (mistake := mistake_in(exercise, answer, case)) is not None:
                    return shortest(exercise, answer, Failure(mistake, case))
    except TookTooLong:
        message = (
            f"Your code did not come to an end within {SECONDS:g} seconds. Is there a loop that never ends, or a "
            "time.sleep? Inside a handler, wait with: await sim.sleep(seconds)"
        )
        return Failure(Mistake(message, kind="endless"))
    return None


def shortest(exercise: Exercise, answer: Any, found: Failure) -> Failure:
    """The failing run with the fewest records among smaller ones: fewer things, fewer faults, other seeds."""
    if found.mistake.trace is None and found.mistake.picture is None:
        return found  # there is no run to be seen
    best, tries = found, 0
    assert found.case is not None
    for case in _smaller(exercise, found.case):
        if (tries := tries + 1) > TRIES:
            break
        mistake = mistake_in(exercise, answer, case)
        if mistake is not None and mistake.kind == found.mistake.kind:
            best = min(best, Failure(mistake, case), key=lambda failure: failure.length)
    return best


def _smaller(exercise: Exercise, case: Case) -> Iterator[Case]:
    """Cases with less in them, the smallest first."""
    for size in range(1, case.size + 1):
        for seed in dict.fromkeys((case.seed, *range(exercise.runs // 4))):
            other = exercise.cases(seed)
            for place in range(len(other.faults)):
                yield replace(other, size=size, faults=other.faults[:place] + other.faults[place + 1 :])
            yield replace(other, size=size)


def mistake_in(exercise: Exercise, answer: Any, case: Case) -> Mistake | None:
    """The mistake in one run. What the learner's own code raised comes before what came of it."""
    raised: list[Exception] = []
    mistake: Mistake | None = None
    with warnings.catch_warnings(record=True) as noticed:
        warnings.simplefilter("always")
        try:
            exercise.judge(watched(answer, raised), case)
        except Mistake as found:
            mistake = found
        except Exception as error:
            raised.append(error)
    forgotten = next((w for w in noticed if "never awaited" in str(w.message)), None)
    if forgotten is not None:
        return _forgotten(forgotten)
    if raised:
        return _raised(raised[0], exercise, answer, mistake)
    if mistake is not None and mistake.trace is not None:
        for record in mistake.trace:
            if record.kind == "failed" and record.note.startswith("Invalid: result in what a handler"):
                return Mistake(record.note.removeprefix("Invalid: "), trace=mistake.trace, kind="result")
    return mistake


# The learner's own code -----------------------------------------------------------------------------------------------


def watched(answer: Any, raised: list[Exception]) -> Any:
    """The answer, its functions wrapped so that an error of theirs is noted, whoever catches it later.

    Errors of eventlab (no reply, refused) are part of the lesson and pass unnoted.
    """
    if isinstance(answer, dict):
        return {key: watched(value, raised) for key, value in answer.items()}
    if isinstance(answer, list | tuple):
        return type(answer)(watched(value, raised) for value in answer)
    if not inspect.isfunction(answer):
        return answer
    if inspect.iscoroutinefunction(answer):

        @wraps(answer)
        async def waiting(*arguments: Any, **options: Any) -> Any:
            try:
                return await answer(*arguments, **options)
            except Exception as error:
                _note(error, raised)
                raise

        return waiting

    @wraps(answer)
    def plain(*arguments: Any, **options: Any) -> Any:
        try:
            return answer(*arguments, **options)
        except Exception as error:
            _note(error, raised)
            raise

    return plain


def shape(model: Any, answer: Any) -> Mistake | None:
    """What is wrong with an answer before any run: not the kind of thing that the model answer is."""
    if inspect.isfunction(model):
        kind = "async def" if inspect.iscoroutinefunction(model) else "def"
        expected = f"{kind} {model.__name__}{inspect.signature(model)}"
        fits = callable(answer) and _takes(answer, len(inspect.signature(model).parameters))
    elif isinstance(model, dict):
        expected = "{" + ", ".join(f"{key!r}: …" for key in model) + "}"
        fits = isinstance(answer, dict) and set(answer) == set(model)
    elif isinstance(model, list | tuple):
        expected, fits = "a list: […, …]", isinstance(answer, list | tuple)
    else:
        expected, fits = type(model).__name__, isinstance(answer, type(model))
    if fits:
        return None
    found = getattr(answer, "__name__", None) or repr(answer)[:100]
    message = f"Your answer, {found}, does not have the shape that is asked for. Expected: {expected}"
    return Mistake(message, kind="shape")


def _takes(answer: Any, count: int) -> bool:
    try:
        inspect.signature(answer).bind(*[None] * count)
    except TypeError:
        return False
    return True


def _note(error: Exception, raised: list[Exception]) -> None:
    if not isinstance(error, EventlabError):
        raised.append(error)


def _forgotten(warning: warnings.WarningMessage) -> Mistake:
    called = str(warning.message).split("'")[1].split(".")[-1]
    return Mistake(
        f"A call of {called}(...) was never awaited, so it did nothing: write `await` before it (and `async def` for "
        f"the function it stands in). Look near line {warning.lineno} of your cell.",
        kind="await",
    )


def _raised(error: Exception, exercise: Exercise, answer: Any, mistake: Mistake | None) -> Mistake:
    if isinstance(error, NotImplementedError):
        return Mistake(f"not written yet: {exercise.task}", kind="stub")
    trace, flight = (mistake.trace, mistake.flight) if mistake is not None else (None, "")
    line = _line(error, answer)
    where = f" in line {line} of your code" if line else ""
    message = f"{type(error).__name__}{where}: {error}"
    if "coroutine" in str(error):
        message += ". Is an `await` missing there?"
    return Mistake(message, trace=trace, flight=flight, kind="raised")


def _line(error: Exception, answer: Any) -> int:
    """The line of the learner's own cell in which it happened; 0 if it did not happen there."""
    files = {code.co_filename for code in _code(answer)}
    lines = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename in files]
    return lines[-1] if lines and lines[-1] else 0


def _code(answer: Any) -> list[CodeType]:
    parts: list[Any]
    if isinstance(answer, dict):
        parts = list(answer.values())
    elif isinstance(answer, list | tuple):
        parts = list(answer)
    else:
        parts = [answer]
    return [part.__code__ for part in parts if inspect.isfunction(part)]
