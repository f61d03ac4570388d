"""What lesson 12 says of the parts that every pattern needs is what the other lessons measured."""

from __future__ import annotations

import json
import math
import re
from pathlib import Path

import pytest

from eventlab import NoReply, Unavailable
from eventlab.errors import Invalid
from eventlab.lessons.lesson12.own_boards import beside
from eventlab.lessons.lesson12.parts import BARS, PARTS, judged

NOTEBOOKS = Path(__file__).parents[3] / "notebooks"
# Where the figure stands in what the lesson's notebook shows: by need and option.
SHOWN = {
    ("answered again after an outage", "no time-out"): r"^none +100% +8% +5% +0%",
    ("answered again after an outage", "time-out"): r"^time-out +100% +1% +1% +100%",
    ("answered again after an outage", "time-out and retries"): r"^retries +100% +1% +1% +0%",
    ("answered again after an outage", "retries with a budget"): r"^\+ budget +100% +1% +1% +100%",
    ("wishes lost in an outage", "ask, with a bulkhead"): r"^asked, with a bulkhead +1345 +548 ",
    ("wishes lost in an outage", "leave it in a queue"): r"^left in a queue +1345 +0 ",
    ("people with too little or too much", "acknowledge, then work"): r"^team A +50714 +214 +0 ",
    ("people with too little or too much", "work, then acknowledge"): r"^team B +50714 +0 +598 ",
    ("people with too little or too much", "inbox, outbox"): r"^with an outbox +50714 +0 +0 +0 +0",
    ("a process of several services ends", "nobody leads"): r"^hotels stops for good +stuck \(hotel\), 67 s +no end",
    ("a process of several services ends", "a saga leads"): r"^hotels stops for good +stuck \(hotel\), 67 s",
    ("old and new programs at once", "own version only"): r"^own version only +3 +24 ",
    ("old and new programs at once", "tolerant reader"): r"^tolerant reader +9 +18 ",
    ("old and new programs at once", "upcasters"): r"^upcasters +14 +13 ",
    ("old and new programs at once", "upcasters and downcasters"): r"^upcasters and downcasters +27 +0 ",
    ("wrong while a view is replaced", "switch at once"): r"^29 of 469 answers wrong",
    ("wrong while a view is replaced", "switch when it has caught up"): r"^0 of 469 answers wrong",
    ("a question about the whole year", "event by event"): r"^1,228,797 .* 7\.79 s +0\.12 s",
    ("a question about the whole year", "an archive by column"): r"^1,228,797 .* 7\.79 s +0\.12 s",
    ("appends refused to two writers", "one stream for all"): r"^one for all +75 +100%$",
    ("appends refused to two writers", "one for each airport"): r"^one for each airport +41 +41%$",
    ("appends refused to two writers", "one for each flight"): r"^one for each flight +0 +28%$",
}


def shown_in(lesson: str) -> str:
    (path,) = NOTEBOOKS.glob(f"{lesson}-*.ipynb")
    outputs = [each for cell in json.loads(path.read_text("utf-8"))["cells"] for each in cell.get("outputs", [])]
    return "\n".join("".join(each.get("data", {}).get("text/plain", each.get("text", ""))) for each in outputs)


@pytest.mark.parametrize("need", PARTS)
def test_each_figure_stands_in_the_notebook_of_its_lesson(need: str) -> None:
    said = shown_in(PARTS[need].lesson)
    for option, figure in PARTS[need].options.items():
        row = SHOWN[need, option]
        assert re.search(row, said, re.MULTILINE), f"{need}: {option}"
        assert (f"{figure:g}" if math.isfinite(figure) else "no end") in row.replace("\\", "")


def test_the_first_that_meets_the_bar_is_taken_and_the_others_are_told_with_their_figures() -> None:
    rows = {row["need"]: row for row in judged(BARS)}
    assert set(rows) == set(PARTS) and {row["lesson"] for row in rows.values()} == {"02", "04", "05", "08", "10", "11"}
    assert rows["old and new programs at once"]["take"] == "upcasters and downcasters"
    assert "nobody leads: no end" in rows["a process of several services ends"]["misses it"]
    (less,) = judged({"old and new programs at once": 14})
    assert less["take"] == "upcasters"
    (more,) = judged({"old and new programs at once": 28})
    assert more["take"] == "none: the bar must give"


def test_a_need_that_is_unknown_and_a_bar_that_is_no_number_are_told() -> None:
    with pytest.raises(Invalid, match="old and new programs at once"):
        judged({"old and new programs": 1})
    with pytest.raises(Invalid, match="a number"):
        judged({"old and new programs at once": "27"})  # type: ignore[dict-item]


def test_boards_that_ask_first_and_else_say_what_they_heard_have_neither_truth_nor_speed_for_nothing() -> None:
    async def describe(boards: object, command: object) -> object:
        try:
            return await boards.request("operations", command, timeout=0.2)  # type: ignore[attr-defined]
        except (NoReply, Unavailable):
            return boards.state[command.data["flight"]]  # type: ignore[attr-defined]

    asks, copies, mine = beside(describe)  # type: ignore[arg-type]
    assert (mine["answered while cut off %"], mine["wrong while cut off %"]) == ("100", copies["wrong while cut off %"])
    assert asks["answered while cut off %"] == "0"
    assert float(copies["p99 ms"]) < float(mine["p99 ms"]) < float(asks["p99 ms"])
