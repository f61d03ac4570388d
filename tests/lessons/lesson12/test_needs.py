"""Choosing: every figure of the scoreboard is counted from a run, and a bar only ever strikes out."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eventlab.airports.scenario import ARCHITECTURES, run
from eventlab.errors import Invalid
from eventlab.lessons.lesson12 import needs
from eventlab.lessons.lesson12.needs import FAULTS, NEEDS, hours
from eventlab.lessons.lesson12.scoreboard import Scoreboard, limit, scoreboard

FIVE = list(ARCHITECTURES)
ALWAYS_ASK = {"request-driven", "event notification"}


@pytest.fixture(scope="module")
def board() -> Scoreboard:
    return scoreboard()


def test_cut_off_nobody_gets_both_an_answer_and_only_true_ones(board: Scoreboard) -> None:
    for who in FIVE:
        answered, wrong = board.values["answered while cut off %"][who], board.values["wrong while cut off %"][who]
        assert (answered, wrong) == (0, 0) if who in ALWAYS_ASK else answered == 100 and wrong > 0


def test_the_share_of_answers_is_that_of_the_questions_counted_one_by_one(board: Scoreboard) -> None:
    cut = run(hours("cut off"), "event-carried state transfer")
    begin, end = cut.scenario.at("15:00"), cut.scenario.at("15:45")
    asked = [command for command in cut.scenario.asked if begin <= command.time < end]
    replies = {r.message.causationid for r in cut.trace if r.message and r.kind == "received" and r.purpose == "reply"}
    sent = {r.message.id: r.at for r in cut.trace.of("sent") if r.message and r.where == "passengers"}
    inside = [id for id, at in sent.items() if begin <= at < end]
    assert len(inside) == len(asked) > 100
    share = 100 * sum(id in replies for id in inside) / len(inside)
    assert board.values["answered while cut off %"]["event-carried state transfer"] == share


def test_only_a_caller_who_waits_knows_that_it_is_done(board: Scoreboard) -> None:
    done = board.values["done when confirmed %"]
    assert done["request-driven"] == 100
    assert all(done[who] < 5 for who in FIVE if who != "request-driven")


def test_a_newcomer_hears_wherever_there_is_a_bus_and_understands_where_the_whole_story_is_told(
    board: Scoreboard,
) -> None:
    heard, understood = board.values["heard by a newcomer %"], board.values["understood by a newcomer %"]
    assert {who for who in FIVE if heard[who] == 100} == set(FIVE) - {"request-driven"}
    assert {who for who in FIVE if understood[who] == 100} == {"event-carried state transfer", "event sourcing"}
    assert all(understood[who] == 0 for who in ("request-driven", "publish/subscribe", "event notification"))


def test_only_stored_events_tell_the_past_and_they_take_more_room(board: Scoreboard) -> None:
    assert {who for who in FIVE if board.values["past told %"][who] == 100} == {"event sourcing"}
    kept = board.values["kept per flight"]
    assert min(kept, key=kept.__getitem__) == "request-driven", "which keeps no events anywhere"
    assert max(kept, key=kept.__getitem__) == "event sourcing"


def test_a_run_is_made_again_as_it_was(board: Scoreboard) -> None:
    for name in ("answered while cut off %", "past told %"):
        again = board.run(name, "event sourcing")
        assert NEEDS[name].measured(again) == board.values[name]["event sourcing"]
    assert again.trace.state(needs.NEWCOMER)


def test_no_pattern_is_best_in_everything_and_each_is_the_choice_for_some_needs(board: Scoreboard) -> None:
    for who in FIVE:
        assert any(who not in board.best(name) for name in NEEDS)
    wanted = [
        {"done when confirmed %": 99}, {"answered while cut off %": 99}, {"past told %": 99},
        {"wrong while cut off %": 0, "heard by a newcomer %": 99},
        {"understood by a newcomer %": 99, "services that wait": 0},
    ]  # fmt: skip
    assert {board.recommend(bars).fits[0] for bars in wanted} == set(FIVE)
    assert board.recommend({"answered while cut off %": 99, "wrong while cut off %": 0}).fits == ()


BARS = st.dictionaries(
    st.sampled_from(list(NEEDS)), st.floats(0, 130, allow_nan=False), min_size=1, max_size=5
)  # fmt: skip


@given(BARS)
def test_a_bar_only_ever_strikes_out(bars: dict[str, float]) -> None:
    board = scoreboard()
    advice = board.recommend(bars)
    assert set(advice.fits) | set(advice.misses) == set(FIVE)
    assert not set(advice.fits) & set(advice.misses)
    for who, missed in advice.misses.items():
        for name, value in missed.items():
            assert (value < bars[name]) if NEEDS[name].higher else (value > bars[name])
            assert who in board.recommend({name: bars[name]}).misses
    for name in bars:
        fewer = {other: bar for other, bar in bars.items() if other != name}
        assert set(advice.fits) <= set(board.recommend(fewer).fits)
    messages = [round(board.values["messages per change"][who], 1) for who in advice.fits]
    assert messages == sorted(messages)


def test_the_rows_name_the_run_and_the_words_name_what_is_missed(board: Scoreboard) -> None:
    rows = board.rows()
    assert [row["measure"] for row in rows] == list(NEEDS)
    assert all(row["run"] in FAULTS for row in rows)
    judged = {row["architecture"]: row for row in board.judged({"past told %": 99})}
    assert judged["event sourcing"]["meets every bar"] == "yes, first choice"
    assert "past told %: " in judged["request-driven"]["misses"]
    assert limit("p99 ms", 50) == "at most 50"


def test_unknown_names_and_bars_that_are_no_numbers_are_refused(board: Scoreboard) -> None:
    with pytest.raises(Invalid, match="unknown measure"):
        board.recommend({"speed": 3})
    with pytest.raises(Invalid, match="expected a number"):
        board.recommend({"p99 ms": "fast"})  # type: ignore[dict-item]
    with pytest.raises(Invalid, match="unknown measure"):
        board.run("speed", "event sourcing")
    with pytest.raises(Invalid, match="unknown architecture"):
        board.run("p99 ms", "events")
    with pytest.raises(Invalid, match="unknown fault"):
        hours("rain")
