"""The texts of a sequence diagram: what stands at an arrow and beside a dot."""

from __future__ import annotations

from eventlab.stage import Stage
from eventlab.trace import RECEIPTS, Record
from eventlab.views.drawing.fitting import cut
from eventlab.views.drawing.records import change
from eventlab.views.drawing.wording import duration, listed, ordinal
from eventlab.views.sequence.parts import Arrow, Note

SUBJECT = 20  # characters of a subject at an arrow
PURPOSES = {"reply": "answer", "acknowledge": "done", "confirm": "safe with it", "reject": "could not do it"}
NOTES = {
    "published": "{what} is in the log",
    "handled": "{what} done",
    "ignored": "knows {what} already: does nothing",
    "failed": "✕ fails{why}",
    "refused": "says no{why}",
    "expired": "✕ no answer from {others}: stops waiting",
    "acknowledged": "{others} is done with {what}",
    "retried": "↻ will try again{why}",
    "dead": "✕ gives up: dead letter{why}",
    "appended": "stores {what}, version {version}",
    "acted": "does it: {what}{why}",
    "crashed": "STOPS",
    "restarted": "WORKS again",
    "partitioned": "CUT OFF from {others}",
    "healed": "connected again with {others}",
}


def said(arrow: Arrow, subjects: bool) -> str:
    """What stands at an arrow; with `subjects` also what the message is about."""
    what = _what(arrow)
    message = arrow["message"]
    if subjects and message is not None and arrow["purpose"] not in RECEIPTS and not arrow["follows"]:
        what = f"{what} {cut(message.subject, SUBJECT)}".rstrip()
    if arrow["tries"] > 1:
        what = f"↻ {ordinal(arrow['tries'])}: {what}"
    if arrow["end"] == "lost":
        return f"{what} ✕ {'cut off' if arrow['note'] == 'partition' else arrow['note'] or 'lost'}"
    if arrow["end"] == "under way":
        return f"{what} … still on its way"
    return what + (f" {_to(arrow)}" if arrow["beside"] else _late(arrow)) + _remark(arrow)


def briefly(arrow: Arrow) -> str:
    """What stands at one of several copies sent at once where there is no room for more: to whom, and how long."""
    return _to(arrow) + _remark(arrow)


def _to(arrow: Arrow) -> str:
    return f"to {arrow['target']}{_late(arrow)}"


def _late(arrow: Arrow) -> str:
    return "" if arrow["delay"] is None else f"  {duration(arrow['delay'])}"


def _remark(arrow: Arrow) -> str:
    return f" ({arrow['note']})" if arrow["note"] else ""


def _what(arrow: Arrow) -> str:
    message, purpose = arrow["message"], arrow["purpose"]
    if purpose == "refusal":
        return f"no: {message.data.get('reason', '')}" if message is not None else "no"
    return PURPOSES.get(purpose) or (message.type if message is not None else purpose or "a message")


def noted(note: Note, stage: Stage, subject: str) -> str:
    """What stands at a dot; `subject` is the one thing that everything is about, if there is one."""
    record = note["record"]
    if record.kind == "changed":
        return _changed(record, stage, subject)
    if record.kind == "slowed":
        return "as fast as before" if record.note == "1" else f"{record.note} × slower"
    return NOTES.get(record.kind, "{kind} {what}{why}").format(
        kind=record.kind,
        what=record.message.type if record.message is not None else record.key,
        why=f": {record.note}" if record.note else "",
        others=listed(note["others"], 2),
        version=record.packet,
    )


def _changed(record: Record, stage: Stage, subject: str) -> str:
    """What changed, without the name of the one thing that everything here is about."""
    words = change(record, stage)
    for verb in ("notes", "changes"):
        words = words.removeprefix(f"{verb} {record.key}: ")
    key = "" if record.key == subject else record.key
    return f"{key}: {words}" if key else f"new: {words}" if record.before is None else words
