"""The questions as a widget: what is chosen goes to the kernel, what is said to it comes back."""

from __future__ import annotations

from pathlib import Path

import traitlets

from eventlab.views.widget import Widget, module

HERE = Path(__file__).parent


class QuestionsWidget(Widget):
    """`questions` as JSON, without the right answers; `chosen` and `told` by question."""

    _esm = module(HERE / "questions.js")
    _css = (HERE / "questions.css").read_text("utf-8")
    questions = traitlets.Unicode("[]").tag(sync=True)
    note = traitlets.Unicode("").tag(sync=True)
    chosen = traitlets.Dict().tag(sync=True)
    told = traitlets.Dict().tag(sync=True)

    def __repr__(self) -> str:
        return f"<Questions: {dict(self.chosen)}>"
