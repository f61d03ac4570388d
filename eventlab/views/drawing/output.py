"""A widget as the output of a cell. What a cell showed before it was run again is closed: it would pile up."""

from __future__ import annotations

import sys
from typing import Any

WIDGET = "application/vnd.jupyter.widget-view+json"


def component(widget: Any, words: str) -> dict[str, Any]:
    """A widget as the output of a cell, with words for readers who have no kernel."""
    for each in (widget.layout, widget):
        if each.comm is None:  # closed since, because its cell was run again: shown once more
            each.open()
    if (shown := _shown()) is not None:
        shown.now.append(widget)
    return {WIDGET: {"version_major": 2, "version_minor": 0, "model_id": widget.model_id}, "text/plain": words}


class Shown:
    """Which widgets each cell shows, and under which number IPython keeps its result."""

    def __init__(self, shell: Any) -> None:
        self.shell = shell
        self.now: list[Any] = []  # by the cell that is running
        self.of_cells: dict[str, list[Any]] = {}
        self.numbers: dict[str, int] = {}

    def ran(self, result: Any) -> None:
        """Close what the earlier run of this cell showed and no cell shows any more."""
        cell, now, self.now = result.info.cell_id or result.info.raw_cell, self.now, []
        earlier = self.of_cells.pop(cell, [])
        if now:
            self.of_cells[cell] = now
        seen = [widget for widgets in self.of_cells.values() for widget in widgets]
        for widget in earlier:
            if not any(widget is each for each in seen):
                widget.close()
                widget.layout.close()
        if earlier or now:
            self._forget(cell, result.execution_count)

    def _forget(self, cell: str, number: int | None) -> None:
        """Let IPython forget the cell's earlier run: `Out` would keep its result, the history all that it showed."""
        before = self.numbers.pop(cell, None)
        if number is not None:
            self.numbers[cell] = number
        if before is not None and before != number:
            self.shell.user_ns.get("_oh", {}).pop(before, None)
            getattr(getattr(self.shell, "history_manager", None), "outputs", {}).pop(before, None)
            for names in (self.shell.user_ns, self.shell.user_ns_hidden):
                names.pop(f"_{before}", None)


def _shown() -> Shown | None:
    """What knows the cells of this notebook; None outside a notebook."""
    if "IPython" not in sys.modules:
        return None
    from IPython import get_ipython

    shell = get_ipython()
    if shell is None:
        return None
    for call in shell.events.callbacks["post_run_cell"]:
        if isinstance(known := getattr(call, "__self__", None), Shown):
            return known
    shell.events.register("post_run_cell", (shown := Shown(shell)).ran)
    return shown
