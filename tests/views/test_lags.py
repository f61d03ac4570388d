"""How far read models are behind, what we knew of when, how work grows: plain data first, then what pictures say."""

from __future__ import annotations

from itertools import pairwise

import pytest

from eventlab import Invalid, Stage
from eventlab.views import bitemporal, growth_chart, lags, read_model_lag, two_times
from eventlab.views.charts import growth
from eventlab.views.drawing.fitting import text_width
from eventlab.views.drawing.picture import Picture
from eventlab.views.drawing.style import SMALL
from eventlab.views.lags import Behind

SECOND = 10**9
OLD = Behind([0, 10 * SECOND, 20 * SECOND], [0, 2, 0], serves=(0, 10 * SECOND))
NEW = Behind(
    [0, 10 * SECOND, 20 * SECOND], [8, 4, 0], serves=(10 * SECOND, 20 * SECOND), wrong=[12 * SECOND, 13 * SECOND]
)

# Lags -----------------------------------------------------------------------------------------------------------------


def test_a_lane_says_how_far_behind_when_caught_up_and_how_often_wrong() -> None:
    plan = lags.layout({"old": OLD, "new": NEW})
    assert plan["words"] == [
        "old: up to 2 events behind", "new: up to 8 events behind, caught up at 00:00:20, 2 wrong answers",
    ]  # fmt: skip
    old, new = plan["lanes"]
    assert old["caught_up"] is None, "who never was behind at the begin catches up with nothing"
    assert new["caught_up"] == new["outline"][-1][0]


def test_all_lanes_have_one_scale_and_one_axis() -> None:
    old, new = lags.layout({"old": OLD, "new": NEW})["lanes"]
    heights = [lane["y"] - min(y for _, y in lane["outline"]) for lane in (old, new)]
    assert heights[0] * 4 == heights[1]
    assert old["serves"] and new["serves"] and old["serves"][1] == new["serves"][0]


def test_the_picture_says_all_of_it_in_signs_and_in_words() -> None:
    picture = read_model_lag({"old": OLD, "new": NEW}, title="A switch")
    assert picture.text.split("\n")[0] == "A switch." and "2 wrong answers" in picture.text
    assert {"✓ caught up", "most: 8 behind", "new"} <= {label.text for label in picture.labels}


@pytest.mark.parametrize(
    "models",
    [{}, {str(n): OLD for n in range(9)}, {"a": Behind([], [])}, {"a": Behind([0, 1], [1])},
     {"a": Behind([1, 0], [1, 1])}, {"a": Behind([0], [-1])}],
)  # fmt: skip
def test_what_is_no_lag_is_told_in_the_picture(models: dict[str, Behind]) -> None:
    with pytest.raises(Invalid):
        lags.layout(models)
    assert read_model_lag(models).text.startswith("No read models: ")


def test_a_read_model_that_was_never_behind_is_a_flat_line() -> None:
    assert "up to 0 events behind" in read_model_lag({"a": Behind([0, SECOND], [0, 0])}).text


# Two times ------------------------------------------------------------------------------------------------------------


def status(known: int, happened: int) -> str:
    """Noted at 3 s: departed at 2 s. Corrected at 6 s: it had been at 1 s."""
    departed = 1 if known >= 6 * SECOND else 2 if known >= 3 * SECOND else 99
    return "in the air" if happened >= departed * SECOND else "at the gate"


SECONDS = [n * SECOND for n in range(9)]


def test_neighbours_that_say_the_same_are_one_region_and_a_correction_is_a_step() -> None:
    plan = bitemporal.layout(status, SECONDS, SECONDS[:5], at=(7 * SECOND, SECOND))
    assert [region["value"] for region in plan["regions"]] == ["at the gate"] + ["at the gate", "in the air"] * 2
    corners = [region["y"][1] for region in plan["regions"] if region["value"] == "in the air"]
    assert corners[1] > corners[0], "the correction reaches further down: it was earlier in the air"
    assert plan["mark"] and plan["mark"][2] == "in the air"


def test_the_picture_of_two_times_says_each_column_in_words() -> None:
    text = two_times(status, known=SECONDS, happened=SECONDS[:5], at=(0, SECOND)).text
    assert "known at 00:00:03: at the gate from 00:00:00, in the air from 00:00:02" in text
    assert "known at 00:00:06: at the gate from 00:00:00, in the air from 00:00:01" in text
    assert text.endswith("marked, known 00:00:00, happened 00:00:01: at the gate")


@pytest.mark.parametrize("known", [[], [0], [1, 0], [0, 0], list(range(61))])
def test_times_that_do_not_ascend_are_told_in_the_picture(known: list[int]) -> None:
    with pytest.raises(Invalid):
        bitemporal.layout(status, known, SECONDS)
    assert two_times(status, known=known, happened=SECONDS).text.startswith("No two times: ")


def test_more_values_than_there_are_grounds_are_refused() -> None:
    assert "at most 5" in two_times(lambda known, happened: str(known), known=SECONDS, happened=[0, 1]).text


def test_both_axes_show_the_clocks_of_the_stage() -> None:
    plan = bitemporal.layout(status, SECONDS, SECONDS, stage=Stage(zone="America/New_York"))
    assert all(words.startswith(("18:", "19:")) for _, words in plan["across"] + plan["upwards"])


# Growth ---------------------------------------------------------------------------------------------------------------


def test_ten_times_the_events_ten_times_the_work_is_exponent_one() -> None:
    works = {"all": [2.0, 20.0, 200.0], "one": [3.0, 3.0, 3.0], "pairs": [1.0, 100.0, 10_000.0]}
    plan = growth.layout([10, 100, 1000], works)
    assert [round(work["exponent"], 9) for work in plan["works"]] == [1, 0, 2]
    text = growth_chart([10, 100, 1000], works, unit="ms").text
    assert text == "1,000 events. Pairs: 10,000 ms. all: exponent 1.0; one: exponent 0.0; pairs: exponent 2.0."


def test_names_at_the_same_height_do_not_cover_each_other() -> None:
    heights = sorted(work["y"] for work in growth.layout([1, 10], {name: [1, 5] for name in "abcdef"})["works"])
    assert min(b - a for a, b in pairwise(heights)) >= growth.APART


def test_what_is_not_shown_leaves_axes_and_lines_where_they_were() -> None:
    works = {"all": [2.0, 20.0], "one": [3.0, 3.0]}
    whole, part = growth.layout([10, 100], works), growth.layout([10, 100], works, shown=["one"])
    assert part["upwards"] == whole["upwards"]
    assert part["works"][0]["points"] == whole["works"][1]["points"] and part["works"][0]["style"] == 1


@pytest.mark.parametrize(
    ("sizes", "works"),
    [([1], {"a": [1]}), ([10, 1], {"a": [1, 1]}), ([1, 10], {}), ([1, 10], {"a": [1]}), ([1, 10], {"a": [0, 1]}),
     ([0, 10], {"a": [1, 1]}), ([1, 10], {"a": [1, 1e200]}), ([1, 10], {n: [1, 1] for n in "abcdefg"})],
)  # fmt: skip
def test_what_has_no_logarithm_is_told_in_the_picture(sizes: list[float], works: dict[str, list[float]]) -> None:
    with pytest.raises(Invalid):
        growth.layout(sizes, works)
    assert growth_chart(sizes, works).text.startswith("No growth: ")


@pytest.mark.parametrize(
    "picture", [read_model_lag({"new": NEW}), two_times(status, known=SECONDS, happened=SECONDS[:5])]
)
def test_the_last_tick_is_not_cut_off_at_the_edge(picture: Picture) -> None:
    ends = [label.x + text_width(label.text, SMALL) / 2 for label in picture.labels if not label.left]
    assert max(ends) <= picture.width
