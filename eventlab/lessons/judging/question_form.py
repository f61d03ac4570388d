"""Questions that show themselves: radio buttons in JupyterLab, a list and a plain call everywhere else."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from typing import Any

from eventlab.errors import Invalid
from eventlab.lessons.judging import progress
from eventlab.lessons.judging.model import Question
from eventlab.views.drawing.output import component
from eventlab.views.drawing.text import escape, plain

Reaction = Callable[[Question, str], str]  # what is said when an option has been chosen


class QuestionForm:
    """Questions with what was chosen so far. `choose` answers one; nothing here tells which option is right."""

    def __init__(self, questions: Sequence[Question], react: Reaction, call: str, note: str) -> None:
        self.questions, self.react, self.call, self.note = questions, react, call, note
        before = progress.read().chosen
        self.chosen: dict[str, str] = {each.id: before[each.id] for each in questions if each.id in before}

    def choose(self, id: str, key: str) -> str:
        """Answer one of the questions; what is said to it. An unknown option raises `Invalid`."""
        question = next((each for each in self.questions if each.id == id), None)
        if question is None:
            raise Invalid("question", where=self.call, expected="one of the questions shown", found=id)
        question.option(key)
        self.chosen[id] = key
        progress.note_choice(id, key)
        if "widget" in vars(self):
            self._show()
        return self.react(question, key)

    @property
    def told(self) -> dict[str, str]:
        """What is said to each question that has been answered."""
        return {each.id: self.react(each, self.chosen[each.id]) for each in self.questions if each.id in self.chosen}

    def plain(self) -> list[dict[str, Any]]:
        """The questions and their options as plain data; which option is right it does not say."""
        return [{"id": each.id, "text": plain(each.text),
                 "options": [{"key": option.key, "text": plain(option.text)} for option in each.options]}
                for each in self.questions]  # fmt: skip

    @cached_property
    def widget(self) -> Any:
        """The questions as a widget."""
        from eventlab.lessons.judging.widget import QuestionsWidget

        widget = QuestionsWidget(questions=json.dumps(self.plain()), note=self.note, chosen=self.chosen, told=self.told)
        widget.observe(self._answered, "chosen")
        return widget

    def _answered(self, change: Mapping[str, Any]) -> None:
        """What a page says: options that there are not are not taken, and the page is told what stands."""
        known = {each.id: [option.key for option in each.options] for each in self.questions}
        for id, key in change["new"].items():
            if self.chosen.get(id) != key and key in known.get(id, ()):
                self.choose(id, key)
        self._show()

    def _show(self) -> None:
        self.widget.chosen, self.widget.told = dict(self.chosen), self.told

    def __repr__(self) -> str:
        return "\n".join(line for question in self.questions for line in self._lines(question, plain))

    def _lines(self, question: Question, safe: Callable[[object], str]) -> list[str]:
        lines = [safe(question.text)]
        for option in question.options:
            mark = "→" if self.chosen.get(question.id) == option.key else " "
            lines.append(f"{mark} {option.key}) {safe(option.text)}")
        if question.id in self.told:
            lines.append(f"  {safe(self.told[question.id])}")
        return lines

    def _ipython_display_(self) -> None:
        """Two outputs: the component, and a list for readers without a kernel, which the component hides."""
        from IPython.display import display

        display(component(self.widget, "Run this cell to choose."), raw=True)
        shown = ["  \n".join(self._lines(question, escape)).replace("\n  ", "\n&nbsp;") for question in self.questions]
        shown.append(f"*Answer here: `{self.call}`*")
        display({"text/markdown": "\n\n".join(shown), "text/plain": repr(self)}, raw=True)
