"""What all our widgets have in common: they work too where the page takes its time to bring them up."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import anywidget
import traitlets
from ipywidgets import Layout

LATE = (Path(__file__).parent / "late.js").read_text("utf-8")


def module(*files: Path) -> str:
    """The text of a widget's module: its files one after the other, and what helps it when it comes up late.

    The last file ends with `export default { render };`.
    """
    text = "\n".join([LATE, *(path.read_text("utf-8") for path in files)])
    return text.replace("export default { render };", "export default { initialize, render };")


class Widget(anywidget.AnyWidget):
    """A widget with a module made by `module`; it knows its own id, by which the page finds its model."""

    own_id = traitlets.Unicode("").tag(sync=True)

    def __init__(self, **traits: Any) -> None:
        layout = Layout()  # every widget has one; its id is like no other, and ours follows from it
        id = f"{layout.model_id}-of"
        super().__init__(model_id=id, own_id=id, layout=layout, **traits)
