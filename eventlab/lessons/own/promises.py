"""What hotels promises, looked at in a trace: one room for each person of a cancelled flight, and no other room.

Each way to break a promise has a sentence of its own, which names the cause that the trace shows.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from eventlab.lessons.judging.model import Mistake
from eventlab.lessons.own.fault_plans import POISON
from eventlab.trace import Record, Trace

WHO = ("airlines", "bus", "hotels")


def booked(trace: Trace) -> list[Record]:
    """Where the bus took in that rooms are booked: each event once, however often it was sent."""
    found: dict[str, Record] = {}
    for record in trace.of("published"):
        if record.message is not None and record.message.type == "rooms.booked":
            found.setdefault(record.message.id, record)
    return list(found.values())


def flight_of(record: Record) -> str:
    """The flight that a booking is for: its data say so, else its subject."""
    assert record.message is not None
    return str(record.message.data.get("flight", record.message.subject))


def look(trace: Trace, people: Mapping[str, int], endless: Mistake | None) -> None:
    """Raise the first `Mistake` that the trace shows; `endless` is what is told of a run that was not over."""
    bookings = booked(trace)
    for record in bookings:
        _is_readable(trace, record)
        _is_wanted(trace, record, people)
    for flight, wanted in people.items():
        own = [record for record in bookings if flight_of(record) == flight]
        rooms = [_rooms(record) for record in own]
        if len(own) > 1:
            raise _twice(trace, flight, wanted, own)
        if not own:
            raise _none(trace, flight, wanted)
        if rooms != [wanted]:
            message = f"{wanted} people of {flight} need rooms, and hotels booked {rooms[0]}."
            raise _mistake(trace, flight, message, {own[0].index: f"{rooms[0]} rooms for {wanted} people"}, "number")
    if endless is not None:
        raise _for_ever(trace, endless)


def _rooms(record: Record) -> object:
    assert record.message is not None
    return record.message.data.get("rooms")


def _is_readable(trace: Trace, record: Record) -> None:
    assert record.message is not None
    if type(_rooms(record)) is int and "flight" in record.message.data:
        return
    message = (
        f"rooms.booked was published with the data {dict(record.message.data)}. Whoever reads it needs 'flight', and "
        "'rooms' as a whole number."
    )
    raise _mistake(trace, record.message.subject, message, {record.index: "flight or rooms missing"}, "shape")


def _is_wanted(trace: Trace, record: Record, people: Mapping[str, int]) -> None:
    flight = flight_of(record)
    heard = [r for r in trace.of("published") if _is_about(r, flight, "flight.cancelled")]
    if flight in people and heard and heard[0].index < record.index:
        return
    message = (
        f"hotels booked {_rooms(record)} rooms for {flight!r}, and no cancellation names it. An event that cannot be "
        "read is no reason to book."
    )
    raise _mistake(trace, flight, message, {record.index: "no cancellation names it"}, "unwanted")


def _is_about(record: Record, flight: str, type: str = "") -> bool:
    message = record.message
    return (
        message is not None and type in ("", message.type) and flight in (message.subject, message.data.get("flight"))
    )


# Too many -------------------------------------------------------------------------------------------------------------


def _twice(trace: Trace, flight: str, wanted: int, own: Sequence[Record]) -> Mistake:
    """Two bookings of one flight: the event was handled twice, or its handler published twice."""
    events = {r.message.causationid for r in own if r.message is not None}
    handled = [r for r in trace.of("handled") if r.where == "hotels" and _is_about(r, flight, "flight.cancelled")]
    if len(handled) < 2 and len(events) == 1:
        why = "One handling of the event published it more than once."
    else:
        why = f"The event came again, because {_again(trace, flight)}; and hotels did its work again."
    message = f"The {wanted} people of {flight} have {len(own)} bookings of rooms. {why}"
    marks = {record.index: f"booking {number} for the same people" for number, record in enumerate(own, 1)}
    return _mistake(trace, flight, message, marks, "twice")


def _again(trace: Trace, flight: str) -> str:
    """Why an event was delivered a second time, as the trace tells it."""
    own = [r for r in trace.of("duplicated", "crashed", "lost") if r.where == "hotels" or _is_about(r, flight)]
    for record in own:
        if record.kind == "duplicated" and record.purpose == "deliver" and _is_about(record, flight):
            return "the network doubled it"
    if any(r.kind == "crashed" for r in own):
        return "hotels crashed before it acknowledged it"
    if any(r.kind == "lost" and r.purpose == "acknowledge" for r in own):
        return "its acknowledgement was lost on the way"
    return "the bus heard no acknowledgement in time"


# None -----------------------------------------------------------------------------------------------------------------


def _none(trace: Trace, flight: str, wanted: int) -> Mistake:
    """No booking of a flight: by the last thing that happened to its event."""
    begin = f"The {wanted} people of {flight} have no room. "
    handled = [r for r in trace.of("handled") if r.where == "hotels" and _is_about(r, flight, "flight.cancelled")]
    dead = [r for r in trace.of("dead") if _is_about(r, flight)]
    if handled:
        return _handled_for_nothing(trace, flight, begin, handled)
    if dead:
        why = f"Their event became a dead letter: {dead[-1].note}."
        return _mistake(trace, flight, begin + why, {dead[-1].index: "a dead letter"}, "dead")
    blocked = [r for r in trace.of("failed", "refused") if r.where == "hotels" and _is_about(r, POISON)]
    arrived = [r for r in trace.of("received") if r.where == "hotels" and _is_about(r, flight, "flight.cancelled")]
    if blocked and not arrived:
        why = (
            "Their event waits behind one that nobody can read, which is tried again and again. Limit the tries, "
            "and let others pass."
        )
        return _mistake(
            trace, flight, begin + why, {blocked[0].index: "nobody can read it, and it is in the way"}, "poison"
        )
    failed = [r for r in trace.of("failed") if r.where == "hotels" and _is_about(r, flight)]
    if failed:
        why = f"The handler failed: {failed[-1].note}. Nobody tried the event again, or not often enough."
        return _mistake(trace, flight, begin + why, {failed[-1].index: failed[-1].note}, "failed")
    return _never_heard(trace, flight, begin, arrived)


def _handled_for_nothing(trace: Trace, flight: str, begin: str, handled: Sequence[Record]) -> Mistake:
    """The event counts as handled, and no booking reached the bus."""
    sent = [r for r in trace.of("sent") if r.where == "hotels" and _is_about(r, flight, "rooms.booked")]
    lost = [r for r in trace.of("lost") if _is_about(r, flight, "rooms.booked")]
    crashed = [r for r in trace.of("crashed") if r.where == "hotels" and r.index > handled[0].index]
    if sent and lost:
        why = "rooms.booked was sent once, got lost on the way, and hotels thinks that it is done."
        return _mistake(trace, flight, begin + why, {lost[0].index: "the booking is lost"}, "booking lost")
    if (unanswered := _unanswered(trace, flight)) is not None:
        why = (
            "operations did not answer how many they are, and the handler went on as if all were done. Let the "
            "error out: the bus tries again."
        )
        marks = {unanswered.index: "no answer", handled[0].index: "done, without a room"}
        return _mistake(trace, flight, begin + why, marks, "swallowed")
    if crashed and not sent and not any(r.index < handled[0].index for r in _told(trace, flight)):
        why = "hotels acknowledged their event before its work was done. Then it crashed, and the work was gone."
        marks = {handled[0].index: "acknowledged too early", crashed[0].index: "the work is gone"}
        return _mistake(trace, flight, begin + why, marks, "too early")
    if crashed and not sent:
        why = (
            "hotels wrote down that it is done, and crashed before rooms.booked was published. Two writes, and a "
            "crash in between."
        )
        marks = {handled[0].index: "written down as done", crashed[0].index: "and not published"}
        return _mistake(trace, flight, begin + why, marks, "dual write")
    why = "hotels acknowledged their event, and published no rooms.booked for it."
    later = [r for r in trace.of("handled") if r.where == "hotels" and r.index < handled[0].index]
    if later:
        why += " Cancellations come in any order: that a later one is done says nothing about an earlier one."
    return _mistake(trace, flight, begin + why, {handled[0].index: "done, without a room"}, "nothing done")


def _told(trace: Trace, flight: str) -> list[Record]:
    """Where hotels received how many people a flight has."""
    return [r for r in trace.of("received") if r.where == "hotels" and r.purpose == "reply" and _is_about(r, flight)]


def _unanswered(trace: Trace, flight: str) -> Record | None:
    """The last question about a flight's people, if no answer to any of them came, though hotels was running."""
    asked = [r for r in trace.of("sent") if r.where == "hotels" and _is_about(r, flight, "people.count")]
    crashed = [r for r in trace.of("crashed") if r.where == "hotels"]
    return asked[-1] if asked and not crashed and not _told(trace, flight) else None


def _never_heard(trace: Trace, flight: str, begin: str, arrived: Sequence[Record]) -> Mistake:
    """The event never came to a handler of hotels, or its work was cut short and nobody had kept the event."""
    crashed = [r for r in trace.of("crashed") if r.where == "hotels"]
    published = [r for r in trace.of("published") if _is_about(r, flight, "flight.cancelled")]
    if crashed:
        why = "hotels was down, and nobody kept their event for it: a subscription without a durable name."
        marks = {crashed[0].index: "down", **{r.index: "nobody keeps it" for r in published[:1]}}
        return _mistake(trace, flight, begin + why, marks, "not kept")
    if arrived:
        why = "Their event arrived, and the work on it never ended."
        return _mistake(trace, flight, begin + why, {arrived[-1].index: "and then nothing"}, "unfinished")
    why = "Their event was published, and hotels has no subscription that asks for it."
    return _mistake(trace, flight, begin + why, {r.index: "nobody asks for it" for r in published[:1]}, "not asked for")


def _for_ever(trace: Trace, endless: Mistake) -> Mistake:
    """The run is not over after an hour."""
    tried = [r for r in trace.of("failed", "refused") if r.where == "hotels"]
    if not tried:
        return endless
    first = tried[0]
    subject = first.message.subject if first.message is not None else ""
    message = "An event that nobody can read is tried again for ever. After some tries it must go to the dead letters."
    marks = {first.index: "the first try", tried[min(2, len(tried) - 1)].index: "and so on, for ever"}
    return _mistake(trace, subject, message, marks, "for ever")


def _mistake(trace: Trace, flight: str, message: str, marks: Mapping[int, str], kind: str) -> Mistake:
    return Mistake(
        message,
        trace=trace,
        flight=flight,
        who=WHO if kind in ("twice", "poison", "for ever") else (*WHO, "operations"),
        marks=marks,
        kind=kind,
    )
