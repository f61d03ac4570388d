"""How objects show themselves in Jupyter: a small table in Markdown, and one plain line where there are no tables.

The laboratory knows nothing of this: `install` tells IPython how to show its types, and `repr` stays what it was. All
text from data goes through `drawing/text.py`, which makes it harmless.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from itertools import islice
from pathlib import PurePath
from typing import Any

from eventlab.errors import EventlabError
from eventlab.event import Message
from eventlab.trace import Record, Trace
from eventlab.views.drawing.table import Table
from eventlab.views.drawing.text import NEW_YORK, STOPWATCH, clock, line, plain

WIDGET = "application/vnd.jupyter.widget-view+json"
INSTANTS = 10**17  # no other number in a message is that large
MOST = 12  # rows of a state or a stream


# Words --------------------------------------------------------------------------------------------------------------


def when(instant: int) -> str:
    """An instant as New York's calendar and clocks show it: "2013-02-08 07:32:21.350"; a stopwatch's has no day."""
    if 0 <= instant < STOPWATCH:
        return clock(instant, fine=True)
    return f"{datetime.fromtimestamp(instant // 1_000_000_000, NEW_YORK):%Y-%m-%d} {clock(instant, fine=True)}"


def told(value: Any) -> str:
    """A value in words: instants as clock times, lists and dictionaries without their brackets."""
    if value is None or value == "":
        return "nothing"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int) and abs(value) >= INSTANTS:
        return clock(value)
    if isinstance(value, Mapping):
        return ", ".join(f"{key} {told(item)}" for key, item in value.items()) or "nothing"
    if isinstance(value, tuple | list):
        return ", ".join(map(told, value)) or "nothing"
    return plain(value)


def sentence(message: Message, most: int = 300) -> str:
    """A message in one line: what it is, about what, by whom, when, and what it says."""
    subject = f" of {message.subject}" if message.subject else ""
    source = f" by {message.source}" if message.source else ""
    time = f" at {clock(message.time, fine=True)}" if message.time else ""
    data = f": {told(message.data)}" if message.data else ""
    words = plain(f"{type(message).__name__} {message.type}{subject}{source}{time}{data}")
    return words if len(words) <= most else words[: most - 1] + "…"


# Tables -------------------------------------------------------------------------------------------------------------


def _table(title: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> Table:
    return Table(tuple(map(plain, title)), tuple(tuple(_short(cell) for cell in row) for row in rows))


def _short(text: object, most: int = 240) -> str:
    words = plain(text)
    return words if len(words) <= most else words[: most - 1] + "…"


def of_message(message: Message) -> Table:
    """A message's attributes that say something, and its data."""
    said = [
        ("about", message.subject), ("made by", message.source), ("at", when(message.time) if message.time else ""),
        ("id", message.id), ("because of", message.causationid), ("the story began with", message.correlationid),
        ("schema", message.dataschema),
    ]  # fmt: skip
    rows = [pair for pair in said if pair[1]] + [(f"data: {key}", told(value)) for key, value in message.data.items()]
    return _table((type(message).__name__, message.type), rows)


def of_recorded(recorded: Any) -> Table:
    """An event as it stands in a store."""
    place = f"{recorded.stream}, version {recorded.version}, position {recorded.position}"
    shown = of_message(recorded.event)
    return Table(shown.headings, (("stream", plain(place)), *shown.rows))


def of_record(record: Record) -> Table:
    """A line of the journal."""
    rows = [("what", line(record)), ("kind", record.kind), ("at", when(record.at))]
    rows += [("message", sentence(record.message))] if record.message is not None else []
    return _table((f"Record {record.index}", record.where), rows)


def of_trace(trace: Trace) -> Table:
    """What a trace holds: from when to when, and how many records of which kind and of whom."""
    rows = _counts(trace)
    return _table(("Trace", f"{len(trace):,} records"), rows)


def _counts(trace: Trace) -> list[tuple[str, str]]:
    if not len(trace):
        return [("time", "nothing has happened yet")]
    kinds = Counter(record.kind for record in trace)
    places = Counter(record.where for record in trace)
    return [
        ("time", f"{when(trace[0].at)[:19]} to {when(trace[len(trace) - 1].at)[:19]} in New York"),
        ("records of each kind", ", ".join(f"{kind} {number:,}" for kind, number in kinds.most_common())),
        ("records of each place", ", ".join(f"{place} {number:,}" for place, number in places.most_common())),
    ]


def of_run(run: Any) -> Table:
    """A run as far as it has gone; nothing is run or measured in order to show it."""
    scenario = run.scenario
    rows = [("architecture", run.architecture), ("day", str(scenario.day))]
    if run.options:
        rows.append(("options", told(run.options)))
    if scenario.flights:
        rows.append(("flights", f"{len(scenario.flights):,}: {', '.join(scenario.flights[:3])}"))
    rows += [("what goes wrong", _fault(fault)) for fault in scenario.faults[:MOST]]
    rows += [("by hand", f"{each.verb} packet {each.packet}") for each in scenario.interventions]
    rows += _counts(run.trace)
    measured: Mapping[str, float] = vars(run).get("metrics", {})
    if measured:
        rows.append(("measures", ", ".join(f"{name} {value:,.4g}" for name, value in measured.items())))
    return _table(("Run", f"{len(run.trace):,} records"), rows)


def _fault(fault: Any) -> str:
    fields = getattr(type(fault), "__slots__", None) or list(vars(fault))
    said = [f"{name} {told(value)}" for name in fields if (value := getattr(fault, name, None)) not in (None, (), 0.0)]
    return f"{type(fault).__name__}: {', '.join(said)}"


def of_store(store: Any) -> Table:
    """A store's streams with their versions; of a store that cannot be read, why."""
    try:
        events, streams = len(store), store.streams()
        rows = [(name, f"version {store.version(name):,}") for name in islice(streams, MOST)]
    except EventlabError as problem:
        return _table(("Store", "cannot be read"), [("why", str(problem))])
    if len(streams) > MOST:
        rows.append(("…", f"{len(streams) - MOST:,} more streams"))
    where = "in memory" if store.path == ":memory:" else f"in the file {PurePath(store.path).name}"
    return _table((f"Store {where}", f"{events:,} events in {len(streams):,} streams"), rows)


def of_service(service: Any) -> Table:
    """What a service knows now, and whether it works."""
    rows = [("works", "yes" if service.up else "NO: it has stopped")]
    rows.append(("waiting for a worker", f"{service.backlog:,} messages"))
    if service.slowness != 1.0:
        rows.append(("slow", f"needs {service.slowness:g} times as long"))
    rows += [(f"state: {key}", told(service.state[key])) for key in islice(service.state, MOST)]
    if len(service.state) > MOST:
        rows.append(("…", f"{len(service.state) - MOST:,} more entries"))
    return _table(("Service", service.name), rows)


def in_a_line(shown: Table) -> str:
    """A table as one line, for where there is no table: the title and the first rows."""
    title = " ".join(shown.headings)
    return f"<{title}: {'; '.join(f'{name} {value}' for name, value in shown.rows[:4])}>".replace("\n", " ")


def _message_line(message: Message) -> str:
    return f"<{sentence(message)}>"


def _recorded_line(recorded: Any) -> str:
    place = plain(f"{recorded.stream} version {recorded.version}, position {recorded.position}")
    return f"<{place}: {sentence(recorded.event)}>"


# IPython ------------------------------------------------------------------------------------------------------------

SHOWN: dict[tuple[str, str], Callable[[Any], Table]] = {
    **{("eventlab.event", name): of_message for name in ("Event", "Command", "Reply", "Refusal")},
    ("eventlab.rows", "Recorded"): of_recorded,
    ("eventlab.trace", "Record"): of_record,
    ("eventlab.trace", "Trace"): of_trace,
    ("eventlab.airports.scenario", "Run"): of_run,
    ("eventlab.store", "Store"): of_store,
    ("eventlab.service", "Service"): of_service,
}
LINES: dict[Callable[[Any], Table], Callable[[Any], str]] = {
    of_message: _message_line,
    of_recorded: _recorded_line,
    of_record: line,
}


def install() -> bool:
    """Tell IPython, if this is one, how to show the types; by their names, so that none of them is imported."""
    if "IPython" not in sys.modules:
        return False
    from IPython import get_ipython

    shell = get_ipython()
    if shell is None:
        return False
    formatters = shell.display_formatter.formatters
    for (module, name), table in SHOWN.items():
        words = LINES.get(table, lambda shown, table=table: in_a_line(table(shown)))
        formatters["text/markdown"].for_type_by_name(module, name, _markdown(table))
        formatters["text/plain"].for_type_by_name(module, name, _plain(words))
    return True


def _markdown(table: Callable[[Any], Table]) -> Callable[[Any], str]:
    return lambda shown: table(shown)._repr_markdown_()


def _plain(words: Callable[[Any], str]) -> Callable[[Any, Any, bool], None]:
    return lambda shown, printer, cycle: printer.text(words(shown))


def component(widget: Any, words: str) -> dict[str, Any]:
    """A widget as the output of a cell, with words for readers who have no kernel."""
    return {WIDGET: {"version_major": 2, "version_minor": 0, "model_id": widget.model_id}, "text/plain": words}
