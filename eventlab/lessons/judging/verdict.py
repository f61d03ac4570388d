"""What a check says: a sentence, and for a failure the shortest failing run as a picture."""

from __future__ import annotations

from dataclasses import dataclass

from eventlab.lessons.judging.drawn import draw_failure
from eventlab.lessons.judging.model import Exercise
from eventlab.lessons.judging.report import Failure
from eventlab.views.drawing.picture import Picture
from eventlab.views.drawing.text import Prose, escape


@dataclass(frozen=True)
class Verdict:
    """Whether an exercise is solved. The last line of a cell shows it."""

    exercise: Exercise
    failure: Failure | None

    @property
    def solved(self) -> bool:
        """Whether every run went well."""
        return self.failure is None

    @property
    def text(self) -> str:
        """The verdict in words."""
        exercise, failure = self.exercise, self.failure
        if failure is None:
            runs = f"{exercise.runs} runs" if exercise.runs > 1 else "checked"
            return f"{exercise.id} solved ({runs}). {exercise.explains}".strip()
        return f"{exercise.id} not yet: {failure.mistake.message}{self._where(failure)}"

    @property
    def printed(self) -> str:
        """What the run that is shown has printed."""
        return self.failure.printed if self.failure is not None else ""

    def _where(self, failure: Failure) -> str:
        if failure.case is None or failure.mistake.trace is None or self.exercise.runs == 1:
            return ""
        case = failure.case
        faults = f", {len(case.faults)} fault{'s' * (len(case.faults) != 1)}" if case.faults else ""
        return f" (The shortest failing run that was found: seed {case.seed}, size {case.size}{faults}.)"

    @property
    def picture(self) -> Picture | None:
        """The failing run, drawn."""
        if self.failure is None:
            return None
        mistake = self.failure.mistake
        if mistake.picture is not None or mistake.trace is None or not len(mistake.trace):
            return mistake.picture
        title = f"{self.exercise.id}: the shortest failing run"
        return draw_failure(mistake.trace, mistake.marks, mistake.message, title)

    def __repr__(self) -> str:
        return self.text

    def _ipython_display_(self) -> None:
        from IPython.display import display

        mark = "✓" if self.solved else "✕"
        number, _, words = self.text.partition(" ")
        display(Prose(f"**{mark} {number}** {escape(words)}"))
        if (picture := self.picture) is not None:
            display(picture)
