"""The colours of all pictures: readable in both themes, told apart by colour-blind readers, and never alone."""

from __future__ import annotations

import pytest

from eventlab.views.drawing.parts import Box, Label
from eventlab.views.drawing.picture import Picture
from eventlab.views.drawing.style import DASHES, SMALL, TOKENS, in_the_dark, plainly, themed, variables
from tests.support import REPO

LIGHT, DARK = 0, 1
# Least contrasts on a panel: of text, of what is drawn, and of what is pale on purpose, because a word says it too.
TEXT, DRAWN, PALE = 4.5, 2.85, 1.7
ON_PANEL = {
    "ink": TEXT, "soft": TEXT, "event": TEXT, "request": TEXT, "well": TEXT, "wrong": TEXT,
    "line": DRAWN, "quiet": PALE,
}  # fmt: skip
ON = [  # text, its ground, least contrast
    ("off-ink", "off", 11.5), ("act-ink", "act", 9.5), ("board-ink", "board", 11), ("board-ink", "board-cell", 10),
    ("board-soft", "board", 7), ("board-wrong", "board", 7),
    *[("ink", f"{name}-tint", 9.4) for name in ("event", "request", "well", "wrong", "act")], ("soft", "hair", TEXT),
]  # fmt: skip
# What colour-blind people see (Machado, Oliveira and Fernandes 2009, full strength), in linear RGB.
BLIND = {
    "protanopia": ((0.152286, 1.052583, -0.204868), (0.114503, 0.786281, 0.099216), (-0.003882, -0.048116, 1.051998)),
    "deuteranopia": ((0.367322, 0.860646, -0.227968), (0.280085, 0.672501, 0.047413), (-0.01182, 0.04294, 0.968881)),
}
APART = {("well", "wrong"): 34, ("event", "request"): 24, ("event", "wrong"): 35, ("request", "wrong"): 20}


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize("name", ON_PANEL)
def test_each_colour_stands_out_from_a_panel_in_both_themes(name: str, theme: int) -> None:
    assert contrast(TOKENS[name][theme], TOKENS["surface"][theme]) >= ON_PANEL[name]


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize(("text", "ground", "least"), ON)
def test_texts_are_readable_on_their_grounds(text: str, ground: str, least: float, theme: int) -> None:
    assert contrast(TOKENS[text][theme], TOKENS[ground][theme]) >= least


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize("kind", BLIND)
def test_colour_blind_people_tell_the_meanings_apart(kind: str, theme: int) -> None:
    for (one, other), least in APART.items():
        seen = [_lab(_linear(TOKENS[name][theme]), kind) for name in (one, other)]
        assert sum((a - b) ** 2 for a, b in zip(*seen, strict=True)) ** 0.5 >= least, (one, other)


def test_a_still_picture_is_a_light_card_and_a_live_one_follows_the_page() -> None:
    picture = Picture(90, 40, "A box.", boxes=[Box(40, 20, 30, 20, "event-tint")], labels=[Label(40, 20, "box")])
    assert plainly("event-tint") in picture.svg()
    assert "var(" not in picture.svg()
    tint, ink = TOKENS["event-tint"], TOKENS["ink"]
    assert f'[fill="{tint.light}"]{{fill:{tint.dark}}}' in picture.svg(), "it has its dark colours with it"
    assert f'[fill="{ink.light}"]{{fill:{ink.dark}}}' in picture.svg()
    assert "[stroke=" in picture.svg()
    assert "<style>" not in picture.svg(live=True)
    assert 'fill="var(--event-tint)"' in picture.svg(live=True)
    assert themed("#123456") == plainly("#123456") == "#123456", "what is no token stays as it is"
    told = variables(".x")
    assert all(f"--{name}: {colour};" in told for name, token in TOKENS.items() for colour in token)


def test_a_still_picture_finds_the_dark_form_of_a_colour_by_its_light_one() -> None:
    assert len({token.light for token in TOKENS.values()}) == len(TOKENS), "two meanings with one light form"
    assert in_the_dark("no colour of ours: #123456") == ""


def test_no_letter_is_smaller_than_13_pixels_unless_somebody_asks_for_it() -> None:
    assert Label(1, 1, "a").size == SMALL == 13
    assert set(DASHES) == {"solid", "dash", "dot", "dashdot", "longdash"}


def contrast(one: str, other: str) -> float:
    """The contrast of two colours, 1 to 21, as WCAG 2.2 reckons it."""
    parts = (_linear(one), _linear(other))
    dark, light = sorted(0.2126 * r + 0.7152 * g + 0.0722 * b for r, g, b in parts)
    return (light + 0.05) / (dark + 0.05)


def _linear(colour: str) -> list[float]:
    parts = [int(colour[n : n + 2], 16) / 255 for n in (1, 3, 5)]
    return [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]


def _lab(rgb: list[float], kind: str) -> tuple[float, float, float]:
    """CIE L*a*b* (D65) of a colour as somebody of this kind sees it."""
    r, g, b = (min(1, max(0, sum(m * c for m, c in zip(row, rgb, strict=True)))) for row in BLIND[kind])
    xyz = (0.4124 * r + 0.3576 * g + 0.1805 * b) / 0.9505, 0.2126 * r + 0.7152 * g + 0.0722 * b
    x, y, z = (_root(part) for part in (*xyz, (0.0193 * r + 0.1192 * g + 0.9505 * b) / 1.089))
    return 116 * y - 16, 500 * (x - y), 200 * (y - z)


def _root(part: float) -> float:
    return part ** (1 / 3) if part > 216 / 24389 else (24389 / 27 * part + 16) / 116


@pytest.mark.parametrize("sheet", ["controls/knobs.css", "player/replay.css"])
def test_a_live_picture_is_made_smaller_on_paper_alone(sheet: str) -> None:
    rules = (REPO / "eventlab" / "views" / sheet).read_text("utf-8")
    fitting = [line for line in rules.splitlines() if ".picture svg" in line and "max-width" in line]
    assert len(fitting) == 1 and fitting[0].startswith("@media print")
