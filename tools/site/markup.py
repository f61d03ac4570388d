"""The HTML of what a page of the site shows in a notebook's outputs. Whatever was not written here is escaped."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from eventlab.views.drawing.text import escape


def picture(source: str, text: str, *, still: bool = False) -> str:
    """A picture, its words as the alternative; a `still` one stands behind what plays, for paper."""
    kind = "eventlab-picture eventlab-still" if still else "eventlab-picture"
    return f'<img class="{kind}" src="{_quoted(source)}" alt="{_quoted(text)}" loading="lazy">'


def frame(source: str, text: str, high: int) -> str:
    """A page that plays inside another one, loaded when it comes into sight; and a link to it alone."""
    return (
        f'<div class="eventlab-recorded"><iframe src="{_quoted(source)}" title="{_quoted(text)}" loading="lazy" '
        f'height="{high}"></iframe><p><a href="{_quoted(source)}">Open it alone</a></p></div>'
    )


def questions(data: Mapping[str, Any]) -> str:
    """Questions with what is said to each answer, as data that `site.js` shows."""
    told = json.dumps(data, ensure_ascii=True, sort_keys=True).replace("<", "\\u003c")
    return f'<div class="eventlab-asks"><script type="application/json">{told}</script></div>'


def button(target: str) -> str:
    """The button that opens a lesson live."""
    return (
        f'<p class="eventlab-run"><a href="{_quoted(target)}">Run this lesson</a> '
        "<span>It runs in your browser: nothing is installed, nothing is sent.</span></p>"
    )


def anchor(name: str) -> str:
    """A place that links lead to."""
    return f'<span id="{_quoted(name)}" class="eventlab-anchor"></span>'


def link(target: str, words: str) -> str:
    """A link to a place that Sphinx does not know."""
    return f'<a href="{_quoted(target)}">{escape(words)}</a>'


def _quoted(text: str) -> str:
    """Escaped, and ready to stand between quotes on one line."""
    return escape(text).replace('"', "&quot;").replace("\n", "&#10;")
