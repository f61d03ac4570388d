"""The controls of `what_if` as a widget: native inputs, and under them what the kernel made of the choice."""

from __future__ import annotations

from pathlib import Path

import traitlets

from eventlab.views.drawing.style import variables
from eventlab.views.widget import Widget, module

HERE = Path(__file__).parent


class Knobs(Widget):
    """`knobs` says what there is to choose, `shown` what to draw (both as JSON), `picked` which value of each knob.

    `wide` is for how many pixels the page has room, 0 as long as it has not said so.
    """

    _esm = module(HERE / "knobs.js")
    _css = variables(".eventlab-knobs") + (HERE / "knobs.css").read_text("utf-8")
    knobs = traitlets.Unicode("[]").tag(sync=True)
    shown = traitlets.Unicode("{}").tag(sync=True)
    picked = traitlets.List(traitlets.Int()).tag(sync=True)
    wide = traitlets.Int(0).tag(sync=True)
