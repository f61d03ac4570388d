"""A widget as the output of a cell."""

from __future__ import annotations

from typing import Any

WIDGET = "application/vnd.jupyter.widget-view+json"


def component(widget: Any, words: str) -> dict[str, Any]:
    """A widget as the output of a cell, with words for readers who have no kernel."""
    return {WIDGET: {"version_major": 2, "version_minor": 0, "model_id": widget.model_id}, "text/plain": words}
