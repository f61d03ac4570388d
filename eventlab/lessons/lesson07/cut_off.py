"""The afternoon of the storm, with operations stopped or cut off from 15:00: who answers people, and how wrongly."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, partial
from typing import Any

from eventlab.airports import Run, Scenario, producer_cut_off, run
from eventlab.event import Command, Event
from eventlab.faults import Crash
from eventlab.lab import Lab
from eventlab.measures import staleness
from eventlab.service import Service
from eventlab.sim import SECOND
from eventlab.trace import Trace
from eventlab.views import Prose, chart
from eventlab.views.drawing.picture import Picture

THIN, FULL = "event notification", "event-carried state transfer"
BOSTON = Scenario(flights=["9E3422-JFK-0208", "B61004-JFK-0208", "B61026-JFK-0208"], questions=0)
BEGIN, END = "15:00", "15:45"
FACTS = {"flight": "UA1", "dest": "BOS", "gate": "JFK-07", "status": "delayed", "version": 2}
Describe = Callable[[Service, Command], Any]


def one_update(keep: Callable[[Service, Event], object]) -> Trace:
    """Operations says once all about a flight, and `keep(boards, event)` is what the boards do with it."""
    lab = Lab(1)
    operations, boards = lab.service("operations"), lab.service("boards")
    boards.on("flight.*", partial(keep, boards), durable="boards")
    operations.publish(Event("flight.delayed", FACTS, "UA1"))
    return lab.run()


@cache
def full_day(until: str = END) -> Run:
    """The afternoon with full events, operations cut off until then."""
    return run(producer_cut_off(BEGIN, until), FULL)


@cache
def gaps() -> list[tuple[str, int, int]]:
    """Where a row of the boards was not what operations knew until the cut ended: which row, since when, until when."""
    day, healed = full_day(), producer_cut_off().at(END)
    found = staleness.stale_intervals(day.trace, "operations", "boards")
    return [(gap.key, gap.since, gap.until) for gap in found if gap.until and gap.since < healed < gap.until]


def worst_row() -> dict[str, Any]:
    """The flight whose row was wrong for the longest time, and from when to when to look at it."""
    flight, _, _ = max(gaps(), key=lambda gap: gap[2] - gap[1])
    scenario = producer_cut_off()
    return {"flight": flight, "since": scenario.at("14:55"), "until": scenario.at("15:46")}


def asked_meanwhile(fault: str, architecture: str, describe: Describe | None = None) -> dict[str, Any]:
    """People's questions to the boards from 15:00 to 15:45, while operations is `stopped` or `cut off`.

    With full events the boards answer by `describe(boards, command)`, if it is given.
    """
    day = producer_cut_off(BEGIN, END)
    begin, end = day.at(BEGIN), day.at(END)
    if fault == "stopped":
        day = day.with_(faults=[Crash("operations", begin, end)])
    options = {"describe": describe} if describe and architecture == FULL else {}
    got = staleness.answers(run(day, architecture, **options).trace, "passengers", "operations", begin, end)
    found = {"asked": got.asked, "answered": got.answered, "wrong": got.wrong}
    return {"operations is": fault, "architecture": architecture, **found}


def rows_wrong() -> Picture:
    """How many rows of the boards were wrong, against time."""
    begin, end = (full_day().scenario.at(clock) for clock in (BEGIN, END))
    minutes = [step / 2 for step in range(101)]
    wrong = [sum(since <= begin + minute * 60 * SECOND < until for _, since, until in gaps()) for minute in minutes]
    ages = sorted((until - since) / SECOND for _, since, until in gaps())
    late = (max(until for _, _, until in gaps()) - end) / SECOND
    return chart(
        f"When the cut ended, {len(ages)} rows were wrong; all were right {late:.2f} s later",
        x=minutes, x_title="minutes from 15:00", series={"rows that are wrong": wrong}, y_title="rows of the boards",
        text=f"Half of them were wrong for {ages[len(ages) // 2] / 60:.0f} minutes or more, the worst for "
        f"{ages[-1] / 60:.0f}.",
    )  # fmt: skip


def cut_for(minutes: int) -> Prose:
    """What a cut of so many minutes gives: answers, wrong ones, and for how long the worst row was wrong."""
    until = f"{15 + minutes // 60}:{minutes % 60:02}"
    day = full_day(until)
    begin, end = day.scenario.at(BEGIN), day.scenario.at(until)
    got = staleness.answers(day.trace, "passengers", "operations", begin, end)
    longest = staleness.seconds(staleness.stale_intervals(day.trace, "operations", "boards"))[-1] / 60
    words = f"{got.answered} of {got.asked} questions were answered, {got.wrong} of them wrongly"
    share = f"{100 * got.wrong / got.answered:.0f}%"
    return Prose(f"{words}: {share}. The worst row was wrong for {longest:.0f} minutes.")
