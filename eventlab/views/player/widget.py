"""The replay component as a widget: the same module and style as in an exported page, inside JupyterLab."""

from __future__ import annotations

from pathlib import Path

import traitlets

from eventlab.views.drawing.style import variables
from eventlab.views.widget import Widget, module

HERE = Path(__file__).parent


class ReplayWidget(Widget):
    """`data` is what `replay` computed, as JSON; `step` is the step shown, in both directions.

    `still` says that the output after this one is its picture for readers without a kernel.
    """

    _esm = module(HERE / "replay.js")
    _css = variables(".eventlab-replay") + (HERE / "replay.css").read_text("utf-8")
    data = traitlets.Unicode("{}").tag(sync=True)
    step = traitlets.Int(0).tag(sync=True)
    still = traitlets.Bool(False).tag(sync=True)

    def __repr__(self) -> str:
        return f"<Replay at step {self.step}>"
