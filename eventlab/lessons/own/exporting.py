"""One page to show to others: the learner's service, its day in the storm, and what came of the attack.

It needs no kernel and no network, and runs no script.
"""

from __future__ import annotations

from collections.abc import Callable
from inspect import getsource, unwrap
from pathlib import Path
from textwrap import dedent
from typing import Any

from eventlab.borders import function
from eventlab.errors import Invalid
from eventlab.lessons.own.attacking import Attack, attack
from eventlab.lessons.own.plugging import Storms, plug
from eventlab.lessons.own.readable import written
from eventlab.views.drawing.text import Prose, escape
from eventlab.views.player.page import Code, article, write


def export(hotels: Callable[..., Any], path: str | Path = "hotels.html") -> Prose:
    """Let the service live through the storm, attack it, and write both with its code to one page; says where it is."""
    function(hotels, "hotels", where="own.export")
    if not isinstance(path, str | Path) or not str(path) or "\0" in str(path):
        raise Invalid("path", where="own.export", expected="the name of a file, such as hotels.html", found=path)
    text = page(_code(hotels), plug(hotels), attack(hotels))
    try:
        write(text, path)
    except OSError as error:
        return Prose(f"There is no page: {escape(path)} cannot be written ({escape(error.strerror)}).")
    return Prose(f"The page is {escape(path)}: open it in any browser, send it to anybody.")


def page(code: str, lived: Storms, attacked: Attack) -> str:
    """The text of the page."""
    fall = [] if attacked.picture is None else [attacked.picture]
    about = "In a snow storm flights are cancelled, and hotels books a room for each of their people."
    return article(
        "hotels, a service of my own",
        {
            "Its code": [about, Code(code)],
            "Its day in the storm of 8 February 2013": [lived.picture, lived.table],
            "Under attack": [attacked.text, *fall],
        },
    )


def _code(hotels: Callable[..., Any]) -> str:
    """The service as its file has it, or the function alone, or a sentence."""
    try:
        return written(hotels)
    except Invalid:
        pass
    try:
        return dedent(getsource(unwrap(hotels)))
    except (OSError, TypeError):
        return "(Its source cannot be read.)"
