"""The chart: values at their places, curves that are told apart, labels that hide nothing, and the same in words."""

from __future__ import annotations

from itertools import combinations, pairwise
from math import inf, nan
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eventlab.airports.stage import STAGE
from eventlab.errors import Invalid
from eventlab.views import chart
from eventlab.views.charts.chart import as_wide, beside
from eventlab.views.charts.curves import HEIGHT, LEFT, layout
from eventlab.views.drawing.axes import Axis, span, ticks
from eventlab.views.drawing.fitting import text_width
from eventlab.views.drawing.picture import Picture
from eventlab.views.drawing.shapes import marker
from eventlab.views.drawing.style import SERIES
from eventlab.views.drawing.wording import number
from tests.support.pictures import NASTY, assert_harmless, assert_readable

MINUTE = 60 * 10**9
THREE = 1360353600 * 10**9  # 15:00 in New York on the day of the storm
WAITS = {"one worker": [20, 60, 210, 1100], "two workers": [18, 40, 100, 500]}
FINITE = st.floats(-1e6, 1e6).filter(lambda value: value == 0 or abs(value) > 1e-3)


def curve(plan: dict[str, Any], name: str) -> dict[str, Any]:
    (found,) = [each for each in plan["curves"] if each["name"] == name]
    return dict(found)


# Axes -----------------------------------------------------------------------------------------------------------------


@given(st.lists(FINITE, min_size=1, max_size=9), st.booleans())
def test_every_value_has_its_place_on_the_axis_in_order(values: list[float], zero: bool) -> None:
    axis = span(values, 500, 100, zero=zero)
    for value in [*values, *([0.0] if zero else [])]:
        assert 100 <= axis.place(value) <= 500
    for low, high in pairwise(sorted(values)):
        assert axis.place(low) >= axis.place(high)


def test_values_that_hardly_differ_have_an_axis_too() -> None:
    for values in ([0.0, 5e-324], [0.0, -5e-324], [7.0, 7.0], [0.0, 1e-100]):
        axis = span(values, 500, 100, zero=True)
        assert all(100 <= axis.place(value) <= 500 for value in values)


@given(st.lists(st.floats(1e-6, 1e9), min_size=1, max_size=9))
def test_a_logarithm_gives_equal_room_to_equal_factors(values: list[float]) -> None:
    axis = span(values, 500, 100, log=True)
    assert all(100 <= axis.place(value) <= 500 for value in values)
    one, ten, hundred = (axis.place(axis.low * factor) for factor in (1, 10, 100))
    assert abs((one - ten) - (ten - hundred)) <= 0.2
    shown = ticks(axis)
    assert 1 <= len(shown) <= 9
    assert all(low < high for low, high in pairwise(shown))


@given(st.lists(FINITE, min_size=1, max_size=9))
def test_ticks_are_few_round_and_on_the_axis(values: list[float]) -> None:
    axis = span(values, 0, 100, zero=True)
    shown = ticks(axis, 6)
    assert 2 <= len(shown) <= 9
    assert 0 in shown
    assert all(axis.low - 1e-9 <= tick <= axis.high + 1e-9 for tick in shown)
    assert len({number(tick) for tick in shown}) == len(shown)


def test_instants_get_round_clock_times() -> None:
    axis = Axis(THREE + 7 * MINUTE, THREE + 127 * MINUTE, 0, 100, stage=STAGE)
    assert [axis.words(tick) for tick in ticks(axis)] == ["15:30", "16:00", "16:30", "17:00"]
    short = Axis(THREE, THREE + MINUTE // 2, 0, 100, stage=STAGE)
    assert len(ticks(short)) == 7
    whole_year = Axis(THREE, THREE + 365 * 1440 * MINUTE, 0, 100, stage=STAGE)
    assert 1 <= len(ticks(whole_year)) <= 7


@pytest.mark.parametrize(
    ("value", "words"),
    [(0, "0"), (1234.5, "1,234"), (0.05, "0.05"), (12.345, "12.3"), (nan, "no number"), (inf, "∞"),
     (-inf, "−∞"), (-2, "-2"), (25e6, "25 million"), (5e11, "500 bn")],
)  # fmt: skip
def test_numbers_have_as_many_digits_as_matter(value: float, words: str) -> None:
    assert number(value) == words


# Where things stand ---------------------------------------------------------------------------------------------------


def test_a_curve_goes_through_its_values() -> None:
    plan = layout([50, 80, 95, 99], WAITS)
    points = curve(plan, "one worker")["points"]
    assert [x for x, _ in points] == sorted(x for x, _ in points)
    down = {tick["at"]: tick["y"] for tick in plan["y_ticks"]}
    assert down[0] == HEIGHT
    assert points[0][1] == pytest.approx(HEIGHT * (1 - 20 / 1200), abs=0.1)
    assert [tick["rows"] for tick in plan["x_ticks"]] == [["50"], ["80"], ["95"], ["99"]]


def test_a_missing_value_is_a_gap_and_never_zero() -> None:
    gaps: list[float | None] = [5, None, 5, nan, inf, 7, 8]
    plan = layout(list(range(7)), {"waiting": gaps})
    assert [point is None for point in curve(plan, "waiting")["points"]] == [
        False,
        True,
        False,
        True,
        True,
        False,
        False,
    ]
    picture = chart("Gaps", x=list(range(7)), series={"waiting": gaps})
    runs = [line for line in picture.lines if line.words == "waiting"]
    assert [len(line.points) for line in runs] == [1, 1, 2]


def test_series_differ_in_dash_and_marker_and_no_colour_of_theirs_means_anything() -> None:
    assert len({(dash, mark) for _, dash, mark in SERIES}) == len({mark for _, _, mark in SERIES}) == len(SERIES)
    assert {colour for colour, _, _ in SERIES} <= {"ink", "soft", "line"}
    shapes = [tuple(marker(mark, 0, 0)) for _, _, mark in SERIES]
    assert len(set(shapes)) == len(SERIES)


@given(st.lists(st.lists(st.floats(0, 100), min_size=3, max_size=3), min_size=1, max_size=6))
def test_names_of_curves_never_hide_each_other_however_close_they_end(rows: list[list[float]]) -> None:
    plan = layout([1, 2, 3], {f"series {n}": row for n, row in enumerate(rows)})
    heights = sorted(each["label"][1] for each in plan["curves"])
    assert all(high - low >= 16.9 for low, high in pairwise(heights))
    assert heights[-1] <= HEIGHT
    if heights[-1] < HEIGHT:  # there was room below: the highest stays where its curve ends
        assert heights[0] == min(each["points"][-1][1] for each in plan["curves"])
    ends = [(each["points"][-1][1], each["label"][1]) for each in plan["curves"]]
    for one, other in combinations(ends, 2):  # and they keep the order of the curves
        assert one[0] == other[0] or (one[0] < other[0]) == (one[1] < other[1])


def test_bars_stand_on_zero_side_by_side_under_their_names() -> None:
    plan = layout(["a", "b"], {"one": [1.5, -2], "two": [0, 3]}, bars=True)
    down = {tick["at"]: tick["y"] for tick in plan["y_ticks"]}
    first, second = curve(plan, "one")["bars"][0], curve(plan, "two")["bars"][0]
    assert first["foot"] == second["foot"] == down[0]
    assert first["x"] + first["wide"] / 2 < second["x"] - second["wide"] / 2
    assert first["x"] < plan["x_ticks"][0]["x"] < second["x"]
    assert curve(plan, "one")["bars"][1]["top"] > down[0] > curve(plan, "two")["bars"][1]["top"]


def test_shaded_spans_stand_at_their_times_and_their_words_do_not_meet() -> None:
    spans = [("operations down", THREE, THREE + 45 * MINUTE), ("boards slow", THREE + 10 * MINUTE, THREE + 20 * MINUTE),
             ("gates down", THREE + 110 * MINUTE, THREE + 120 * MINUTE)]  # fmt: skip
    plan = layout([THREE + n * MINUTE for n in range(121)], {"backlog": list(range(121))}, spans=spans, stage=STAGE)
    assert [shade["level"] for shade in plan["spans"]] == [0, 1, 0]
    first = plan["spans"][0]
    assert (first["x1"], plan["levels"]) == (LEFT, 2)
    third = (curve(plan, "backlog")["points"][45][0], curve(plan, "backlog")["points"][0][0])
    assert (first["x2"], first["x1"]) == pytest.approx(third, abs=0.2)
    for one, other in combinations(plan["spans"], 2):
        apart = (
            one["left"] + text_width(one["words"], 11) < other["left"]
            or other["left"] + text_width(other["words"], 11) < one["left"]
        )
        assert one["level"] != other["level"] or apart


CHARTS: dict[str, dict[str, Any]] = {
    "few": {"x": [50, 80, 95, 99], "series": WAITS, "log": True},
    "many": {"x": list(range(1000)), "series": {f"series {n}": [n * k for k in range(1000)] for n in range(6)}},
    "clock": {"x": [THREE + n * MINUTE for n in range(500)], "series": {"a": [1] * 500},
              "spans": [("down", THREE, THREE + MINUTE)]},
    "names": {"x": ["request-driven", "event-carried state transfer"] * 3, "series": WAITS | {"x": [None] * 6},
              "bars": True},
    "long names": {"x": [1, 2], "series": {"a very long name of a series " * 4: [1, 2]}},
    "one": {"x": [7], "series": {"a": [0]}},
    "large": {"x": [1, 2], "series": {"a": [1e12, 2e12]}},
}  # fmt: skip
CHARTS["names"]["series"] = {name: ([*row, 3, 4])[:6] for name, row in CHARTS["names"]["series"].items()}


@pytest.mark.parametrize("name", CHARTS)
def test_no_label_hides_another_and_all_are_inside(name: str) -> None:
    assert_readable(chart("A title", x_title="minutes", y_title="messages", **CHARTS[name]))


# What it says ---------------------------------------------------------------------------------------------------------


def test_the_text_says_the_conclusion_and_the_values() -> None:
    picture = chart("Waiting", x=[50, 99], series={"one worker": [20, 1100]}, text="It grows.")
    assert picture.text == "Waiting. It grows.\none worker: 50: 20, 99: 1,100"
    assert "lowest 20 at 50, highest 1,100 at 99" in chart("W", x=[50, 99], series={"a": [20, 1100]}).text
    assert "a: always 3." in chart("W", x=[1, 2], series={"a": [3, 3]}).text
    down = chart("W", x=[1, 2], series={"a": [3, 3]}, spans=[("operations down", 1, 2)])
    assert "Shaded: operations down." in down.text


def test_axis_titles_name_what_is_shown_with_its_unit() -> None:
    texts = [
        label.text for label in chart("W", x=[1], series={"a": [3]}, x_title="load (%)", y_title="wait (ms)").labels
    ]
    assert "load (%) →" in texts and "↑ wait (ms)" in texts


@pytest.mark.parametrize(
    ("given_", "words"),
    [
        ({"x": [], "series": {"a": []}}, "at least one x and one series"),
        ({"x": [1], "series": {}}, "at least one x and one series"),
        ({"x": [1, 2], "series": {"a": [1]}}, "series a in chart: expected 2 values, as many as x, found 1"),
        ({"x": [2, 1], "series": {"a": [1, 2]}}, "ascending numbers"),
        ({"x": [1, 2], "series": {"a": [None, nan]}}, "at least one finite number"),
        ({"x": [1, 2], "series": {"a": [0, 1]}, "log": True}, "numbers above 0 for a logarithm, found 0.0"),
        ({"x": [1], "series": {str(n): [1] for n in range(7)}}, "at most 6 series"),
        ({"x": [1], "series": {"a": [1]}, "spans": [("s", 2, 1)]}, "(words, from, to) in this order"),
    ],
)
def test_what_cannot_be_drawn_is_said_in_the_charts_place(given_: dict[str, Any], words: str) -> None:
    picture = chart("A title", **given_)
    assert isinstance(picture, Picture)
    assert picture.text.startswith("A title: ")
    assert words in picture.text
    with pytest.raises(Invalid):
        layout(**given_)


def test_hostile_names_stay_text() -> None:
    series = {NASTY: [1, 2], "b": [2, 3]}
    assert_harmless(
        chart(NASTY, x=[1, 2], series=series, x_title=NASTY, y_title=NASTY, text=NASTY, spans=[(NASTY, 1, 2)])
    )
    assert_harmless(chart("t", x=[NASTY], series={NASTY: [1], "b": [2]}, bars=True))


# As wide as the page -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("width", [480, 566, 700, 1200])
def test_a_chart_is_laid_out_anew_for_any_width_and_nothing_is_lost_or_cut(width: int) -> None:
    title = "Waiting grows long before the limit is reached, and the boards are the first to notice"
    asked: dict[str, Any] = {"x": [50, 80, 95, 99], "x_title": "load (%)", "y_title": "ms", "text": "It is long. " * 9}
    drawn = beside(
        chart(title, series=WAITS, spans=[("the boards are slow", 80, 95)], **asked),
        chart(title, series={name: [2 * wait for wait in waits] for name, waits in WAITS.items()}, **asked),
    )
    wide = as_wide(drawn, width)
    assert wide.width == width and wide.text == drawn.text
    assert_readable(wide)
    assert all(
        label.x + text_width(label.text, label.size, bold=label.bold) <= width for label in wide.labels if label.left
    )
    said = " ".join(label.text for label in wide.labels).replace(" … …", "")
    assert all(words in said for words in (title, "before", *WAITS))
    assert as_wide(wide, drawn.width) == drawn
