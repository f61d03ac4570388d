"""Where a package is missing, a lesson goes on with something that stands in for it, and says so in one sentence."""

from __future__ import annotations

from functools import cache
from importlib.util import find_spec

from eventlab.views.drawing.text import Prose


def is_missing(package: str, sentence: str) -> bool:
    """Whether a package is not installed here, as in a browser; if so, the reader is told, the first time alone."""
    try:
        here = find_spec(package) is not None
    except (ImportError, ValueError):
        here = False
    if not here:
        _tell(sentence)
    return not here


@cache
def _tell(sentence: str) -> None:
    from IPython.display import display

    display(Prose(sentence))
