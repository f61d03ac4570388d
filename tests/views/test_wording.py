"""Numbers, lists and times in words: each form stands once, with correct plurals."""

from __future__ import annotations

from math import inf, nan

import pytest

from eventlab.stage import Stage
from eventlab.views.drawing.fitting import cut, fit, text_width
from eventlab.views.drawing.wording import counted, duration, listed, number, one, ordinal, period, sentence_case, times

MINUTE = 60 * 10**9


def test_a_number_agrees_with_its_noun() -> None:
    assert [counted(n, "service") for n in (0, 1, 2, 1_200)] == [
        "0 services",
        "1 service",
        "2 services",
        "1,200 services",
    ]
    assert [counted(n, "copy", "copies") for n in (1, 2)] == ["1 copy", "2 copies"]
    assert [times(n) for n in (0, 1, 2, 3)] == ["0 times", "once", "twice", "3 times"]
    assert [ordinal(n) for n in (1, 2, 3, 4, 11, 12, 13, 21, 112)] == [
        "1st", "2nd", "3rd", "4th", "11th", "12th", "13th", "21st", "112th",
    ]  # fmt: skip
    assert (one("flight"), one("order")) == ("a flight", "an order")


def test_names_are_listed_as_a_sentence_lists_them() -> None:
    assert [listed(list(names)) for names in ("", "a", "ab", "abc")] == ["", "a", "a and b", "a, b and c"]
    assert [listed(list("abcd"), most) for most in (4, 2)] == ["a, b, c and d", "a, b and 2 more"]


@pytest.mark.parametrize(
    ("value", "words"),
    [(0.0, "0"), (12.345, "12.3"), (0.0421, "0.0421"), (1_234.5, "1,234"), (nan, "no number"), (-inf, "−∞")],
)
def test_a_value_has_as_many_digits_as_people_compare(value: float, words: str) -> None:
    assert number(value) == words


def test_durations_have_the_unit_that_fits() -> None:
    found = [duration(n) for n in (5_000_000, 128_000_000, 1_250_000_000, 3 * MINUTE, 125 * MINUTE, 120 * MINUTE)]
    assert found == ["5 ms", "128 ms", "1.25 s", "3 min", "2 h 05", "2 h"]


def test_a_period_has_seconds_only_where_minutes_do_not_tell_its_ends_apart() -> None:
    begin, paris = 1_360_321_203 * 10**9, Stage(zone="Europe/Paris")
    assert period(begin, begin + 5 * 10**9, paris) == "12:00:03–12:00:08"
    assert period(begin, begin + 15 * MINUTE, paris) == "12:00–12:15"
    assert period(5 * 10**9, 9 * 10**9, Stage()) == "00:00:05–00:00:09"


def test_a_sentence_begins_with_a_capital_and_the_rest_stays() -> None:
    assert sentence_case("the bus of JFK") == "The bus of JFK"


@pytest.mark.parametrize("bold", [False, True])
def test_a_text_that_is_cut_to_fit_does_fit_and_shows_that_it_is_cut(bold: bool) -> None:
    text = "Wherever MANY wide letters, and ✕ and → and …, stand: illi, fiji!"
    for room in range(0, 420, 7):
        shown = fit(text, room, 12, bold=bold)
        assert text_width(shown, 12, bold=bold) <= room or shown == ""
        assert shown == text or shown == "" or shown.endswith("…")
    assert fit("no \x1b steering", 400, 12) == "no \ufffd steering"
    assert (cut("abcdef", 6), cut("abcdef", 4)) == ("abcdef", "abc…")
