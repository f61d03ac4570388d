"""Records, changes and messages in plain words: one line says when, who and what."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from textwrap import wrap

from eventlab.door import door
from eventlab.event import Event, Message
from eventlab.stage import Stage
from eventlab.trace import BOOK_KEEPING, RECEIPTS, Record, Trace
from eventlab.views.drawing.fitting import cut
from eventlab.views.drawing.text import plain
from eventlab.views.drawing.wording import told

SENT = {
    "publish": "publishes {what}",
    "deliver": "sends {other} the event {what}",
    "acknowledge": "tells {other} that {what} is done",
    "confirm": "tells {other} that {what} is safe with it",
    "reject": "tells {other} that it could not handle {what}",
    "request": "asks {other}: {what}",
    "reply": "answers {other}: {what}",
    "refusal": "says no to {other}: {what}",
}
RECEIVED = {
    "publish": "takes in {what} from {other}",
    "deliver": "gets the event {what}",
    "acknowledge": "learns that {other} is done with {what}",
    "confirm": "learns that {what} is safe with {other}",
    "reject": "learns that {other} could not handle {what}",
    "request": "is asked by {other}: {what}",
    "reply": "gets the answer of {other}: {what}",
    "refusal": "gets a no from {other}: {what}",
}
LOST = {
    **dict.fromkeys(RECEIPTS, "never gets the receipt of {other}: {what} ({note})"),
    "reply": "never gets the answer of {other}: {what} ({note})",
    "refusal": "never gets the no of {other}: {what} ({note})",
    "request": "never gets the question of {other}: {what} ({note})",
}
NEVER = "never gets {what} from {other} ({note})"
WORDS = {
    "duplicated": "will get this twice from {other}: {what}",
    "published": "has written down {what}",
    "handled": "has finished {what}",
    "ignored": "knows {what} already and does nothing",
    "failed": "fails at {what} ({note})",
    "refused": "says no to {other}: {what} ({note})",
    "expired": "stops waiting for {other}: {what}",
    "acknowledged": "notes that {other} is done with {what}",
    "retried": "will try again to reach {other}: {what} ({note})",
    "dead": "gives up and puts aside for {other}: {what} ({note})",
    "appended": "stores {what} in {note}, version {packet}",
    "acted": "does it in the world outside: {what} ({note})",
    "crashed": "STOPS: all it had in memory is gone",
    "restarted": "WORKS again",
    "partitioned": "is CUT OFF from {other}",
    "healed": "is connected with {other} again",
    "slowed": "now needs {note} times as long for its work",
    "staffed": "can now work on {note} at once",
}
# What the purpose of an arrow belongs to: a kind of exchange, and whether it travels along it or back.
PURPOSES = {
    "publish": ("event", True), "deliver": ("event", True),
    "acknowledge": ("event", False), "confirm": ("event", False), "reject": ("event", False),
    "request": ("request", True), "reply": ("request", False), "refusal": ("request", False),
}  # fmt: skip
WORK = ("request", "tell", "deliver", "publish")  # purposes: what a service that receives it works on
TRAVELS = {"reply": "answer", "refusal": "answer", "acknowledge": "receipt", "confirm": "receipt", "reject": "receipt"}
USUAL = "{kind} {purpose} {what}, {other}"
NO_BREAK = "\u00a0"  # a space at which no line ends
WIDE, INDENT = 104, " " * 28  # of a printed line, in characters: what fits into a notebook beside its list of files
BRIEFLY = (*BOOK_KEEPING, "received", "appended")  # left out where the story is enough


def travels_as(record: Record, stage: Stage) -> str:
    """What a message is while it travels: an event, a request, an answer, a receipt, or people's word."""
    if record.where in stage.people or record.other in stage.people:
        return "people"
    return TRAVELS.get(record.purpose) or ("event" if isinstance(record.message, Event) else "request")


def stage_at(instant: int) -> Stage:
    """The stage of something that stands alone: its time is told as in a trace that begins then."""
    return Trace([Record(0, instant, "changed", "")]).stage


@door
def line(record: Record, stage: Stage | None = None) -> str:
    """One record in plain words: when, who, what. Without a `stage`, times are as in a trace of this record alone."""
    return _line(record, stage or stage_at(record.at)).replace(NO_BREAK, " ")


def _line(record: Record, stage: Stage) -> str:
    if record.kind == "changed":
        words = change(record, stage)
    else:
        by_purpose = {"sent": SENT, "received": RECEIVED, "lost": LOST}.get(record.kind)
        usual = NEVER if record.kind == "lost" else USUAL
        form = by_purpose.get(record.purpose, usual) if by_purpose else WORDS.get(record.kind, USUAL)
        words = form.format(
            kind=record.kind, what=about(record.message, stage), other=record.other, purpose=record.purpose,
            note=record.note, packet=record.packet, key=record.key,
        ).replace(" ()", "")  # fmt: skip
    return plain(f"{stage.clock(record.at, fine=True)}  {record.where:<10}  {words}")


@door
def lines(records: Iterable[Record], stage: Stage | None = None, *, brief: bool = False) -> str:
    """A line for each record, to be printed; `stage` is that of their run, such as `run.stage`.

    `brief` leaves out receipts, arrivals and other book-keeping.
    """
    wanted = [record for record in records if not brief or not _book_keeping(record)]
    stage = stage or Trace(wanted).stage
    return "\n".join(part for record in wanted for part in _fold(_line(record, stage))).replace(NO_BREAK, " ")


def _fold(words: str) -> list[str]:
    return wrap(words, WIDE, subsequent_indent=INDENT, drop_whitespace=False, break_on_hyphens=False)


def _book_keeping(record: Record) -> bool:
    return record.kind in BRIEFLY or (record.kind == "sent" and record.purpose in RECEIPTS)


def subject_of(message: Message, stage: Stage) -> str:
    """What a message is about: its subject, or the one that its data name."""
    return message.subject or str(message.data.get(stage.subject, ""))


def about(message: Message | None, stage: Stage) -> str:
    """What a message is called, and what it is about."""
    if message is None:
        return "something"
    subject, cause = subject_of(message, stage), message.data.get("event_type")
    return f"{message.type}{f' {subject}' if subject else ''}{f' ({cause})' if cause else ''}"


def change(record: Record, stage: Stage) -> str:
    """What changed in a service's state: of a dictionary, only the entries that are different."""
    before, after = record.before, record.after
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        keys = [*after, *(key for key in before if key not in after)]
        parts = [
            f"{key} {told(before[key], stage, key)} → {told(after.get(key), stage, key)}"
            if before.get(key)
            else f"{key} {told(after.get(key), stage, key)}"
            for key in keys
            if before.get(key) != after.get(key)
        ]
        return f"changes {record.key}: {', '.join(part.replace(' ', NO_BREAK) for part in parts)}"
    if before is None:
        return f"notes {record.key}: {told(after, stage, record.key)}"
    return f"changes {record.key}: {told(before, stage, record.key)} → {told(after, stage, record.key)}"


def sentence(message: Message, stage: Stage, most: int = 300) -> str:
    """A message in one line: what it is, about what, by whom, when, and what it says."""
    subject = f" of {message.subject}" if message.subject else ""
    source = f" by {message.source}" if message.source else ""
    time = f" at {stage.clock(message.time, fine=True)}" if message.time else ""
    data = f": {told(message.data, stage)}" if message.data else ""
    return cut(plain(f"{type(message).__name__} {message.type}{subject}{source}{time}{data}"), most)
