"""The departure boards as people see them, a row for each departure, and what is wrong on them.

`layout` chooses the rows and compares them with the truth (plain data), `departure_boards` draws them, `moving` lets
them change. Which service has boards, and for which places, says the stage of the trace.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from eventlab.door import door
from eventlab.errors import Invalid
from eventlab.stage import Board
from eventlab.trace import Trace
from eventlab.views.boards_drawn import Drawn, draw
from eventlab.views.boards_rows import (
    NOTHING,
    Boards,
    Departures,
    PlaceRows,
    Truth,
    check,
    how_often,
    in_order,
    learn,
    listed,
    place_of,
    planned,
    stopped_since,
)  # fmt: skip
from eventlab.views.drawing.picture import Picture, message
from eventlab.views.motion.choice import chosen, spelt_out
from eventlab.views.motion.film import film
from eventlab.views.motion.steps import View, checked, moment

WHERE = "boards"
ROWS = 8  # rows a place
EARLIER = 30 * 60 * 10**9  # a board begins with what was to leave half an hour ago


@dataclass(frozen=True)
class Shown:
    """The boards of some `places` (their codes; default: all), at most so many `rows` each, or these `subjects` alone.

    `truth` is what was known of each subject since when: (since, status, expected departure). With it, the boards are
    judged.
    """

    subjects: Sequence[str] = ()
    rows: int = ROWS
    truth: Truth | None = None
    places: Sequence[str] = ()


@spelt_out(Shown)
@door
def layout(trace: Trace, at: int | None = None, *, when: int | None = None, **choice: Any) -> Departures:
    """The rows of each place after the record with index `at`, or at the instant `when`, as plain data.

    What is chosen says `Shown`; by default the rows around that time. What cannot be shown raises `Invalid`.
    """
    index, now = moment(trace, at, when, WHERE)
    stage, board = trace.stage, _board(trace)
    picked = _shown(trace, board, choice)
    true = NOTHING if picked.truth is None else picked.truth
    known: dict[str, Any] = {}
    learn(known, trace.of("changed", end=index + 1), board.service)
    there = listed(known, true, now, picked.places)
    if not there:
        raise Invalid("boards", where=board.service, expected="at least one row on the boards", found="none yet")
    check(picked.subjects, known, true, stage)
    places: dict[str, list[str]] = {}
    for place in picked.places:
        order = in_order((each for each in there if place_of(each, picked.places) == place), known, true)
        first = next((n for n, each in enumerate(order) if planned(each, known, true) >= now - EARLIER), len(order))
        first = max(0, min(first, len(order) - picked.rows))
        wanted = [each for each in order if each in picked.subjects]
        places[place] = wanted if picked.subjects else order[first : first + picked.rows]
    record = trace[index]
    changed = {record.key} if record.kind == "changed" and record.where == board.service else set()
    boards = Boards(known, true, now, stage, board)
    plan = _plan(places, boards, changed, judged=picked.truth is not None)
    plan["stopped"] = stopped_since(trace.of("crashed", "restarted", end=index + 1), board.service, "", stage)
    plan["listed"] = dict(Counter(place_of(each, picked.places) for each in there))
    plan["everywhere"] = sum(boards.row(each)["wrong"] != "" for each in there)
    return plan


@spelt_out(Shown)
@door
def departure_boards(trace: Trace, at: int | None = None, *, when: int | None = None, **choice: Any) -> Picture:
    """The picture of `layout`; where there is nothing to draw, a picture that says why."""
    try:
        plan = layout(trace, at, when=when, **choice)
    except Invalid as problem:
        return message("No boards", str(problem))
    return draw(plan, max(len(board["rows"]) for board in plan["boards"]), {}, words=True)


@spelt_out(Shown)
@door
def moving(trace: Trace, steps: Sequence[int], *, subject: str = "", **choice: Any) -> View:
    """The boards at each step. The rows stay where they are: these `subjects`, or those that the steps are about.

    With a `subject`: its row, and those that leave at about the same time.
    """
    first, last = checked(trace, steps, WHERE)[0], trace[steps[-1]]
    stage, board = trace.stage, _board(trace)
    picked = _shown(trace, board, choice)
    true = NOTHING if picked.truth is None else picked.truth
    begin: dict[str, Any] = {}
    learn(begin, trace.of("changed", end=first), board.service)
    end = dict(begin)
    learn(end, trace.of("changed", begin=first, end=last.index + 1), board.service)
    wanted = [subject, *picked.subjects] if subject else list(picked.subjects)
    check(wanted, end, true, stage)
    there = listed(end, true, last.at, picked.places)
    if picked.subjects:
        there = [each for each in there if each in wanted]
    if not there:
        until = stage.clock(last.at)
        nothing = message("Departure boards", f"The boards show no {stage.subject} until {until}.")
        return film(WHERE, (nothing for _ in steps))
    often: Counter[str] = Counter() if subject else how_often(trace, steps)
    middle = planned(subject, end, true) if subject else trace[steps[len(steps) // 2]].at
    there.sort(key=lambda each: (each != subject, -often[each], abs(planned(each, end, true) - middle), each))
    places = {
        place: in_order([each for each in there if place_of(each, picked.places) == place][: picked.rows], end, true)
        for place in picked.places
    }
    return film(WHERE, _frames(trace, steps, places, picked.truth, board, begin))


def _board(trace: Trace) -> Board:
    """The board that the trace's stage knows."""
    board = trace.stage.board
    if board is None:
        raise Invalid("board", where="a stage", expected="the service that has boards: Stage(board=…)", found="none")
    return board


def _shown(trace: Trace, board: Board, choice: Mapping[str, Any]) -> Shown:
    own = {"subjects" if name == f"{trace.stage.subject}s" else name: value for name, value in choice.items()}
    picked: Shown = chosen(Shown, own, trace.stage, WHERE)
    return picked if picked.places else replace(picked, places=tuple(board.places))


def _frames(
    trace: Trace,
    steps: Sequence[int],
    places: Mapping[str, list[str]],
    truth: Truth | None,
    board: Board,
    known: dict[str, Any],
) -> Iterator[Picture]:
    """The boards at each step; `known` is what they knew before the first one."""
    tall = max(map(len, places.values()))
    drawn: Drawn = {}
    done = before = steps[0]
    stopped = stopped_since(trace.of("crashed", "restarted", end=done), board.service, "", trace.stage)
    for index in steps:
        news = learn(known, trace.of("changed", begin=done, end=index + 1), board.service)
        before, done = done, index + 1
        boards = Boards(known, NOTHING if truth is None else truth, trace[index].at, trace.stage, board)
        plan = _plan(places, boards, news, judged=truth is not None)
        faults = trace.of("crashed", "restarted", begin=before, end=done)
        plan["stopped"] = stopped = stopped_since(faults, board.service, stopped, trace.stage)
        yield draw(plan, tall, drawn)


def _plan(places: Mapping[str, Sequence[str]], boards: Boards, changed: Iterable[str], *, judged: bool) -> Departures:
    changed = set(changed)
    rows: list[PlaceRows] = [
        {"place": place, "name": " · ".join(part for part in (place, boards.board.places.get(place)) if part),
         "rows": [boards.row(subject, changed=subject in changed) for subject in subjects]}
        for place, subjects in places.items()
    ]  # fmt: skip
    shown = [each for board in rows for each in board["rows"] if each["listed"] or each["wrong"]]
    return {"now": boards.stage.clock(boards.now), "word": boards.stage.subject, "boards": rows, "shown": len(shown),
            "judged": judged, "wrong": sum(each["wrong"] != "" for each in shown), "listed": None, "stopped": "",
            "everywhere": 0}  # fmt: skip
