"""The rows of departure boards: what the boards know, and what is wrong with it.

What the boards show comes from the trace; what was true has to be handed in, as no service knows it: for each subject
(since when, status, expected departure), in order of time.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypedDict

from eventlab.errors import unknown
from eventlab.stage import Board, Stage
from eventlab.trace import Record, Trace
from eventlab.views.drawing.wording import duration

Truth = Mapping[str, Sequence[tuple[int, str, int]]]
Known = Mapping[str, Mapping[str, Any]]  # by subject: what the boards know of it
NOTHING: Truth = {}
MOVABLE = ("scheduled", "delayed")  # what has one of these may leave at another time than planned


class Row(TypedDict):
    """What a board says, and in `wrong` for how long that is wrong, and what is true ("" if it is right)."""

    subject: str
    planned: int
    time: str
    to: str
    gate: str
    says: str
    listed: bool
    wrong: str
    changed: bool


class PlaceRows(TypedDict):
    """The board of one place."""

    place: str
    name: str
    rows: list[Row]


class Departures(TypedDict):
    """All boards at an instant; `listed` and `everywhere` count the rows that have no room, where that is known.

    `stopped` says since when the service that has them is stopped ("" if it is not).
    """

    now: str
    word: str
    boards: list[PlaceRows]
    shown: int
    wrong: int
    judged: bool
    stopped: str
    listed: dict[str, int] | None
    everywhere: int


def learn(known: dict[str, Any], records: Iterable[Record], service: str) -> set[str]:
    """Let the rows change as these changes say; gives the subjects whose rows changed.

    A row is a dictionary: what else a service keeps (the version of a copy) is no row.
    """
    changed = set()
    for record in records:
        value = record.before if record.after is None else record.after
        if record.where == service and isinstance(value, Mapping):
            changed.add(record.key)
            if record.after is None:
                known.pop(record.key, None)
            else:
                known[record.key] = record.after
    return changed


def stopped_since(records: Iterable[Record], service: str, since: str, stage: Stage) -> str:
    """When a service stopped, if it did not work again; `since` is what was so before these records."""
    for record in records:
        if record.where == service:
            since = stage.clock(record.at) if record.kind == "crashed" else ""
    return since


def place_of(subject: str, places: Iterable[str]) -> str:
    """The place that a row belongs to: EWR of "UA1545-EWR-0101"; nothing if there is none."""
    parts = subject.split("-")
    return next((place for place in places if place in parts), "")


def planned(subject: str, known: Known, truth: Truth) -> int:
    """The planned departure, as far as anybody knows it; 0 otherwise."""
    return known.get(subject, {}).get("planned") or (truth[subject][0][2] if truth.get(subject) else 0)


def in_order(subjects: Iterable[str], known: Known, truth: Truth) -> list[str]:
    """The subjects in order of planned departure."""
    return sorted(subjects, key=lambda subject: (planned(subject, known, truth), subject))


def listed(known: Known, truth: Truth, now: int, places: Iterable[str]) -> list[str]:
    """The subjects of these places that are on the boards, and those that should be."""
    missing = [subject for subject, moments in truth.items() if moments[0][0] <= now and subject not in known]
    return [subject for subject in (*known, *missing) if place_of(subject, places)]


def check(subjects: Iterable[str], known: Known, truth: Truth, stage: Stage) -> None:
    """Raise `Invalid` for a subject that neither the boards nor the truth know."""
    for subject in subjects:
        if subject not in known and subject not in truth:
            names = sorted({*known, *truth})
            raise unknown(stage.subject, subject, [*names[:3], "…"] if len(names) > 4 else names, where="boards")


def how_often(trace: Trace, steps: Sequence[int]) -> Counter[str]:
    """How many of the steps are about each subject."""
    records = [trace[index] for index in steps]
    return Counter(record.key or (record.message.subject if record.message else "") for record in records)


class Boards:
    """What the boards say at an instant: `known` to the service, beside the `truth`."""

    def __init__(self, known: Known, truth: Truth, now: int, stage: Stage, board: Board) -> None:
        self.known, self.truth, self.now, self.stage, self.board = known, truth, now, stage, board

    def row(self, subject: str, *, changed: bool = False) -> Row:
        """The row of one subject."""
        known, plan = self.known.get(subject), planned(subject, self.known, self.truth)
        row: Row = {
            "subject": subject, "planned": plan, "time": self.stage.clock(plan) if plan else "?", "to": "", "gate": "",
            "says": "not listed", "listed": known is not None, "wrong": "", "changed": changed,
        }  # fmt: skip
        status, estimate = "", 0
        if known is not None:
            status, estimate = known.get("status", ""), known.get("estimate", 0)
            row["to"], row["gate"] = known.get("dest", "?"), self._gate(known.get("gate"))
            row["says"] = self._says(status, estimate, plan)
        row["wrong"] = self._wrong(subject, status, estimate, plan, row["says"])
        return row

    def _gate(self, gate: str | None) -> str:
        """A gate's name, without the place that the board is for."""
        if gate is None:
            return "?"
        place = place_of(gate.replace(" ", "-"), self.board.places)
        return gate.removeprefix(place).lstrip(" -") or "–"

    def _wrong(self, subject: str, status: str, estimate: int, plan: int, says: str) -> str:
        moments = self.truth.get(subject, ())
        place = bisect_right(moments, self.now, key=lambda moment: moment[0])
        if not place:
            return ""
        since, true_status, true_estimate = moments[place - 1]
        if (status, estimate) == (true_status, true_estimate):
            return ""
        true = self._says(true_status, true_estimate, plan)
        true += f", leaving {self.stage.clock(true_estimate)}" if true == says else ""
        return f"wrong for {duration(self.now - since)}: {true}"

    def _says(self, status: str, estimate: int, planned: int) -> str:
        late = status in MOVABLE and estimate not in (0, planned)
        return f"delayed {self.stage.clock(estimate)}" if late else status or "?"
