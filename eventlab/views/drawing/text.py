"""Words: one plain line for a record, and the one function that makes foreign text harmless in a page.

Times are shown as New York's clocks show them, unless another time zone is given.
"""

from __future__ import annotations

import json
import re
from base64 import b64encode
from collections.abc import Iterable, Mapping
from datetime import datetime
from hashlib import sha256
from textwrap import wrap
from typing import Any
from zoneinfo import ZoneInfo

from eventlab.event import Message
from eventlab.trace import Record

NEW_YORK = ZoneInfo("America/New_York")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]")
_SPECIAL = re.compile(r"""[&<>"'$|*_`\\\[\]~]""")


def plain(text: object) -> str:
    """The text without characters that steer a terminal, turn the direction of writing or are forbidden in SVG."""
    return _CONTROL.sub("\ufffd", str(text))


def escape(text: object) -> str:
    """The text as it can stand in HTML, SVG, Markdown and the labels of plotly: it is shown, and never does anything.

    Numbered entities are the one way of writing a character that all four understand. `<>&` begin tags in three of
    them, `$` begins a formula in plotly and in Jupyter's Markdown, and `|*_` and the like are Markdown's own.
    """
    return _SPECIAL.sub(lambda found: f"&#{ord(found[0])};", plain(text))


STOPWATCH = 366 * 86_400 * 1_000_000_000  # simulated time that began at 0 is no date: instants below are durations


def clock(instant: int, zone: ZoneInfo = NEW_YORK, *, fine: bool = False) -> str:
    """What a clock shows at an instant: "07:32", or "07:32:21.350" if `fine`.

    In a laboratory whose time began at 0 it is a stopwatch: "00:00:06", or "00:00:06.600" if `fine`.
    """
    if 0 <= instant < STOPWATCH:
        seconds, rest = divmod(instant, 1_000_000_000)
        passed = f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}"
        return f"{passed}.{rest // 1_000_000:03}" if fine else passed
    shown = datetime.fromtimestamp(instant // 1_000_000_000, zone)
    return f"{shown:%H:%M:%S}.{instant % 1_000_000_000 // 1_000_000:03}" if fine else f"{shown:%H:%M}"


class Prose(str):
    """A text in Markdown that a cell shows as such. It is the writer's own: what comes from data is escaped before."""

    __slots__ = ()

    def __repr__(self) -> str:
        return str(self)

    def _repr_markdown_(self) -> str:
        return str(self)


# One line for one record ---------------------------------------------------------------------------------------------

RECEIPTS = ("acknowledge", "confirm", "reject")  # they only say that something has arrived
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
WORDS = {
    "lost": "never gets the {purpose} of {other}: {what} ({note})",
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
}
NO_BREAK = "\u00a0"  # a space at which no line ends
WIDE, INDENT = 104, " " * 28  # of a printed line, in characters: what fits into a notebook beside its list of files
QUIET = {"received", "handled", "published", "acknowledged", "appended"}  # left out where the story is enough


def line(record: Record, zone: ZoneInfo = NEW_YORK) -> str:
    """One record in plain words: when, who, what."""
    return _line(record, zone).replace(NO_BREAK, " ")


def _line(record: Record, zone: ZoneInfo) -> str:
    if record.kind == "changed":
        words = change(record, zone)
    else:
        by_purpose = {"sent": SENT, "received": RECEIVED}.get(record.kind)
        usual = "{kind} {purpose} {what}, {other}"
        form = by_purpose.get(record.purpose, usual) if by_purpose else WORDS.get(record.kind, usual)
        words = form.format(
            kind=record.kind,
            what=about(record.message),
            other=record.other,
            purpose=record.purpose,
            note=record.note,
            packet=record.packet,
        ).replace(" ()", "")
    return plain(f"{clock(record.at, zone, fine=True)}  {record.where:<10}  {words}")


def lines(records: Iterable[Record], *, brief: bool = False, zone: ZoneInfo = NEW_YORK) -> str:
    """A line for each record, to be printed. `brief` leaves out receipts, arrivals and other book-keeping."""
    told = (record for record in records if not brief or not _book_keeping(record))
    return "\n".join(part for record in told for part in _fold(_line(record, zone))).replace(NO_BREAK, " ")


def _fold(told: str) -> list[str]:
    return wrap(told, WIDE, subsequent_indent=INDENT, drop_whitespace=False, break_on_hyphens=False)


def _book_keeping(record: Record) -> bool:
    return record.kind in QUIET or (record.kind == "sent" and record.purpose in RECEIPTS)


def about(message: Message | None) -> str:
    """What a message is called, and what it is about."""
    if message is None:
        return "something"
    subject = message.subject or message.data.get("flight", "")
    cause = message.data.get("event_type")
    return f"{message.type}{f' {subject}' if subject else ''}{f' ({cause})' if cause else ''}"


def change(record: Record, zone: ZoneInfo = NEW_YORK) -> str:
    """What changed in a service's state: of a dictionary, only the entries that are different."""
    before, after = record.before, record.after
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        keys = [*after, *(key for key in before if key not in after)]
        parts = [
            f"{key} {_value(before[key], zone)} → {_value(after.get(key), zone)}"
            if before.get(key)
            else f"{key} {_value(after.get(key), zone)}"
            for key in keys
            if before.get(key) != after.get(key)
        ]
        return f"changes {record.key}: {', '.join(part.replace(' ', NO_BREAK) for part in parts)}"
    if before is None:
        return f"notes {record.key}: {_value(after, zone)}"
    return f"changes {record.key}: {_value(before, zone)} → {_value(after, zone)}"


def _value(value: Any, zone: ZoneInfo) -> str:
    if value is None or value == "":
        return "nothing"
    if isinstance(value, int) and value > 10**17:  # nothing else in a state is that large: an instant
        return clock(value, zone)
    if isinstance(value, Mapping):
        return ", ".join(f"{key} {_value(item, zone)}" for key, item in value.items()) or "nothing"
    if isinstance(value, tuple):
        return ", ".join(_value(item, zone) for item in value) or "nothing"
    return str(value)


# A page of its own ----------------------------------------------------------------------------------------------------

BODY = (
    "body { margin: 12px; color-scheme: light; font-family: Arial, Helvetica, sans-serif; }\nh1 { font-size: 22px; }\n"
)
MOUNT = '\nmount(document.getElementById("replay"), JSON.parse(document.getElementById("data").textContent));\n'
PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta http-equiv="Content-Security-Policy"
  content="default-src 'none'; base-uri 'none'; form-action 'none'; script-src {script_hash}; style-src {style_hash}">
<title>{title}</title>
<style>{style}</style>
</head>
<body>
<h1>{title}</h1>
<p>{text}</p>
<div id="replay"></div>
<script type="application/json" id="data">{data}</script>
<script type="module">{script}</script>
</body>
</html>
"""


def page(title: str, text: str, style: str, script: str, data: Mapping[str, Any]) -> str:
    """A whole page around our own `style` and `script`, which fetches nothing; `data` cannot end its element.

    The browser runs no script and takes no style but these two, which it knows by their hashes.
    """
    style, script = f"{BODY}{style}", f"{script}{MOUNT}"
    return PAGE.format(
        title=escape(title),
        text=escape(text),
        style=style,
        style_hash=_hash(style),
        script=script,
        script_hash=_hash(script),
        data=json.dumps(data, ensure_ascii=True).replace("<", "\\u003c"),
    )


def _hash(text: str) -> str:
    """What a Content-Security-Policy calls a script or a style by."""
    return f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'"
