"""What an instructor needs for a lesson beside the lesson itself, as data: one file for each lesson in `teaching/`."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Literal

import msgspec

from eventlab import borders
from eventlab.door import door
from eventlab.errors import Invalid

FOLDER = Path(__file__).parent / "teaching"
Place = tuple[str, float, float]  # a name or words, its column and its row
Arrow = tuple[str, str, str, str]  # from, to, kind (see `strokes.KINDS`), words


class Curve(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """A line in a chart; points lie between 0 and 10 both ways."""

    words: str
    points: list[tuple[float, float]]
    wrong: bool = False  # whether this is what fails


class Sketch(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """One drawing for the board: what is drawn, and what is said with it."""

    title: str
    say: str
    kind: Literal["boxes", "ladder", "chart", "grid"]
    boxes: list[Place] = []  # boxes: each once, where it stands
    arrows: list[Arrow] = []  # boxes: between boxes; ladder: from top to bottom, to oneself: work
    fails: str = ""  # a box; the number of an arrow ("3"); in a grid, a cell ("2 1": row, column)
    notes: list[Place] = []
    who: list[str] = []  # ladder: from left to right
    late: dict[str, float] = {}  # ladder: by the number of an arrow, how many rows later it arrives
    axes: tuple[str, str] = ("", "")  # chart: along, up
    curves: list[Curve] = []
    limit: tuple[float, str] = (0.0, "")  # chart: a level, and its name
    columns: list[str] = []  # grid: the first is above the names of rows
    rows: list[list[str]] = []


class Round(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """A round of the game: what is played."""

    title: str
    text: str
    fails: bool = False


class Message(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """A card that is handed over."""

    title: str  # the type of the message, or what is asked
    way: str  # from whom to whom
    text: str = ""
    copies: int = 1


class Game(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """The lesson, played with cards: people are services, and hand over messages."""

    title: str
    people: int
    minutes: int
    setup: str
    roles: list[tuple[str, str]]  # a name, and what one does
    messages: list[Message]
    rounds: list[Round]
    ask: list[str]  # at the end


class Teaching(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """All of it, for one lesson."""

    late: list[str]  # what to cut when ten minutes late, in this order
    discuss: list[str]
    sketches: list[Sketch]
    game: Game


@door
def teaching(number: str) -> Teaching:
    """What there is for a lesson; `Invalid` names what is wrong with its file."""
    path = FOLDER / f"{borders.text(number, 'lesson', where='teaching', least=1, plain=True)}.toml"
    try:
        return msgspec.convert(tomllib.loads(path.read_text("utf-8")), Teaching)
    except (OSError, tomllib.TOMLDecodeError, msgspec.ValidationError) as problem:
        raise Invalid(
            "teaching", where=path.name, expected="late, discuss, sketches, game", found=str(problem)
        ) from None
