"""The learner's service in the storm, sourced, and on a page."""

from __future__ import annotations

from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from eventlab import Event, Partition, Projection
from eventlab.errors import Invalid
from eventlab.lessons import own
from eventlab.lessons.own import exporting, plugging
from eventlab.lessons.own.plugging import Storms, plug, storm, wanted
from eventlab.lessons.own.services import my_hotels, plain
from eventlab.views.player.page import write

AWAY = Partition("operations", "12:00", "14:00", ("hotels",))
FLIGHTS = 30


@pytest.fixture(autouse=True)
def afternoon(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A few of the flights, of all times of the day."""
    few = storm().with_(flights=list(storm().flights)[::16])
    monkeypatch.setattr(plugging, "storm", lambda: few)
    wanted.cache_clear()
    yield
    wanted.cache_clear()


def people() -> int:
    return sum(each for each, _ in wanted().values())


@pytest.mark.parametrize(
    "architecture",
    ["publish/subscribe", "event notification", "event-carried state transfer", "event sourcing"],
)
@pytest.mark.parametrize("service", [plain, my_hotels], ids=lambda each: each.__name__)
def test_the_same_service_houses_everybody_in_four_architectures(service: Any, architecture: str) -> None:
    (lived,) = plug(service, architecture).each
    assert lived.housed == sum(rooms for _, _, rooms in lived.rooms) == people()
    asks = architecture in ("event notification", "event sourcing")
    assert lived.requests == (len(wanted()) if asks else 0)


def test_where_services_are_called_by_name_nobody_calls_a_new_one() -> None:
    (lived,) = plug(plain, "request-driven").each
    assert lived.housed == 0 and lived.row["longest wait"] == ""


def test_while_operations_cannot_be_asked_only_who_reads_it_from_the_event_goes_on() -> None:
    asking, reading = plug(plain, "event notification", "event-carried state transfer", faults=[AWAY]).each
    assert asking.housed < reading.housed == people()
    assert asking.requests > len(wanted()), "each try is a request"


def test_a_chart_and_a_table_say_what_came_of_it() -> None:
    lived = plug(plain, "event-carried state transfer")
    assert f"{people():,}" in lived.picture.text and "event-carried state transfer" in repr(lived)
    assert "with a room" in lived.table.headings


def test_more_rooms_than_people_house_nobody_twice() -> None:
    def generous(service: Any, people_on: Any) -> None:
        async def book(event: Event) -> Event:
            flight = event.data["flight"]
            return Event("rooms.booked", {"flight": flight, "rooms": 2 * await people_on(event)}, flight)

        service.on("flight.cancelled", book, durable="hotels")

    (lived,) = plug(generous).each
    assert lived.housed == people() and lived.row["rooms booked"] == f"{2 * people():,}"


def test_a_loop_that_never_ends_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    def looping(service: Any, people_on: Any) -> None:
        while True:
            pass

    monkeypatch.setattr(plugging, "SECONDS", 0.3)
    with pytest.raises(Invalid, match=r"a service that comes to an end within 0.3 seconds"):
        plug(looping)


def test_what_cannot_be_plugged_in_is_told() -> None:
    with pytest.raises(Invalid, match=r"hotels in own.plug: expected a function"):
        plug(None)  # type: ignore[arg-type]
    with pytest.raises(Invalid, match=r"unknown architecture"):
        plug(plain, "events")
    with pytest.raises(Invalid, match=r"storm in own.sourced: expected what own"):
        own.sourced(plain)  # type: ignore[arg-type]


def test_its_bookings_rebuilt_from_a_store_are_the_same_answer() -> None:
    lived = plug(plain, "event sourcing")
    store = own.sourced(lived)
    rooms = Projection("rooms", lambda rooms, event: rooms + event.data["rooms"], 0)
    for clock in ("09:00", "15:00", "23:00"):
        instant = storm().at(clock)
        rooms.rebuild(store, as_of=instant)
        booked = sum(each for at, _, each in lived.each[0].rooms if at <= instant)
        assert abs(rooms.state - booked) <= 400, "what was decided just then is under way to the bus"
    assert rooms.state == people() and len(store.streams()) == len(wanted())


# The page -------------------------------------------------------------------------------------------------------------


class Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: set[str] = set()

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        self.seen.add(tag)
        if tag not in ("meta",):
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: Any) -> None:
        self.seen.add(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def test_the_page_has_code_storm_and_attack_and_runs_nothing(tmp_path: Path) -> None:
    said = own.export(plain, tmp_path / "mine.html")
    text = (tmp_path / "mine.html").read_text("utf-8")
    assert "open it in any browser" in said
    tags = Tags()
    tags.feed(text)
    assert tags.open == [] and not tags.seen & {"script", "link", "img", "iframe", "form", "a"}
    assert "default-src 'none'" in text and "http" not in text.replace("http-equiv", "").replace(
        "http://www.w3.org/2000/svg", ""
    )
    assert "def plain(service" in text and "hotels falls: The" in text and text.count("<svg ") == 2
    assert f"{people():,}" in text


def test_whatever_stands_in_the_code_is_shown_and_does_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    evil = "</pre><script>alert(1)</script>{style}\u202e\0"
    lived = Storms(plug(plain).each)
    monkeypatch.setattr(exporting, "plug", lambda service: lived)
    page = exporting.page(evil, lived, own.attack(my_hotels, plans=1))
    assert "<script" not in page and "&#60;script&#62;" in page and "\u202e" not in page and "\0" not in page
    assert "hotels stands: 1 fault plan, " in page and page.count("<svg ") == 1


@pytest.mark.parametrize("path", [None, 7, "", "a\0b"])
def test_a_path_that_cannot_be_meant_is_refused(path: Any) -> None:
    with pytest.raises(Invalid, match=r"path in own.export"):
        own.export(plain, path)


def test_where_nothing_can_be_written_there_is_no_page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exporting, "page", lambda *parts: "page")
    monkeypatch.setattr(exporting, "attack", lambda service: None)
    assert own.export(plain, tmp_path / "none" / "mine.html").startswith("There is no page: ")
    assert write("page", tmp_path / "mine.html").read_text() == "page"
