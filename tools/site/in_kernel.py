"""Record what needs a kernel: run in a notebook's kernel before its cells, it writes a page for each thing that plays.

A replay, a control room, a `what_if` and the questions show themselves as before; in front of each stands an output
that says where its page is, or holds its data.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tools.site.packing import pack

RECORDED = "application/vnd.eventlab.recorded+json"
MOST = 40  # choices of a `what_if` that are computed beforehand


def record_into(folder: Path, name: str) -> None:
    """From now on, write pages `name-1.html`, `name-2.html` … into the folder as they are shown."""
    from IPython import get_ipython
    from IPython.display import display

    numbers = itertools.count(1)

    def recorded(make: Callable[[Any, Path], dict[str, Any]]) -> Callable[[Any], bool]:
        def show(shown: Any) -> bool:
            page = folder / f"{name}-{next(numbers)}.html"
            if told := make(shown, page):
                display({RECORDED: told}, raw=True)
            shown._ipython_display_()
            return True

        return show

    formatter = get_ipython().display_formatter.ipython_display_formatter
    for module, kind, make in MADE:
        formatter.for_type_by_name(module, kind, recorded(make))


def _replay(shown: Any, page: Path) -> dict[str, Any]:
    return {"kind": "replay", "page": pack(shown.save(page)).name, "text": shown.text, "high": 720}


def _room(shown: Any, page: Path) -> dict[str, Any]:
    if not shown.has_still:
        return {}  # a whole day: its record would be too large for a page
    text = shown.text.replace(" Run the cell to act.", " It plays; to act in it, run the lesson.")
    return {"kind": "room", "page": pack(shown.save(page)).name, "text": text, "high": 900}


def _what_if(shown: Any, page: Path) -> dict[str, Any]:
    count = 1
    for values in shown.choices.values():
        count *= len(values)
    if count > MOST:
        return {}
    return {
        "kind": "what-if",
        "page": pack(shown.save(page)).name,
        "text": f"What if? At first: {shown.state}.",
        "high": 600,
    }


def _questions(shown: Any, page: Path) -> dict[str, Any]:
    guess = shown.call.startswith("predict(")
    note = "Choose before you read on. The answer comes after the run." if guess else shown.note
    told = {
        each.id: {
            option.key: f"You expect {option.key}. Read on: the run tells." if guess else shown.react(each, option.key)
            for option in each.options
        }
        for each in shown.questions
    }
    return {"kind": "questions", "questions": shown.plain(), "told": told, "note": note}


MADE: list[tuple[str, str, Callable[[Any, Path], dict[str, Any]]]] = [
    ("eventlab.views.player.replay", "Replay", _replay),
    ("eventlab.control_room.room", "Room", _room),
    ("eventlab.views.controls.what_if", "WhatIf", _what_if),
    ("eventlab.lessons.judging.question_form", "QuestionForm", _questions),
]
