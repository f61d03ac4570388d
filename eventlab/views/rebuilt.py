"""State rebuilt from events, one by one: what each event changed, and what is known as of any instant.

    rebuild(store, rules.evolve, stream="flight-UA1545-EWR-0208", as_of=storm.at("15:04"), stage=storm.stage)

This is the one view that reads a store (or any events) and not a trace. `layout` folds (plain data), `rebuild` draws.
"""

from __future__ import annotations

from dataclasses import dataclass
from textwrap import wrap
from typing import Any, TypedDict

from eventlab.door import door
from eventlab.errors import Invalid
from eventlab.stage import Stage
from eventlab.trace import Trace
from eventlab.views.drawing.fitting import fit
from eventlab.views.drawing.picture import Box, Label, Line, Picture, Sheet, heading, message
from eventlab.views.drawing.records import stage_at
from eventlab.views.drawing.style import CHANGED, GREY, GROUND, INK, NEW, SMALL, WIDTH
from eventlab.views.drawing.text import plain
from eventlab.views.drawing.wording import counted, told
from eventlab.views.motion.choice import chosen, spelt_out
from eventlab.views.rebuilt_fold import WHERE, Entry, Evolve, Row, begin_of, entries_of, events_of, fold, subject_in

ROWS, LATER = 12, 3  # events shown before the instant, and after it


@dataclass(frozen=True)
class Shown:
    """The events of one `stream` or about one `subject`; the last `rows` of those that count.

    Later ones than the instant `as_of` (nanoseconds) are shown, not folded. The fold begins with `initial`, or with
    the store's snapshot (of this `schema`) if there is one that is not later and `snapshots` are wanted. `stage` tells
    times, and which fields hold instants.
    """

    stream: str = ""
    subject: str = ""
    as_of: int | None = None
    initial: Any = None
    snapshots: bool = True
    schema: str = ""
    rows: int = ROWS
    stage: Stage | None = None


class Rebuilt(TypedDict):
    """The events, and the state that they come to; `alias` says that `evolve` changed the state that it was given."""

    about: str
    as_of: str
    rows: list[Row]
    above: int
    later: list[Row]
    state: list[Entry]
    folded: int
    events: int
    snapshot: int | None
    alias: bool
    stage: Stage


@spelt_out(Shown)
def layout(source: Any, evolve: Evolve | Any, **choice: Any) -> Rebuilt:
    """The events of one stream or one subject with what each changed, and the state as of an instant, as plain data.

    `source` is a store, a trace, or events (as such or as recorded); `evolve` a function of state and event, or a
    decider. What is chosen says `Shown`. What cannot be shown raises `Invalid`.
    """
    own = choice.get("stage")  # what is no stage is refused below, with the other options
    given = own if isinstance(own, Stage) else source.stage if isinstance(source, Trace) else None
    picked: Shown = chosen(Shown, choice, given or Stage(), WHERE)
    initial = picked.initial
    if not callable(evolve):
        initial, evolve = getattr(evolve, "initial", initial), getattr(evolve, "evolve", evolve)
    if not callable(evolve):
        raise Invalid("evolve", where=WHERE, expected="a function of a state and an event", found=evolve)
    found = list(events_of(source, picked.stream, picked.subject, given or Stage()))
    first, as_of = found[0].event.time, picked.as_of
    stage = given or stage_at(first)
    if as_of is not None and first > as_of:
        expected = f"an instant from the first event on, {stage.when(first)}"
        raise Invalid("as_of", where=WHERE, expected=expected, found=stage.when(as_of))
    stream = picked.stream if picked.snapshots else ""
    state, begin, snapshot = begin_of(source, stream, as_of, picked.schema, {} if initial is None else initial)
    until = [stored for stored in found if as_of is None or stored.event.time <= as_of]
    behind = [stored for stored in until if stored.version > begin]
    done, state, alias = fold(evolve, behind, state, stage, picked.rows)
    later = [stored.row for stored in found if as_of is not None and stored.event.time > as_of][:LATER]
    for row in (*done, *later):
        row["time"] = stage.when(row["event"].time)[:19]
    return {
        "about": picked.stream or picked.subject or subject_in(found),
        "as_of": "" if as_of is None else stage.when(as_of)[:19],
        "rows": done, "above": len(behind) - len(done), "later": later,
        "state": entries_of(state, done, stage), "folded": len(behind), "events": len(until), "snapshot": snapshot,
        "alias": alias, "stage": stage,
    }  # fmt: skip


@spelt_out(Shown)
@door
def rebuild(source: Any, evolve: Evolve | Any, **choice: Any) -> Picture:
    """The picture of `layout`; where there is nothing to draw, a picture that says why."""
    try:
        plan = layout(source, evolve, **choice)
    except Invalid as problem:
        return message("Nothing can be rebuilt", str(problem))
    return _draw(plan)


# Draw -----------------------------------------------------------------------------------------------------------------

TOP, LINE = 88, 16
COLUMNS = {"v": (26, 34), "happened at": (62, 128), "event": (196, 142), "what it changed": (344, 470)}


def _draw(plan: Rebuilt) -> Picture:
    title, notes = _title(plan)
    sheet = Sheet(*heading(title, *notes), Line([(14, TOP + 8), (WIDTH - 14, TOP + 8)], GREY, 1))
    sheet.add(*(Label(x, TOP, name, SMALL, GREY, left=True) for name, (x, _) in COLUMNS.items()))
    y = TOP + 12.0
    for place, row in enumerate(plan["rows"]):
        last = place == len(plan["rows"]) - 1
        y = _draw_row(row, plan["stage"], y, _told(row), NEW if last else GROUND, INK, sheet)
    for row in plan["later"]:
        y = _draw_row(row, plan["stage"], y, ["later: not folded"], GROUND, GREY, sheet)
    y += 22
    sheet.add(Label(18, y, "The state then", SMALL, bold=True, left=True))
    sheet.add(Line([(14, y + 12), (WIDTH - 14, y + 12)], GREY, 1))
    for place, entry in enumerate(plan["state"]):
        _draw_entry(entry, 26 + 404 * (place % 2), y + 28 + 22 * (place // 2), sheet)
    height = y + 46 + 22 * ((len(plan["state"]) + 1) // 2)
    note = "▸ changed by the last event that was folded"
    sheet.add(Label(18, round(height) - 10, note, SMALL, GREY, left=True))
    return sheet.picture(WIDTH, height, _words(plan, title, notes))


def _title(plan: Rebuilt) -> tuple[str, list[str]]:
    as_of = f" as of {plan['as_of']}" if plan["as_of"] else " now"
    title = f"{plan['about']}{as_of}: {counted(plan['folded'], 'event')} folded"
    if plan["snapshot"] is None:
        note = "from the first event on, without a snapshot"
    else:
        note = f"from the snapshot at version {plan['snapshot']:,}: without it, {counted(plan['events'], 'event')}"
    if plan["above"]:
        note += f" · {counted(plan['above'], 'event')} before these, folded too"
    warning = "evolve changed the state that it was given: it should give a new one" if plan["alias"] else ""
    return plain(title), [note, warning]


def _draw_row(row: Row, stage: Stage, y: float, told_rows: list[str], fill: str, colour: str, sheet: Sheet) -> float:
    """A row with as many lines as it needs; how far down it reaches."""
    event, high = row["event"], LINE * len(told_rows) + 6
    words = plain(f"{event.type} by {event.source}: {told(event.data, stage)}")
    sheet.add(Box(WIDTH / 2, y + high / 2, WIDTH - 24, high - 2, fill, fill, words=words, message=event.id))
    cells = [str(row["version"]), row["time"], event.type]
    for text, (x, room) in zip(cells, COLUMNS.values(), strict=False):
        sheet.add(Label(x, y + 11, fit(text, room, SMALL), SMALL, colour, left=True))
    x = COLUMNS["what it changed"][0]
    sheet.add(*(Label(x, y + 11 + LINE * n, part, SMALL, colour, left=True) for n, part in enumerate(told_rows)))
    return y + high


def _draw_entry(entry: Entry, x: float, y: float, sheet: Sheet) -> None:
    changed = entry["changed"]
    fill = CHANGED if changed else GROUND
    sheet.add(Box(x + 192, y, 396, 20, fill, fill, words=f"{entry['key']}: {entry['value']}"))
    sheet.add(Label(x, y, "▸" if changed else "", SMALL, INK, bold=True))
    sheet.add(Label(x + 12, y, fit(entry["key"], 120, SMALL), SMALL, GREY, left=True))
    sheet.add(Label(x + 140, y, fit(entry["value"], 244, SMALL, bold=changed), SMALL, INK, bold=changed, left=True))


def _told(row: Row, most: int = 3) -> list[str]:
    """What an event changed, on at most so many lines."""
    parts = [
        " ".join([change["key"], *([change["before"], "→"] if change["before"] else []), change["after"]])
        for change in row["changes"]
    ]
    rows = wrap(plain(", ".join(parts) or "nothing"), 76)
    return rows if len(rows) <= most else [*rows[: most - 1], fit(f"{rows[most - 1]} …", 464, SMALL)]


def _words(plan: Rebuilt, title: str, notes: list[str]) -> str:
    said = [f"{title}.", *(f"{note}." for note in notes if note)]
    said += [f"{_place(row)}: {' '.join(_told(row, 99))}" for row in plan["rows"]]
    said += [f"Later, not folded: {_place(row)}." for row in plan["later"]]
    said.append("The state then: " + ", ".join(f"{entry['key']} {entry['value']}" for entry in plan["state"]) + ".")
    return "\n".join(said)


def _place(row: Row) -> str:
    return f"{row['version']}, {row['time']}, {row['event'].type}"
