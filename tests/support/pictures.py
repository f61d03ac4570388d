"""What every picture is held to: readable labels, harmless texts. Several tests use it."""

from __future__ import annotations

import re
from itertools import combinations
from xml.etree import ElementTree

from eventlab.views.drawing.fitting import text_width
from eventlab.views.drawing.picture import Picture
from eventlab.views.drawing.style import MONO_WIDTH

NASTY = """<img src=x onerror="alert(1)"> & 'q' $x$ %{x} \x00\x1b \u202e"""
OURS = re.compile(r'@media \(prefers-color-scheme: dark\)\{(\[(fill|stroke)="#[0-9A-F]{6}"\]\{\2:#[0-9A-F]{6}\})+\}')
SHAPES = {"svg", "g", "title", "polyline", "polygon", "rect", "text", "style"}


def assert_readable(picture: Picture) -> None:
    """Every label lies inside the picture, and none lies on another."""
    places = []
    for label in picture.labels:
        if not label.text:
            continue
        long = text_width(label.text, label.size) * (1.06 if label.bold else 1)
        long = MONO_WIDTH * label.size * len(label.text) if label.mono else long
        left = label.x if label.left else label.x - long / 2
        assert left >= -1 and left + long <= picture.width + 2, f"{label.text!r} is cut at {left:.0f}"
        assert label.size / 2 <= label.y <= picture.height - label.size / 2, f"{label.text!r} is cut at {label.y}"
        places.append((left + 1, left + long - 1, label.y - 0.36 * label.size, label.y + 0.36 * label.size, label.text))
    for (l1, r1, t1, b1, one), (l2, r2, t2, b2, other) in combinations(places, 2):
        assert r1 <= l2 or r2 <= l1 or b1 <= t2 or b2 <= t1, f"{one!r} and {other!r} lie on each other"


def assert_harmless(picture: Picture) -> None:
    """The SVG holds shapes and texts alone, and no text steers a terminal or turns the direction of writing."""
    drawing = ElementTree.fromstring(picture.svg())
    names = {element.tag.split("}")[1] for element in drawing.iter()}
    assert names <= SHAPES, names - SHAPES
    for rules in drawing.iterfind("{*}style"):
        assert OURS.fullmatch(rules.text or ""), "a rule that the package did not write"
    assert not set(picture.text) & set("\x00\x1b\u202e")
