"""The one function that makes foreign text harmless in a page, and texts that show themselves as Markdown."""

from __future__ import annotations

import re

from eventlab.errors import shown

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]")
_SPECIAL = re.compile(r"""[&<>"'$|*_`\\\[\]~]""")


def plain(text: object) -> str:
    """The text without characters that steer a terminal, turn the direction of writing or are forbidden in SVG."""
    return _CONTROL.sub("\ufffd", _written(text))


def _written(text: object) -> str:
    try:
        return str(text)
    except Exception:  # of somebody's own class, or too deep, or too long a number
        return shown(text)


def escape(text: object) -> str:
    """The text as it can stand in HTML, SVG, Markdown and the labels of plotly: it is shown, and never does anything.

    Numbered entities are the one way of writing a character that all four understand. `<>&` begin tags in three of
    them, `$` begins a formula in plotly and in Jupyter's Markdown, and `|*_` and the like are Markdown's own.
    """
    return _SPECIAL.sub(lambda found: f"&#{ord(found[0])};", plain(text))


class Prose(str):
    """A text in Markdown that a cell shows as such. It is the writer's own: what comes from data is escaped before."""

    __slots__ = ()

    def __repr__(self) -> str:
        return str(self)

    def _repr_markdown_(self) -> str:
        return str(self)
