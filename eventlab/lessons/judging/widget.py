"""The questions as a widget: what is chosen goes to the kernel, what is said to it comes back."""

from __future__ import annotations

from pathlib import Path

import anywidget
import traitlets

HERE = Path(__file__).parent


class QuestionsWidget(anywidget.AnyWidget):
    """`questions` as JSON, without the right answers; `chosen` and `told` by question."""

    _esm = (HERE / "questions.js").read_text("utf-8")
    _css = (HERE / "questions.css").read_text("utf-8")
    questions = traitlets.Unicode("[]").tag(sync=True)
    note = traitlets.Unicode("").tag(sync=True)
    chosen = traitlets.Dict().tag(sync=True)
    told = traitlets.Dict().tag(sync=True)

    def __repr__(self) -> str:
        return f"<Questions: {dict(self.chosen)}>"
