"""How objects show themselves in Jupyter: a small table in Markdown, and one plain line where there are no tables.

The laboratory knows nothing of this: `show_with` tells IPython how to show its types, and `repr` stays what it was. All
text from data goes through `drawing/text.py`, which makes it harmless.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from itertools import islice
from operator import attrgetter
from pathlib import PurePath
from typing import Any

from eventlab.door import door
from eventlab.errors import EventlabError
from eventlab.event import Message
from eventlab.stage import Stage
from eventlab.trace import Record, Trace
from eventlab.views.drawing.fitting import cut
from eventlab.views.drawing.records import line, sentence, stage_at
from eventlab.views.drawing.table import Table
from eventlab.views.drawing.text import plain
from eventlab.views.drawing.wording import counted, told

MOST = 12  # rows of a state or a stream
CELL = 240  # characters in a cell
INSTANTS = ("at", "until")  # of a fault


# Tables -------------------------------------------------------------------------------------------------------------


def _table(title: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> Table:
    return Table(tuple(map(plain, title)), tuple(tuple(cut(plain(cell), CELL) for cell in row) for row in rows))


@door
def of_message(message: Message, stage: Stage | None = None) -> Table:
    """A message's attributes that say something, and its data; `stage` is that of its run, such as `run.stage`."""
    stage = stage or stage_at(message.time)
    time = stage.when(message.time) if message.time else ""
    said = [
        ("about", message.subject), ("made by", message.source), ("at", time), ("id", message.id),
        ("because of", message.causationid), ("the story began with", message.correlationid),
        ("schema", message.dataschema),
    ]  # fmt: skip
    rows = [pair for pair in said if pair[1]]
    rows += [(f"data: {key}", told(value, stage, key)) for key, value in message.data.items()]
    return _table((type(message).__name__, message.type), rows)


def of_recorded(recorded: Any, stage: Stage | None = None) -> Table:
    """An event as it stands in a store."""
    place = f"{recorded.stream}, version {recorded.version}, position {recorded.position}"
    shown = of_message(recorded.event, stage)
    return Table(shown.headings, (("stream", plain(place)), *shown.rows))


def of_record(record: Record, stage: Stage | None = None) -> Table:
    """A line of the journal."""
    stage = stage or stage_at(record.at)
    rows = [("what", line(record, stage)), ("kind", record.kind), ("at", stage.when(record.at))]
    rows += [("message", sentence(record.message, stage))] if record.message is not None else []
    return _table((f"Record {record.index}", record.where), rows)


def of_trace(trace: Trace) -> Table:
    """What a trace holds: from when to when, and how many records of which kind and of whom."""
    rows = _counts(trace)
    return _table(("Trace", f"{len(trace):,} records"), rows)


def _counts(trace: Trace) -> list[tuple[str, str]]:
    if not len(trace):
        return [("time", "nothing has happened yet")]
    kinds, places = (Counter(map(attrgetter(name), trace.records)) for name in ("kind", "where"))
    return [
        ("time", _from_to(trace)),
        ("records of each kind", ", ".join(f"{kind} {number:,}" for kind, number in kinds.most_common())),
        ("records of each place", ", ".join(f"{place} {number:,}" for place, number in places.most_common())),
    ]


def _from_to(trace: Trace) -> str:
    stage = trace.stage
    begin, end = (stage.when(trace[index].at).split(".")[0] for index in (0, len(trace) - 1))
    return f"{begin} to {end}" + (f" in {stage.place}" if stage.zone else " since the start")


def of_run(run: Any) -> Table:
    """A run as far as it has gone; nothing is run or measured in order to show it."""
    scenario, stage = run.scenario, run.trace.stage
    rows = [("architecture", run.architecture), ("day", str(scenario.day))]
    if run.options:
        rows.append(("options", told(run.options, stage)))
    if scenario.flights:
        rows.append((f"{stage.subject}s", f"{len(scenario.flights):,}: {', '.join(scenario.flights[:3])}"))
    rows += [("what goes wrong", _fault(fault, stage)) for fault in scenario.faults[:MOST]]
    rows += [("by hand", f"{each.verb} packet {each.packet}") for each in scenario.interventions]
    rows += _counts(run.trace)
    measured: Mapping[str, float] = vars(run).get("metrics", {})
    if measured:
        rows.append(("measures", ", ".join(f"{name} {value:,.4g}" for name, value in measured.items())))
    return _table(("Run", f"{len(run.trace):,} records"), rows)


def _fault(fault: Any, stage: Stage) -> str:
    fields = getattr(type(fault), "__slots__", None) or list(vars(fault))
    there = {name: getattr(fault, name, None) for name in fields}
    said = [
        f"{name} {stage.clock(value) if name in INSTANTS else told(value, stage)}"
        for name, value in there.items()
        if value not in (None, (), 0.0)
    ]
    return f"{type(fault).__name__}: {', '.join(said)}"


def of_store(store: Any) -> Table:
    """A store's streams with their versions; of a store that cannot be read, why."""
    try:
        events, streams = len(store), store.streams()
        rows = [(name, f"version {store.version(name):,}") for name in islice(streams, MOST)]
    except EventlabError as problem:
        return _table(("Store", "cannot be read"), [("why", str(problem))])
    if len(streams) > MOST:
        rows.append(("…", counted(len(streams) - MOST, "more stream")))
    where = "in memory" if store.path == ":memory:" else f"in the file {PurePath(store.path).name}"
    return _table((f"Store {where}", f"{counted(events, 'event')} in {counted(len(streams), 'stream')}"), rows)


def of_service(service: Any) -> Table:
    """What a service knows now, and whether it works."""
    rows = [("works", "yes" if service.up else "NO: it has stopped")]
    rows.append(("waiting for a worker", counted(service.backlog, "message")))
    if service.slowness != 1.0:
        rows.append(("slow", f"needs {service.slowness:g} times as long"))
    stage = service.sim.trace.stage
    rows += [(f"state: {key}", told(service.state[key], stage, key)) for key in islice(service.state, MOST)]
    if len(service.state) > MOST:
        rows.append(("…", counted(len(service.state) - MOST, "more entry", "more entries")))
    return _table(("Service", service.name), rows)


def in_a_line(shown: Table) -> str:
    """A table as one line, for where there is no table: the title and the first rows."""
    title = " ".join(shown.headings)
    return f"<{title}: {'; '.join(f'{name} {value}' for name, value in shown.rows[:4])}>".replace("\n", " ")


# IPython ------------------------------------------------------------------------------------------------------------

# What stands alone, and how it is told with the stage of a run; what carries a stage itself.
ALONE: dict[tuple[str, str], Callable[..., Table]] = {
    **{("eventlab.event", name): of_message for name in ("Event", "Command", "Reply", "Refusal")},
    ("eventlab.rows", "Recorded"): of_recorded,
    ("eventlab.record", "Record"): of_record,
}
SHOWN: dict[tuple[str, str], Callable[..., Table]] = {
    ("eventlab.trace", "Trace"): of_trace,
    ("eventlab.store", "Store"): of_store,
    ("eventlab.service", "Service"): of_service,
}


def _message_line(message: Message, stage: Stage | None = None) -> str:
    return f"<{sentence(message, stage or stage_at(message.time))}>"


def _recorded_line(recorded: Any, stage: Stage | None = None) -> str:
    place = plain(f"{recorded.stream} version {recorded.version}, position {recorded.position}")
    return f"<{place}: {sentence(recorded.event, stage or stage_at(recorded.event.time))}>"


LINES: dict[Callable[..., Table], Callable[..., str]] = {
    of_message: _message_line,
    of_recorded: _recorded_line,
    of_record: line,
}


@door
def show_with(stage: Stage | None) -> bool:
    """Tell IPython, if this is one, how to show the types; what stands alone tells its times as this stage does.

    The types are given by their names, so that none of them is imported.
    """
    if "IPython" not in sys.modules:
        return False
    from IPython import get_ipython

    shell = get_ipython()
    if shell is None:
        return False
    formatters = shell.display_formatter.formatters
    tables = SHOWN | {name: partial(table, stage=stage) for name, table in ALONE.items()}
    for (module, name), table in tables.items():
        words = LINES.get(ALONE.get((module, name), table))
        said = partial(words, stage=stage) if words else lambda shown, table=table: in_a_line(table(shown))
        formatters["text/markdown"].for_type_by_name(module, name, _markdown(table))
        formatters["text/plain"].for_type_by_name(module, name, _plain(said))
    return True


def _markdown(table: Callable[[Any], Table]) -> Callable[[Any], str]:
    return lambda shown: table(shown)._repr_markdown_()


def _plain(words: Callable[[Any], str]) -> Callable[[Any, Any, bool], None]:
    return lambda shown, printer, cycle: printer.text(words(shown))
