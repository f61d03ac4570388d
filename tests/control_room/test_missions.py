"""Missions: each can be won, a near miss does not win, and nothing is won by doing nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from eventlab.control_room import missions as module
from eventlab.control_room.missions import as_plain, fitting, missions
from eventlab.control_room.session import Session
from eventlab.errors import Invalid
from eventlab.lessons.judging import progress
from tests.control_room.solutions import BOSTON, HOUR, NEAR_MISSES, SOLUTIONS, play, room, stop

BOSTON_ONES = [each.id for each in missions().values() if each.flights == "few"]


def test_there_are_missions_from_easy_to_hard_with_a_solution_and_a_near_miss_for_each() -> None:
    assert len(missions()) >= 12
    levels = [each.level for each in missions().values()]
    assert levels == sorted(levels) and levels[0] == 1 and levels[-1] == 5
    assert set(SOLUTIONS) == set(NEAR_MISSES) == set(missions())
    for each in missions().values():
        assert each.text.endswith(".") and "\n" not in each.text and each.goal > 0
        assert len(each.hints) >= 2 and each.explains


@pytest.mark.parametrize("mission", missions())
def test_a_mission_can_be_won(mission: str) -> None:
    told = play(mission, *SOLUTIONS[mission])
    assert told["won"] and told["value"] >= told["goal"] and told["text"] == missions()[mission].explains


@pytest.mark.parametrize("mission", missions())
def test_a_near_miss_does_not_win(mission: str) -> None:
    assert not play(mission, *NEAR_MISSES[mission])["won"]


@pytest.mark.parametrize("mission", BOSTON_ONES)
def test_doing_nothing_wins_nothing(mission: str) -> None:
    assert not play(mission)["won"]


def test_what_is_solved_is_kept_with_the_progress(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EVENTLAB_PROGRESS", str(tmp_path / "progress.json"))
    progress.reset()
    assert not any(each["solved"] for each in as_plain(list(missions().values())))
    play("late", *SOLUTIONS["late"])
    assert "control room late" in progress.read().solved
    offered = Session(BOSTON, ["request-driven"]).setting["missions"]
    assert [each["id"] for each in offered if each["solved"]] == ["late"]


def test_a_mission_is_judged_where_the_clock_stands_and_not_ahead_of_it() -> None:
    page = room("late")
    page.say("act", verb="stop", target="boards", at=60_000.0)
    page.say("mission", id="late")
    page.play(600_000, ahead=10_000_000)
    said = [message for message in page.heard if message["kind"] == "mission"]
    assert said[-1]["value"] == 0 and not said[-1]["won"]
    page.play(780_000)
    assert [message for message in page.heard if message["kind"] == "mission"][-1]["won"]


def test_hints_come_one_after_the_other_and_begin_again() -> None:
    page = room("late")
    number = len(missions()["late"].hints)
    hints = [page.say("hint", id="late")[0] for _ in range(number + 1)]
    assert [hint["n"] for hint in hints] == [*range(1, number + 1), 1] and hints[0]["of"] == number
    assert "unknown mission" in page.say("hint", id="no such")[0]["text"]
    assert "unknown mission" in page.say("mission", id=7)[0]["text"]


def test_a_room_offers_the_missions_that_can_be_won_in_it() -> None:
    assert {each.id for each in fitting(["request-driven"], 3)} == {"late", "unmissed"}
    assert {each.id for each in fitting(["request-driven"], 60)} == {"hundred", "avalanche"}
    assert [each["id"] for each in Session(HOUR, ["event sourcing"]).setting["missions"]] == []


def test_a_file_of_missions_that_does_not_fit_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = module.FILE.read_text("utf-8")
    monkeypatch.setattr(module, "FILE", tmp_path / "missions.toml")
    for text in ("[late]\nlevel = 1\n", whole.replace("[keep]", "[kept]")):
        module.FILE.write_text(text, "utf-8")
        missions.cache_clear()
        with pytest.raises(Invalid, match="mission"):
            missions()
    missions.cache_clear()


def test_two_stops_are_not_one_act() -> None:
    told = play("late", stop("boards", "07:30", "07:45"), stop("gates", "07:30", "07:45"))
    assert not told["won"] and "one act" in told["text"]


def test_a_stop_after_the_news_is_no_stop_that_nobody_misses() -> None:
    told = play("unnoticed", stop("baggage", "09:40", "10:40"))
    assert not told["won"] and "for an hour" in told["text"]
