"""Colours, dashes and sizes of all pictures: every colour is written here alone and means one thing.

The ground is always light, so that one set of colours has enough contrast in every theme. The strong ones are those of
Okabe and Ito, which colour-blind people can tell apart. No colour stands alone: a dash, a sign or a word says the same.
"""

from __future__ import annotations

FONT = "Arial, Helvetica, sans-serif"
DASHES = {"solid": "", "dash": "9 5", "dot": "2 4", "dashdot": "9 4 2 4", "longdash": "16 5"}
WIDTH = 830  # of a picture beside JupyterLab's list of files
CLEAR = "rgba(0,0,0,0)"

# Paper, ink, and rules
GROUND, INK, GREY = "#ffffff", "#1a1a1a", "#555555"
RULE, GRID, BAND = "#b0b0b0", "#d4d4d4", "#f2f2f2"
BLUE, VERMILION, GREEN = "#0072B2", "#D55E00", "#009E73"

# What a line is
EVENT, REQUEST, STORED, COMMAND, PEOPLE, RECEIPT = BLUE, VERMILION, GREEN, "#000000", GREY, "#8a8a8a"

# What a ground says
WRONG = "#F0E442"  # this went wrong
MARKED = "#ffe2cc"  # this is not so, or has just changed
NEW = "#e3f1fa"  # this is new
SERVICE, BUS, STORE = "#eeeeee", "#d6eaf5", "#d3efe4"
DOWN, CUT_OFF, SLOW = "#ffd2ad", "#cccccc", "#f6ee9c"
NOTED = "#dddddd"  # something happened here, of which nothing follows

# Measures: best, worst and between; what waits, and how long the oldest has waited, each with a paler ground
BEST, BETWEEN, WORST = BLUE, "#bdbdbd", "#F5C9A6"
WAITING, OLDEST, WAITING_GROUND, OLDEST_GROUND = BLUE, VERMILION, "#cfe3f1", "#f9ded0"

# Series of a chart: colour, dash and marker; the light colours darkened until they stand out from white
SERIES = [
    (BLUE, "solid", "circle"),
    (VERMILION, "dash", "square"),
    ("#00815E", "dashdot", "triangle"),
    (INK, "dot", "diamond"),
    ("#A8548A", "longdash", "cross"),
    ("#8A6D00", "solid", "tip"),
]
SHADES = [(MARKED, VERMILION), ("#e6e6e6", GREY), (NEW, BLUE)]  # of spans in a chart: ground and border
