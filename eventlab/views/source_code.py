"""The source of a function or class, shown in a cell: what runs is what you read."""

from __future__ import annotations

import re
from functools import cached_property, partial
from inspect import getmodule, getsource, unwrap
from textwrap import dedent
from typing import Any

from eventlab.errors import shown as words_of
from eventlab.views.drawing.text import Prose, escape

FENCE = re.compile(r"`{3,}")


def source(shown: Any) -> Prose:
    """The source of a function, method, class or module as a block of code, under the name of its file.

    What has no source (a number, something built in) gives a sentence in its place.
    """
    code = _behind(shown)
    try:
        text = dedent(getsource(code)).rstrip("\n")
    except (TypeError, OSError):
        return Prose(f"**No source**: {escape(words_of(shown))} is no function, class or module written in Python.")
    module = getattr(getmodule(code), "__name__", "__main__")
    place = "" if module == "__main__" else f"`{module.replace('.', '/')}.py`\n\n"
    ticks = "`" * max([3, *(len(found) + 1 for found in FENCE.findall(text))])  # no ``` in it ends the block
    return Prose(f"{place}{ticks}python\n{text}\n{ticks}")


def _behind(shown: Any) -> Any:
    """The function that does the work of a property, a partial or a wrapper."""
    if isinstance(shown, property):
        return shown.fget
    if isinstance(shown, cached_property | partial):
        return shown.func
    return unwrap(shown) if callable(shown) else shown
