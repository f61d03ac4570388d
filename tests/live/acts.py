"""What a learner does in the live lessons: he answers, turns, acts, comes back, and takes his progress along."""

from __future__ import annotations

import json
import re
from pathlib import Path
from tempfile import TemporaryDirectory

from playwright.sync_api import Page, expect

from tests.live.live import PATIENCE, Live
from tests.live.serving import Site

LESSON, ROOM, OTHER = "03-publish-subscribe.ipynb", "control-room.ipynb", "06-event-notification.ipynb"
ANSWER = "from eventlab.lessons import check\n\ndef subscribe(boards, show):\n    {}\n\ncheck('03.2', subscribe)"
WRONG = ANSWER.format('boards.on("flight.* gate.*", show)')
RIGHT = ANSWER.format('boards.on("flight.* gate.*", show, durable="boards")')
BOSTON = """from eventlab.airports import Scenario
from eventlab.control_room import control_room
boston = Scenario(flights=["9E3422-JFK-0208", "B61004-JFK-0208", "B61026-JFK-0208"], questions=1)
control_room(boston, "request-driven", "event-carried state transfer", since="07:25", until="11:45")"""
GO = "(room, minutes) => room.room.clock.go(minutes * 60000)"  # after 07:25
LONG = PATIENCE * 1_000  # ms
PHONE = {"width": 390, "height": 844}
CLOSED = "jupyterapp.shell.leftCollapsed && jupyterapp.shell.rightCollapsed"


def all_of_them(site: Site, page: Page) -> list[str]:
    """One session of one browser: a lesson, the control room, the page of progress, and the lesson once more.

    Gives what the pages complained of; what is not as it must be raises AssertionError.
    """
    expect.set_options(timeout=LONG)
    page.set_default_timeout(LONG)
    lesson = Live(page, site, LESSON)
    lesson.load()
    answers(lesson)
    turns(lesson)
    room = Live(page, site, ROOM)
    room.load()
    acts(room)
    keeps(site, page)
    lesson.load()
    lesson.run(0)  # any cell runs after its notebook's first one
    told = lesson.run(lesson.cell_with('progress("03")'))
    assert re.search(r"03\.2[^\n]*\byes\b", told), f"progress is lost over a reload: {told}"
    wrong = [*lesson.complaints, *(f"asks {host}" for host in sorted(lesson.outside | room.outside))]
    comes_back(site, page)
    expect.set_options(timeout=None)
    return wrong


def answers(lesson: Live) -> None:
    """Exercise 03.2, wrongly and rightly."""
    cell = lesson.cell_with('check("03.2"')
    told = lesson.type_into(cell, WRONG)
    assert "nobody kept the event for it" in told, told
    told = lesson.type_into(cell, RIGHT)
    assert "03.2 solved" in told, told


def turns(lesson: Live) -> None:
    """A control whose picture is computed anew."""
    cell = lesson.cell_with("what_if(messages")
    lesson.run(cell)
    control = lesson.outputs.nth(cell).locator(".eventlab-knobs")
    before = control.locator(".stage").inner_html()
    control.locator("select").select_option(label="12:00")
    expect(control.locator(".state")).to_have_text("Shown: hotels since 12:00")
    assert control.locator(".stage").inner_html() != before


def acts(room: Live) -> None:
    """Boards are stopped at 07:30: nobody hears in time where operations asks, everybody where it publishes."""
    room.type_into(1, BOSTON)
    shown = room.outputs.nth(1).locator(".eventlab-room")
    boards, late = (
        shown.locator('[data-service="boards"]'),
        shown.locator(".count").filter(has_text="late").locator("b"),
    )
    shown.evaluate(GO, 5)
    boards.first.focus()
    room.page.keyboard.press("s")
    expect(boards.nth(1)).to_have_attribute("aria-label", re.compile("boards: stopped"))
    expect(shown.locator(".act-bar")).to_have_count(1)
    shown.evaluate(GO, 20)
    expect(late.nth(0)).to_have_text("62")
    expect(late.nth(1)).to_have_text("0")


def keeps(site: Site, page: Page) -> None:
    """The page of progress: what was solved stands there, is exported, forgotten, and imported again."""
    page.goto(site.url("live/progress.html"))
    done, said = page.locator("#done"), page.locator("#said")
    expect(done).to_contain_text("03.2")
    with page.expect_download() as download:
        page.get_by_role("button", name="Export").click()
    with TemporaryDirectory() as folder:
        kept, other = Path(folder, "progress.json"), Path(folder, "other.json")
        download.value.save_as(kept)
        assert json.loads(kept.read_text())["solved"] == {"03.2": 2}
        page.once("dialog", lambda dialog: dialog.accept())
        page.get_by_role("button", name="Reset").click()
        expect(said).to_have_text("Forgotten.")
        expect(done).not_to_contain_text("03.2")
        other.write_text('{"solved": "all of them"}')
        page.locator("#file").set_input_files(other)
        expect(said).to_contain_text("Nothing was changed")
        page.locator("#file").set_input_files(kept)
        expect(said).to_have_text("Imported.")
    page.reload()
    expect(done).to_contain_text("03.2")


def comes_back(site: Site, page: Page) -> None:
    """On a phone, and the host is gone: a lesson that was never opened starts, with its side panels closed."""
    page.set_viewport_size(PHONE)
    site.gone = True
    other = Live(page, site, OTHER)
    other.load()
    assert page.evaluate(CLOSED), "on a phone a side panel takes the lesson's room"
    other.run(0)
    other.run(other.cell_with("warm_up("))
    site.gone = False
