"""Colours, type and sizes of all pictures: every colour is written here alone and means one thing.

A picture names its colours by what they mean. Where it is live, the names become variables of the page and follow its
theme; a still picture is a light card that knows its dark colours too, for pages that say that they are dark. No
colour stands alone: a dash, a sign or a word says the same.
"""

from __future__ import annotations

from typing import NamedTuple

DASHES = {"solid": "", "dash": "9 5", "dot": "0.5 5", "dashdot": "9 4 2 4", "longdash": "16 5"}
WIDTH = 830  # of a picture beside JupyterLab's list of files; a narrower page moves it (of charts, see `as_wide`)
CLEAR = "rgba(0,0,0,0)"

# Type, in pixels: labels, times and axes (the smallest that there is); names of services; the finding
SMALL, NAME, FINDING = 13, 15, 18
HEAVY = 650  # the weight of names, findings and wrong numbers; fonts without it take 700
CORNER, BUTTON = 12, 8  # of a card; of a service's box

# Paper, ink, and rules
GROUND, PAPER, INK, GREY = "surface", "paper", "ink", "soft"
RULE, GRID, BAND, QUIET = "line", "hair", "hair", "quiet"

# What a line is
EVENT, REQUEST, STORED, COMMAND, PEOPLE, RECEIPT = "event", "request", "event", "ink", "soft", "line"

# What happened to somebody or something
WRONG, WELL, ACT = "wrong", "well", "act"
WRONG_GROUND, WELL_GROUND, ACT_GROUND = "wrong-tint", "well-tint", "act-tint"
EVENT_GROUND, REQUEST_GROUND = "event-tint", "request-tint"
CHANGED, NEW = "hair", "event-tint"  # grounds: this has just changed; this event is new
OFF, OFF_INK = "off", "off-ink"  # a service that is stopped, and the text on it
NOTED = "quiet"  # something happened here, of which nothing follows

# Departure boards, which are dark in both themes
BOARD, BOARD_CELL, BOARD_SEAM = "board", "board-cell", "board-seam"
BOARD_INK, BOARD_SOFT, BOARD_WRONG = "board-ink", "board-soft", "board-wrong"
MONO_WIDTH = 0.602  # of a letter of one width, as a share of its size

# Measures: best, worst and between; what waits, and how long the oldest has waited, each with a paler ground
BEST, BETWEEN, WORST = "ink", "quiet", "surface"
WAITING, OLDEST, WAITING_GROUND, OLDEST_GROUND = "event", "ink", "event-tint", "hair"

# Series of a chart are no meanings: ink, told apart by dash, marker and the name at their end
SERIES = [
    ("ink", "solid", "circle"),
    ("ink", "dash", "square"),
    ("soft", "dashdot", "triangle"),
    ("soft", "dot", "diamond"),
    ("line", "longdash", "cross"),
    ("line", "solid", "tip"),
]
GHOST = ("quiet", "solid", "")  # the curve as it was
SHADES = [("act-tint", "act"), ("hair", "line"), ("event-tint", "event")]  # of spans in a chart: ground and border


class Token(NamedTuple):
    """A colour by its meaning, for the light and for the dark theme."""

    light: str
    dark: str


# Tokens: one colour, one meaning. A tint is a ground under ink text.
TOKENS = {
    "paper": Token("#FFFFFF", "#0F1216"),  # the page
    "surface": Token("#F4F5F7", "#191D23"),  # a panel
    "ink": Token("#15191E", "#ECEFF3"),  # text, the moment shown, focus, people who have not heard yet
    "soft": Token("#525B66", "#A7B0BB"),  # second text, what people say
    "line": Token("#8A939E", "#6B7580"),  # outlines, people with nothing to hear
    "quiet": Token("#B4BBC4", "#5A636E"),  # idle, unused, free
    "hair": Token("#D9DDE2", "#2E353D"),  # grid and separators
    "event": Token("#0A6CC0", "#58A9FA"),  # events in flight, kept and stored; the bus
    "event-tint": Token("#D6E7F8", "#173A5C"),
    "request": Token("#741B6E", "#F5BFEA"),  # requests, their answers, and the waiting for them
    "request-tint": Token("#F1DFF0", "#4A2447"),
    "well": Token("#007A68", "#4CCFB5"),  # told in time, knows, has a seat, caught up
    "well-tint": Token("#CFEBE5", "#0F4238"),
    "wrong": Token("#C43C00", "#FF8455"),  # wrong, lost, refused, late, without a seat
    "wrong-tint": Token("#FCE2D7", "#55240F"),
    "act": Token("#F2B705", "#FFD24A"),  # what the learner did
    "act-tint": Token("#FFF0C2", "#4A3B08"),
    "act-ink": Token("#14191E", "#14191E"),  # each light form stands once: by it a still picture finds its dark one
    "off": Token("#2B3138", "#050607"),  # a service that is stopped
    "off-ink": Token("#F1F3F5", "#ECEFF3"),
    "board": Token("#14181D", "#08090B"),  # departure boards are dark in both themes
    "board-cell": Token("#2B323A", "#262C33"),
    "board-seam": Token("#000000", "#000000"),
    "board-ink": Token("#F6ECD0", "#F6ECD0"),
    "board-soft": Token("#A3ADB8", "#A3ADB8"),
    "board-wrong": Token("#FF9466", "#FF9466"),
}
SANS = '-apple-system, BlinkMacSystemFont, "Segoe UI", Roboto, "Helvetica Neue", Arial, system-ui, sans-serif'
MONO = 'ui-monospace, "SF Mono", Menlo, Consolas, "Liberation Mono", monospace'

# Which theme: what the reader chose in a page of ours, else JupyterLab's, else VS Code's, else the system's.
_UNTOLD = "body:not([data-jp-theme-light], [data-vscode-theme-kind])"
_TOLD = (
    'body[data-jp-theme-light="false"]',
    'body[data-vscode-theme-kind="vscode-dark"]',
    'body[data-vscode-theme-kind="vscode-high-contrast"]',
)


def variables(selector: str) -> str:
    """CSS that gives the elements of `selector` every token as a variable (`--paper`, `--event-tint` …), by theme."""
    light, dark = (_rule([f"--{name}: {token[which]};" for name, token in TOKENS.items()], which) for which in (0, 1))
    told = ", ".join(f'{body} {selector}:not([data-theme="light"])' for body in _TOLD)
    return (
        f"{selector} {{ --sans: {SANS}; --mono: {MONO};{light} }}\n"
        f'{told}, {selector}[data-theme="dark"] {{{dark} }}\n'
        f"@media (prefers-color-scheme: dark) {{\n"
        f'  {_UNTOLD} {selector}:not([data-theme="light"]) {{{dark} }}\n}}\n'
    )


def _rule(lines: list[str], dark: int) -> str:
    return "".join(f"\n  {line}" for line in (f"color-scheme: {('light', 'dark')[dark]};", *lines)) + "\n"


def plainly(colour: str) -> str:
    """A colour as a still picture writes it: a token in its light form, anything else as it is."""
    return TOKENS[colour].light if colour in TOKENS else colour


def in_the_dark(drawing: str) -> str:
    """CSS that gives a drawing written `plainly` its dark colours where the page around it is dark."""
    rules = [
        f'[{where}="{light}"]{{{where}:{dark}}}'
        for light, dark in TOKENS.values()
        for where in ("fill", "stroke")
        if light != dark and f'{where}="{light}"' in drawing
    ]
    return f"@media (prefers-color-scheme: dark){{{''.join(rules)}}}" if rules else ""


def themed(colour: str) -> str:
    """A colour as a live picture writes it: a token as the variable of its page."""
    return f"var(--{colour})" if colour in TOKENS else colour
