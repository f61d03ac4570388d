"""13.2: an event is published until the bus has confirmed it, and is one event however often it is sent."""

from __future__ import annotations

from typing import Any

from eventlab.errors import NoReply, Unavailable
from eventlab.event import Event
from eventlab.faults import Crash, Flaky
from eventlab.lessons.judging.model import Case, Mistake
from eventlab.lessons.judging.prose import read_exercise
from eventlab.lessons.judging.testbed import Testbed
from eventlab.outbox import Inbox
from eventlab.service import Service
from eventlab.sim import SECOND
from eventlab.trace import Record, Trace

MOST = 3  # times that one seat may be sent within a second


async def announce(rebooking: Service, passenger: str, seat: str) -> None:
    data = {"passenger": passenger, "seat": seat}
    event = Event("seat.found", data, passenger, id=f"{passenger} in {seat}")
    while True:
        try:
            await rebooking.publish_confirmed(event, timeout=2)
            return
        except (NoReply, Unavailable):
            await rebooking.sleep(1)


def judge(answer: Any, case: Case) -> None:
    """Seats are found while the leader of the bus is away: each is told once, and the bus is not hammered."""
    lab = Testbed(case)
    rebooking, notices = lab.service("rebooking"), lab.service("notices")
    Inbox(notices)
    notices.on("seat.found", lambda event: notices.act(event, note="told"), durable="notices", max_backlog=1)
    seats = []
    for number in range(2 * case.size):
        passenger, seat = f"p-{number % case.size + 1}", f"{number + 1}C"
        seats.append((passenger, seat))
        lab.at(1.0 + 1.5 * number, rebooking.start, answer(rebooking, passenger, seat))
    trace = lab.run(120.0)
    for passenger, seat in seats:
        _look_at(trace, passenger, seat)


def _look_at(trace: Trace, passenger: str, seat: str) -> None:
    """Judge what became of one seat."""
    sent = [r for r in trace.of("sent") if r.purpose == "publish" and _is(r, passenger, seat)]
    acts = [r for r in trace.of("acted") if _is(r, passenger, seat)]
    taken = [r for r in trace.of("published") if _is(r, passenger, seat)]
    last = (acts or sent or list(trace))[-1]

    def wrong(message: str, kind: str, mark: str) -> Mistake:
        marks = {last.index: mark}
        return Mistake(
            f"{passenger}, seat {seat}: {message}", trace=trace, flight=passenger, marks=marks,
            since=sent[0].at if sent else 0, kind=kind,
        )  # fmt: skip

    if not sent:
        raise wrong("it was never published.", "silent", "nothing was sent")
    if len(acts) > 1:
        raise wrong(
            f"told {len(acts)} times. Each try was an event with an id of its own: nobody could see that it was one.",
            "twice", "told again",
        )  # fmt: skip
    if not acts and taken:
        raise wrong(
            f"never told. The bus took it in, with the id {_id(taken[0])!r}, which notices had handled before: "
            "another seat is another event.", "swallowed", "an id that was known",
        )  # fmt: skip
    if not acts:
        seconds = (sent[-1].at - sent[0].at) / SECOND
        raise wrong(
            f"never told. It was sent {len(sent)} times within {seconds:.1f} s, never confirmed, and given up.",
            "lost", "sent for the last time",
        )  # fmt: skip
    if hurried := [r for r, later in zip(sent, sent[MOST:], strict=False) if later.at - r.at < SECOND]:
        count = sum(0 <= each.at - hurried[0].at < SECOND for each in sent)
        raise wrong(
            f"sent {count} times within a second. Who asks without a pause keeps busy whoever comes back.",
            "hammering", "at last",
        )  # fmt: skip


def _is(record: Record, passenger: str, seat: str) -> bool:
    message = record.message
    return message is not None and message.data.get("passenger") == passenger and message.data.get("seat") == seat


def _id(record: Record) -> str:
    return record.message.id if record.message is not None else ""


def elections(seed: int) -> Case:
    """The leader dies for some seconds; then messages are lost, confirmations too, and the bus is full for a while."""
    begin, links = 2.0 + seed % 4, (("rebooking", "bus"), ("bus", "rebooking"))
    lossy, full = Flaky(begin + 4.5, begin + 12, loss=0.3, pairs=links), Crash("notices", begin + 5, begin + 10)
    return Case(seed, 4, (Crash("bus", begin, begin + 4.5), lossy, full))


EXERCISE = read_exercise("13.2", judge, announce, cases=elections)
