"""The learner's service as a file: written, read, edited, broken, put aside; and no lesson needs it."""

from __future__ import annotations

import inspect
import linecache
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from eventlab.errors import Invalid
from eventlab.lessons import own
from eventlab.lessons.own import keeping, services
from eventlab.lessons.own.readable import written

CELL = """from eventlab import Event, Partition
from eventlab.lessons import own

TYPE = "rooms.booked"  # what is published


# Rooms for people who are stranded: "äöü".
def my_hotels(service, people_on):
    async def book(event):
        flight = event.data["flight"]
        rooms = await people_on(event)
        return Event(TYPE, {"flight": flight, "rooms": helper(rooms)}, flight)

    service.on("flight.cancelled", book, durable="hotels")


def helper(rooms):
    return rooms


result = own.plug(my_hotels)
own.keep(my_hotels)
"""


def cell(text: str, tmp_path: Path, **known: Any) -> Any:
    """The function `hotels` of a notebook's cell, which is not run to its end; `known` is what other cells made."""
    begin = text.split("\nresult")[0]
    name = str(tmp_path / "cell.py")
    linecache.cache[name] = (len(text), None, text.splitlines(keepends=True), name)
    module = keeping._imported(name, begin.encode())
    vars(module).update(known)
    module.my_hotels.__module__ = "__main__"
    linecache.cache[name] = (len(text), None, text.splitlines(keepends=True), name)
    return module.my_hotels


@pytest.fixture(autouse=True)
def kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    path = tmp_path / "hotels.py"
    monkeypatch.setenv("EVENTLAB_HOTELS", str(path))
    yield path
    sys.modules.pop("hotels", None)


def test_what_a_cell_holds_becomes_a_file_that_can_be_read_and_stands_alone(kept: Path, tmp_path: Path) -> None:
    said = own.keep(cell(CELL, tmp_path))
    assert said.startswith("Kept as `hotels.py`")
    text = kept.read_text("utf-8")
    assert text.startswith('"""My own service, hotels.')
    assert '# Rooms for people who are stranded: "äöü".\ndef my_hotels(service, people_on):' in text
    assert 'TYPE = "rooms.booked"  # what is published' in text and "def helper(rooms):" in text
    assert "own.plug" not in text and "own.keep" not in text, "it says what there is, and does nothing"
    assert not list(tmp_path.glob("*.part")) and not list(tmp_path.glob("__pycache__"))
    again = own.hotels()
    assert again is not services.plain and "people who" not in inspect.getsource(again)
    assert own.attack(again, plans=2).text.startswith("hotels falls: The ")


def test_imports_of_other_cells_are_written_into_the_file(tmp_path: Path) -> None:
    import math

    from eventlab import Event, Inbox
    from eventlab.lessons.own.fault_plans import Poison as Venom

    text = (
        "def my_hotels(service, people_on):\n    Inbox(service), Event, math.pi, Venom, LIMIT, print, [x for x in ()]\n"
    )
    found = written(cell(text, tmp_path, Inbox=Inbox, Event=Event, math=math, Venom=Venom, LIMIT=3))
    assert "from eventlab import Event\nfrom eventlab import Inbox\n" in found
    assert "import math\n" in found and "LIMIT = 3\n" in found
    assert "from eventlab.lessons.own.fault_plans import Poison as Venom\n" in found


def test_what_stands_in_another_cell_is_asked_for(kept: Path, tmp_path: Path) -> None:
    text = "def my_hotels(service, people_on):\n    service.on('a', helper)\n"
    with pytest.raises(Invalid, match=r"`helper` in own.keep: expected all that it needs in one cell"):
        own.keep(cell(text, tmp_path, helper=lambda event: None))
    assert not kept.exists()


@pytest.mark.parametrize("nothing", [None, 7, "hotels", print, lambda service, people_on: None, services.plain, str])
def test_what_is_no_function_hotels_of_a_cell_is_not_kept(nothing: Any, kept: Path) -> None:
    with pytest.raises(Invalid, match=r"hotels in own.keep: expected a function"):
        own.keep(nothing)
    assert not kept.exists()


def test_the_one_before_stays_beside_it_and_the_same_again_changes_nothing(kept: Path, tmp_path: Path) -> None:
    own.keep(cell(CELL, tmp_path))
    first = kept.read_text("utf-8")
    assert own.keep(cell(CELL, tmp_path)) == "`hotels.py` has it already."
    assert not (tmp_path / "hotels.before.py").exists()
    said = own.keep(cell(CELL.replace("stranded", "tired"), tmp_path))
    assert "The one before it is `hotels.before.py`." in said
    assert (tmp_path / "hotels.before.py").read_text("utf-8") == first
    assert "tired" in kept.read_text("utf-8")
    own.keep(own.hotels())
    assert "tired" in kept.read_text("utf-8"), "what was loaded can be kept again"


def test_without_a_file_ours_is_used_and_it_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    assert own.hotels() is services.plain
    assert capsys.readouterr().out == "There is no hotels.py yet (lesson 03 begins it): ours is used.\n"


def test_resetting_puts_it_aside_and_lessons_go_on_with_ours(kept: Path, tmp_path: Path) -> None:
    assert own.reset() == "There is no `hotels.py`: nothing to put aside."
    own.keep(cell(CELL, tmp_path))
    assert own.reset() == "`hotels.py` is called `hotels.before.py` now. Lessons use ours."
    assert not kept.exists() and (tmp_path / "hotels.before.py").exists()
    assert own.hotels() is services.plain


BROKEN = {
    "def my_hotels(service, people_on)\n    pass\n": "hotels.py, line 1: SyntaxError: ",
    "x = 1\n\nimport nothing_of_the_kind\n": "hotels.py, line 3: ModuleNotFoundError: No module named",
    "x = 1\ny = unknown\n": "hotels.py, line 2: NameError: name 'unknown' is not defined.",
    "raise SystemExit\n": "hotels.py, line 1: SystemExit.",
    "def motels(service, people_on):\n    pass\n": "hotels.py has no function my_hotels(service, people_on).",
    "my_hotels = 7\n": "hotels.py has no function my_hotels(service, people_on).",
    "\n\ndef my_hotels(service):\n    pass\n": "hotels.py, line 3: my_hotels takes two things, (service, people_on).",
    "": "hotels.py has no function my_hotels(service, people_on).",
    "x = 1\n\0\n": "hotels.py, line 2: there is a character U+0000 in it.",
    "(" * 500: "hotels.py, line 1: ",
}


@pytest.mark.parametrize("text", BROKEN, ids=range(len(BROKEN)))
def test_a_broken_file_is_told_in_one_sentence_with_its_line(
    text: str, kept: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    kept.write_text(text, "utf-8")
    before = sys.modules.get("hotels")
    assert own.hotels() is services.plain
    said = capsys.readouterr().out
    assert said.startswith(BROKEN[text]) and said.count("\n") == 1
    assert said.endswith("Until that is mended, ours is used; own.reset() puts the file aside.\n")
    assert sys.modules.get("hotels") is before or "has no" in said or "takes two" in said
    assert kept.read_text("utf-8") == text, "it is left as it is"


def test_a_file_that_is_no_text_is_told_with_its_line(kept: Path, capsys: pytest.CaptureFixture[str]) -> None:
    kept.write_bytes(b"x = 1\ny = '\xff'\n")
    own.hotels()
    assert capsys.readouterr().out.startswith("hotels.py, line 2: this is no text in UTF-8.")
    kept.write_bytes(b"#" * (keeping.LARGEST + 5))
    own.hotels()
    assert "more than 1,048,576 bytes" in capsys.readouterr().out


def test_a_folder_in_its_place_is_told_and_left_alone(
    kept: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    kept.mkdir()
    (kept / "mine.txt").write_text("mine")
    assert own.hotels() is services.plain
    assert capsys.readouterr().out.startswith("hotels.py cannot be read: ")
    assert own.keep(cell(CELL, tmp_path)).startswith("Nothing is kept: `hotels.py` cannot be written (")
    assert (kept / "mine.txt").read_text() == "mine"
    assert not list(tmp_path.glob("*.part"))


def test_an_edited_file_is_read_anew_each_time(kept: Path) -> None:
    kept.write_text("def my_hotels(service, people_on):\n    return 1\n")
    assert own.hotels()(None, None) == 1
    kept.write_text("def my_hotels(service, people_on):\n    return 2\n")
    assert own.hotels()(None, None) == 2


def test_where_progress_is_kept_in_memory_hotels_is_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("EVENTLAB_HOTELS")
    monkeypatch.setenv("EVENTLAB_PROGRESS", ":memory:")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(keeping, "_memory", {})
    own.keep(cell(CELL, tmp_path))
    assert own.hotels() is not services.plain
    own.reset()
    assert own.hotels() is services.plain
    assert not list(tmp_path.glob("hotels*"))
