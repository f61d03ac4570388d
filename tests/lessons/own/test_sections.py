"""The sections on one's own service in the lessons: each cell runs with a file, a broken one, and none."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from eventlab.lessons.own import plugging
from tests.support.kernel import NOTEBOOKS, Kernel, cells, kernel

LESSONS = [path for path in NOTEBOOKS if path.name[:2] in ("03", "06", "07", "09")]
FILE = """from eventlab import Event, Inbox, Outbox, Store


def my_hotels(service, people_on):
    Outbox(service, Store())
    Inbox(service)

    async def book(event):
        flight = event.data["flight"]
        return Event("rooms.booked", {"flight": flight, "rooms": await people_on(event)}, flight)

    service.on("flight.cancelled", book, durable="hotels", max_deliver=1000)
"""
KEPT = {"none": None, "kept": FILE, "broken": "def my_hotels(\n"}


@pytest.fixture
def it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Kernel]:
    """A kernel in which the storm has a few flights."""
    few = plugging.storm().with_(flights=list(plugging.storm().flights)[::40])
    monkeypatch.setattr(plugging, "storm", lambda: few)
    monkeypatch.setenv("EVENTLAB_HOTELS", str(tmp_path / "hotels.py"))
    plugging.wanted.cache_clear()
    with kernel() as it:
        yield it
    plugging.wanted.cache_clear()


@pytest.mark.parametrize("file", KEPT)
def test_each_cell_of_the_sections_runs_with_and_without_a_file(file: str, it: Kernel, tmp_path: Path) -> None:
    if (text := KEPT[file]) is not None:
        (tmp_path / "hotels.py").write_text(text, "utf-8")
    for path in LESSONS:
        own = [cell.source for cell in cells(path) if "my_hotels" in cell.source or "own.hotels" in cell.source]
        assert 1 <= len(own) <= 2, path.name
        for source in own:
            ran = it.run(source)
            assert not ran.error, ran.error
            if "= own.plug(own.hotels()" in source or "\nown.plug(own.hotels()" in source:
                assert ("ours is used" in ran.text) == (file != "kept")


def test_what_was_written_in_a_cell_is_kept_hardened_and_stands(it: Kernel, tmp_path: Path) -> None:
    written, plugged = (cell.source for cell in cells(LESSONS[0]) if "my_hotels" in cell.source)
    it.run(written)
    assert "Kept as `hotels.py`" in it.run(plugged.split("#")[0] + "own.keep(my_hotels)").text
    path = tmp_path / "hotels.py"
    assert "✕ hotels** falls" in it.run("own.attack(own.hotels())").text
    careful = "def my_hotels(service, people_on):\n    Outbox(service, Store())\n    Inbox(service)\n"
    edited = path.read_text("utf-8").replace("def my_hotels(service, people_on):\n", careful)
    path.write_text(edited.replace("import Event", "import Event, Inbox, Outbox, Store"), "utf-8")
    assert "✓ hotels** stands: 100 fault plans" in it.run("own.attack(own.hotels())").text
    page = tmp_path / "hotels.html"
    assert "The page is" in it.run(f"own.export(own.hotels(), {str(page)!r})").text
    assert "Outbox(service, Store())" in page.read_text("utf-8").replace("&#95;", "_")
