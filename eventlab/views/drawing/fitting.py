"""How wide a text is, and how it is cut to fit: one table of widths for all pictures."""

from __future__ import annotations

from functools import lru_cache

from eventlab.views.drawing.text import plain

NARROW, BROAD = frozenset(" .,:;'|!()[]/ijltf-"), frozenset("mwMW@%")
NARROW_WIDTH, USUAL_WIDTH, CAPITAL_WIDTH, BROAD_WIDTH = 0.3, 0.556, 0.69, 0.86  # of a letter, as shares of the size
BOLD = 1.06  # bold letters are so much wider


@lru_cache(maxsize=1_000)
def _letter(letter: str) -> float:
    if letter in NARROW:
        return NARROW_WIDTH
    if letter in BROAD or letter > "\u02ff":
        return BROAD_WIDTH
    return CAPITAL_WIDTH if letter.isupper() else USUAL_WIDTH


@lru_cache(maxsize=20_000)
def text_width(text: str, size: int, *, bold: bool = False) -> float:
    """How wide a text is in Arial, in pixels, within a few hundredths."""
    return sum(map(_letter, text)) * size * (BOLD if bold else 1)


@lru_cache(maxsize=20_000)
def fit(text: str, room: float, size: int, *, bold: bool = False) -> str:
    """The text, harmless, and cut off with … where it would be wider than so many pixels."""
    text = plain(text)
    if text_width(text, size, bold=bold) <= room:
        return text
    left = room / (size * (BOLD if bold else 1)) - _letter("…")
    if left < 0:
        return ""
    for place, letter in enumerate(text):
        left -= _letter(letter)
        if left < 0:
            return text[:place].rstrip() + "…"
    return text


def cut(text: str, most: int) -> str:
    """A text of at most so many characters, where pixels do not matter; that something is missing can be seen."""
    return text if len(text) <= most else text[: most - 1].rstrip() + "…"


def within(x: float, text: str, size: int, end: float) -> float:
    """The middle of a text that should stand around `x`, and ends at `end` at the latest."""
    return min(x, end - text_width(text, size) / 2)
