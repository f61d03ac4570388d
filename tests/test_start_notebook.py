"""The first notebook says what its runs show, in few words, and begins with something to touch."""

from __future__ import annotations

import json
import re
from functools import cache
from typing import Any

import pytest

from eventlab.airports import ARCHITECTURES, Scenario, run
from eventlab.airports.flights import flights
from eventlab.errors import Invalid
from eventlab.times import Instant
from tests.support import REPO

NOTEBOOK = REPO / "notebooks" / "00-start-here.ipynb"
BOSTON = Scenario(flights=["9E3422-JFK-0208", "B61004-JFK-0208", "B61026-JFK-0208"], questions=1)


@cache
def cells() -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(NOTEBOOK.read_text("utf-8"))["cells"]
    return found


def sources(kind: str) -> list[str]:
    return ["".join(cell["source"]) for cell in cells() if cell["cell_type"] == kind]


def prose() -> str:
    return " ".join(" ".join(sources("markdown")).split())


def stored(words: str) -> str:
    """What the code cell that holds these words shows; nbval holds it to a real run."""
    (cell,) = [c for c in cells() if c["cell_type"] == "code" and words in "".join(c["source"])]
    (output,) = cell["outputs"]
    return "".join(output["data"]["text/markdown"])


def measured(words: str) -> dict[str, dict[str, float]]:
    """The table that a cell shows: by measure and architecture."""
    head, _, *rows = [[part.strip() for part in row.split("|")[1:-1]] for row in stored(words).split("\n")]
    return {
        row[0].replace("\u00a0", " "): {
            name: float(value.replace(",", "")) for name, value in zip(head[1:], row[1:], strict=True)
        }
        for row in rows
    }


def test_it_begins_with_the_control_room_after_five_sentences_at_most() -> None:
    first, second, *_ = cells()
    said = "".join(first["source"]).split("\n", 1)[1]
    assert said.count(". ") + said.count(".*") + said.count(".\n") + 1 <= 6  # one ends inside the bold words
    assert "control_room(" in "".join(second["source"])


def test_it_has_six_hundred_words_at_most_and_four_measures() -> None:
    assert len(" ".join(sources("markdown")).split()) <= 600
    assert len(measured("five = compare")) == len(measured("mine = compare")) == 4


def test_code_cells_are_short_enough_to_read() -> None:
    code = [source.split("\n") for source in sources("code")]
    assert max(map(len, code)) <= 10
    assert max(len(row) for rows in code for row in rows) <= 105  # wider cells scroll sideways in JupyterLab


def test_the_figures_in_the_prose_are_those_of_the_record() -> None:
    planned = flights("2013-02-08")
    assert f"all {len(planned)} flights" in prose()
    by_key = {flight.key: flight for flight in planned}
    cancelled, first, second = (by_key[key] for key in BOSTON.flights)
    assert f"{cancelled.passengers} people must hear" in prose()
    (news,) = [command for command in BOSTON.commands if command.type == "flight.cancel"]
    assert news.subject == cancelled.key
    assert BOSTON.at("07:32") <= news.time < BOSTON.at("07:33")
    assert first.planned_departure == BOSTON.at("09:21")
    assert f"09:21, with its {first.seats - first.passengers} free seats" in prose()
    assert f"The next one has only {second.seats - second.passengers}" in prose()


def test_without_a_fault_all_are_told_in_time_under_both_and_have_a_seat() -> None:
    for architecture in ("request-driven", "event-carried state transfer"):
        calm = run(BOSTON, architecture).metrics
        assert (calm["told late"], calm["never told"], calm["not rebooked"]) == (0, 0, 0)


def test_the_small_story_is_told_as_its_runs_show_it() -> None:
    asking, telling = stored("asking, telling = run"), stored("what_passengers_heard(telling")
    assert "| 09:32:" in asking and "moves 52 people" in asking and "no seat for 10 people" in asking
    assert "| 07:32:" in telling and "moves 62 people" in telling and "no seat" not in telling


def test_the_prose_of_the_comparison_says_what_its_table_shows() -> None:
    five = measured("five = compare")
    asks = ("request-driven", "event notification")
    others = [name for name in ARCHITECTURES if name not in asks]
    assert list(five["answered %"]) == list(ARCHITECTURES)
    assert len(set(five["told late"].values())) == 1 and five["told late"]["request-driven"] > 0
    assert all(five["answered %"][name] < 100 and five["out of date %"][name] == 0 for name in asks)
    assert all(five["answered %"][name] == 100 and five["out of date %"][name] > 0 for name in others)
    assert max(five["messages"], key=lambda name: five["messages"][name]) == "event notification"


def test_with_the_bus_down_it_is_the_other_way_round() -> None:
    late = measured("mine = compare")["told late"]
    assert late["request-driven"] == 0 < late["publish/subscribe"]


def test_what_is_imported_there_can_be_used_and_a_wrong_order_of_times_is_told_in_clock_times() -> None:
    names: dict[str, Any] = {}
    exec("\n".join(row for source in sources("code") for row in source.split("\n") if "import" in row), names)
    begin, end = BOSTON.at("09:30"), BOSTON.at("07:30")
    wrong = [
        names["Crash"]("boards", begin, end), names["Slow"]("boards", 20, begin, end),
        names["Partition"]("boards", begin, end), names["Flaky"](begin, end, loss=0.5),
        names["Crash"]("boards", BOSTON.at("2013-02-07 09:30")),
        names["CrashBefore"]("boards", "publish", Instant(10**9)),
    ]  # fmt: skip
    for fault in wrong:
        with pytest.raises(Invalid) as told:
            run(BOSTON.with_(faults=[fault]), "request-driven")
        assert re.search(r"\d:\d\d:\d\d", str(told.value)) and not re.search(r"\d{9}", str(told.value)), told.value
    assert "until=2013-02-08 07:30:00" in repr(wrong[0])
