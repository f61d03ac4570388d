"""What all our widgets have in common: they work too where the page takes its time, and where Python runs in it."""

from __future__ import annotations

import sys
from importlib import import_module
from pathlib import Path
from typing import Any

import anywidget
import traitlets
from ipywidgets import Layout

BROWSER = sys.platform == "emscripten"
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

    def _handle_msg(self, msg: dict[str, Any]) -> None:
        super()._handle_msg(plain(msg, _null()) if BROWSER else msg)


def plain(value: Any, null: object) -> Any:
    """A message with None wherever it has `null`, as on the desk: Pyodide brings JavaScript's null as an object."""
    if value is null:
        return None
    if isinstance(value, dict):
        return {key: plain(each, null) for key, each in value.items()}
    return [plain(each, null) for each in value] if isinstance(value, list) else value


def _null() -> object:
    try:
        return import_module("pyodide.ffi").jsnull
    except (ImportError, AttributeError):
        return None
