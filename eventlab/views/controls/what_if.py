"""What if? A control that runs something again with another choice, and shows the result in place.

what_if(lambda minutes: flow_graph(run_with_a_stop_of(minutes).trace), minutes=[0, 15, 45, 120])
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from copy import copy
from functools import cached_property
from itertools import pairwise, product
from pathlib import Path
from typing import Any

from eventlab.errors import Invalid, unknown
from eventlab.stage import Stage
from eventlab.views.charts.chart import as_wide, beside
from eventlab.views.controls.blocks import Result, blocks, results, said, stacked
from eventlab.views.controls.thread_of_cells import ThreadOfCells
from eventlab.views.drawing.output import component
from eventlab.views.drawing.picture import Picture, message
from eventlab.views.drawing.style import WIDTH, variables
from eventlab.views.drawing.table import Table
from eventlab.views.drawing.text import Prose, plain
from eventlab.views.drawing.wording import told
from eventlab.views.player.page import page, write

HERE = Path(__file__).parent
WHERE = "what_if"
WIDTHS = 480, 1200  # the narrowest and the widest page for which charts are laid out anew
PLAIN = Stage()  # numbers to choose from are numbers


def what_if(make: Callable[..., Any], *, start: Mapping[str, Any] | None = None, **choices: Any) -> WhatIf:
    """A control for each keyword: a slider for three or more numbers in order, a drop-down for anything else.

    `make` is called with one value for each keyword and returns a Picture, a Table, a text, or a list of these. A
    choice is a list of values, or a dictionary from what the control says to the value. `start` says what is chosen at
    first (usually the first of each). An error in `make` is shown in the figure's place.
    """
    return WhatIf(make, {} if start is None else start, choices)


class WhatIf:
    """The control and its state; shown as a component in JupyterLab, as a still picture and a text anywhere else."""

    def __init__(self, make: Callable[..., Any], start: Mapping[str, Any], choices: Mapping[str, Any]) -> None:
        if not callable(make):
            raise Invalid("make", where=WHERE, expected="a function that makes what is shown", found=make)
        if not choices:
            raise Invalid("choices", where=WHERE, expected="at least one, such as minutes=[0, 15, 45]", found="none")
        if not isinstance(start, Mapping):
            raise Invalid("start", where=WHERE, expected="a dictionary, such as {'minutes': 15}", found=start)
        self.make = make
        self._names = {name: _names(name, choice) for name, choice in choices.items()}
        self.choices: dict[str, tuple[Any, ...]] = {
            name: tuple(choice.values() if isinstance(choice, Mapping) else choice) for name, choice in choices.items()
        }
        self._picked = self._places({name: values[0] for name, values in self.choices.items()} | dict(start))
        self._shown: list[Result] | None = None
        self._cells = ThreadOfCells()
        self._before: list[Result] = []

    @property
    def values(self) -> dict[str, Any]:
        """What is chosen now."""
        return {name: values[place] for (name, values), place in zip(self.choices.items(), self._picked, strict=True)}

    @property
    def state(self) -> str:
        """What is chosen now, in words: "minutes 45, loss 0.05"."""
        named = zip(self._names.items(), self._picked, strict=True)
        return ", ".join(f"{name.replace('_', ' ')} {names[place]}" for (name, names), place in named)

    @property
    def shown(self) -> list[Result]:
        """What `make` gives for what is chosen now; of an error, a picture that says it."""
        if self._shown is None:
            try:
                self._shown = self._beside(results(self.make(**self.values), WHERE))
            except Exception as problem:  # whatever it is, the reader must see it here
                kind = "" if isinstance(problem, Invalid) else f"{type(problem).__name__}: "
                self._shown = [message(f"With {self.state}, nothing can be shown", f"{kind}{plain(problem)}")]
        return self._shown

    def _beside(self, made: list[Result]) -> list[Result]:
        """The results with what was shown before as a ghost behind them: charts on axes that stay."""
        if len(made) != len(self._before):
            return made
        pairs = zip(made, self._before, strict=True)
        return [
            beside(now, old) if isinstance(now, Picture) and isinstance(old, Picture) else now for now, old in pairs
        ]

    @property
    def text(self) -> str:
        """What is shown now, in words."""
        return "\n".join(map(said, self.shown))

    def show(self, **values: Any) -> str:
        """Choose these values, as somebody at the control would, and give what is shown then, in words."""
        self._pick(self._places(self.values | values))
        if "widget" in vars(self):
            self.widget.picked = self._picked
        return self.text

    def ends(self) -> list[str]:
        """What is shown at the least, the middle and the greatest choice: of each control alone, and of all together.

        This is for tests: it leaves what is chosen as it is, and an error in `make` is raised.
        """
        places = {name: (0, len(values) // 2, len(values) - 1) for name, values in self.choices.items()}
        wanted = [{name: places[name][end] for name in places} for end in range(3)]
        usual = dict(zip(self.choices, self._picked, strict=True))
        wanted += [usual | {name: place} for name, three in places.items() for place in three]
        different = {tuple(each.values()): each for each in wanted}
        made = [
            self.make(**{name: self.choices[name][place] for name, place in each.items()})
            for each in different.values()
        ]
        return ["\n".join(map(said, results(each, WHERE))) for each in made]

    def _places(self, values: Mapping[str, Any]) -> list[int]:
        for name in values:
            if name not in self.choices:
                raise unknown("choice", name, list(self.choices), where=WHERE)
        return [_place(name, values[name], known) for name, known in self.choices.items()]

    def _pick(self, picked: Sequence[int]) -> None:
        if list(picked) != self._picked:
            self._before = self._shown or self._before
            self._picked, self._shown = list(picked), None

    @property
    def still(self) -> Picture:
        """What is shown now as one picture."""
        return stacked(f"With {self.state}", self.shown)

    # Without a kernel -------------------------------------------------------------------------------------------------

    def record(self) -> dict[str, Any]:
        """All that the control can show, as plain data: `make` is called for every choice, in order."""
        places = product(*(range(len(values)) for values in self.choices.values()))
        shown = {",".join(map(str, picked)): self._at(picked)._plain() for picked in places}
        return {"knobs": self._knobs(), "picked": self._picked, "shown": shown}

    def save(self, path: str | Path) -> Path:
        """Write the control and all that it can show as one page, which needs no kernel; gives its path back."""
        script = "\n".join((HERE / name).read_text("utf-8") for name in ("knobs.js", "recorded.js"))
        style = variables(".eventlab-page") + variables(".eventlab-knobs") + (HERE / "knobs.css").read_text("utf-8")
        return write(page("What if?", f"At first: {self.state}.", style, script, self.record()), path)

    def _at(self, picked: Sequence[int]) -> WhatIf:
        """The same control with another choice, which remembers no earlier one."""
        other = copy(self)
        vars(other).pop("widget", None)
        other._picked, other._shown, other._before = list(picked), None, []
        return other

    # In Jupyter -------------------------------------------------------------------------------------------------------

    @cached_property
    def widget(self) -> Any:
        """The component as a widget: it sends what was `picked`, and gets what is `shown`."""
        from eventlab.views.controls.knobs import Knobs

        widget = Knobs(knobs=json.dumps(self._knobs()), picked=self._picked, shown=self._sent())
        widget.observe(self._moved, "picked")
        widget.observe(lambda _: self._cells.do(self._send), "wide")
        return widget

    def _moved(self, change: Any) -> None:
        picked = change["new"]
        if len(picked) == len(self.choices) and all(
            0 <= place < len(values) for place, values in zip(picked, self.choices.values(), strict=True)
        ):
            self._pick(picked)
            self._cells.do(self._send)

    def _send(self) -> None:
        self.widget.shown = self._sent()

    def _knobs(self) -> list[dict[str, Any]]:
        return [
            {"name": name.replace("_", " "), "names": names, "slider": _is_slider(self.choices[name])}
            for name, names in self._names.items()
        ]

    def _sent(self) -> str:
        """What the component draws, as JSON."""
        return json.dumps(self._plain())

    def _plain(self) -> dict[str, Any]:
        parts = [as_wide(part, self._width) if isinstance(part, Picture) else part for part in self.shown]
        return {"picked": self._picked, "state": self.state, "parts": list(map(_part, parts))}

    @property
    def _width(self) -> int:
        """As wide as charts are drawn: as the page says, if there is one."""
        said = self.widget.wide if "widget" in vars(self) else 0
        return max(WIDTHS[0], min(said, WIDTHS[1])) if said else WIDTH

    def __repr__(self) -> str:
        return f"<what if: {self.state}>\n{self.text}"

    def _ipython_display_(self) -> None:
        """Two outputs: the component, and the still picture for readers without a kernel, which the component hides."""
        from IPython.display import display

        run = f"What if? Here: {self.state}. Run this cell to choose."
        display(component(self.widget, run), raw=True)
        display(self.still.shown(), raw=True)


def _names(name: str, choice: Any) -> list[str]:
    """What a control says for each of its values."""
    if isinstance(choice, str | bytes) or not isinstance(choice, Sequence | Mapping) or not choice:
        raise Invalid(name, where=WHERE, expected="a list of values with at least one in it", found=choice)
    return [plain(key) if isinstance(choice, Mapping) else told(key, PLAIN) for key in choice]


def _place(name: str, value: Any, known: Sequence[Any]) -> int:
    """Where a value stands among the known ones: itself, or one that is equal."""
    itself = next((place for place, each in enumerate(known) if each is value), None)
    if itself is not None:
        return itself
    try:
        return known.index(value)
    except Exception:  # not there, or it cannot be compared
        raise unknown(name, value, known, where=WHERE) from None


def _is_slider(values: Sequence[Any]) -> bool:
    numbers = all(isinstance(value, int | float) and not isinstance(value, bool) for value in values)
    return numbers and len(values) > 2 and all(one < other for one, other in pairwise(values))


def _part(result: Result) -> dict[str, Any]:
    if isinstance(result, Picture):
        return {"svg": result.svg(live=True), "text": result.text}
    if isinstance(result, Table):
        rows = [[plain(cell) for cell in row] for row in (result.headings, *result.rows)]
        return {"rows": rows, "right": [heading in result.right for heading in result.headings]}
    if isinstance(result, Prose):
        return {"blocks": blocks(result)}
    return {"lines": plain(result)}
