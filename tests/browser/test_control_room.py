"""The control room in a real JupyterLab: acted in with mouse and keyboard; the cell that makes the same run again."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import nbformat
import pytest
from playwright.sync_api import Locator, expect

from eventlab.airports import Scenario
from eventlab.control_room import control_room

from .lab import Browser, Lab

BOSTON = ["9E3422-JFK-0208", "B61004-JFK-0208", "B61026-JFK-0208"]
CELLS = f"""
from eventlab.airports import Scenario
from eventlab.control_room import control_room
boston = Scenario(flights={BOSTON}, questions=1)
room = control_room(boston, "request-driven", "event-carried state transfer", since="07:25", until="11:45")
room
---
again = "not yet"
"""
VIEWS = f"""
import os
from eventlab.airports import Scenario
from eventlab.control_room import control_room
boston, runs = Scenario(flights={BOSTON}, questions=1), 0
os.getpid()
---
runs += 1
room = control_room(boston, "request-driven", "event-carried state transfer", since="07:25", until="11:45")
room
---
room
"""
KEPT = """
import gc
from eventlab.control_room.session import Session
gc.collect()
rooms = [each.ahead for each in gc.get_objects() if isinstance(each, Session)]
runs, sum(each.leading[0].ran > each.begin for each in rooms)
"""


@pytest.fixture(scope="module")
def own_lab(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    folder: Path = tmp_path_factory.mktemp("notebooks")
    for name, cells in (("room", CELLS), ("views", VIEWS)):
        made = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell.strip()) for cell in cells.split("---")])
        made.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
        nbformat.write(made, folder / f"{name}.ipynb")
    with Lab(folder) as lab:
        yield lab


def at(room: Locator, clock: str) -> None:
    """Drag the clock to a time of the morning, as far as a script can: exactly."""
    hours, minutes = clock.split(":")
    moment = ((int(hours) - 7) * 60 + int(minutes) - 25) * 60_000
    room.evaluate("(room, moment) => room.room.clock.go(moment)", moment)


def test_what_is_done_by_hand_happens_in_both_and_is_a_scenario(own_lab: Lab, browser: Browser) -> None:
    with browser.open(own_lab, "room.ipynb") as notebook:
        notebook.run_all()
        notebook.page.set_default_timeout(10_000)
        page, room = notebook.page, notebook.outputs.nth(0).locator(".eventlab-room")
        findings, notice = room.locator(".finding"), room.locator(".notice")
        boards = room.locator('[data-service="boards"]')
        late = room.locator(".count").filter(has_text="late").locator("b")
        expect(room.locator(".clock")).to_contain_text("07:29:55")
        expect(notebook.outputs.nth(0).locator(".jp-OutputArea-child").nth(1)).to_be_hidden()  # the still picture

        # Stop boards with the keyboard; both architectures have them stopped, and the strip has the act.
        at(room, "07:30")
        boards.first.focus()
        page.keyboard.press("s")
        expect(boards.nth(1)).to_have_attribute("aria-label", "boards: stopped for 0 ms")
        expect(room.locator(".act-bar")).to_have_count(1)

        # What follows: nobody hears of the cancellation where operations asks and waits.
        at(room, "07:45")
        expect(late.nth(0)).to_have_text("62")
        expect(late.nth(1)).to_have_text("0")
        expect(room.locator(".mission .goal")).to_contain_text("✓ solved")
        expect(boards.first).to_have_attribute("aria-label", "boards: stopped for 15 min")

        # Step back and forward: the same moment shows the same.
        said = findings.all_inner_texts()
        room.locator(".playhead").focus()
        page.keyboard.press("Shift+ArrowLeft")
        expect(room.locator(".clock")).to_contain_text("07:44:00")
        page.keyboard.press("Shift+ArrowRight")
        assert findings.all_inner_texts() == said

        # Lose an arrow and cut a service off with the mouse.
        boards.first.click()
        room.get_by_role("button", name="Cut off").click()
        expect(room.locator(".act-bar")).to_have_count(2)
        room.get_by_role("button", name="operations → boards").click()
        room.get_by_role("button", name="Lose all").click()
        expect(room.locator(".act-bar")).to_have_count(3)
        expect(notice).to_be_hidden()

        # What one architecture does not use can be stopped too: the bus, a bar here and a spare box there.
        room.locator('[data-service="bus"]').nth(1).click()
        room.get_by_role("button", name="Stop", exact=True).click()
        expect(room.locator(".act-bar")).to_have_count(4)
        expect(room.locator('.node.stop[data-service="bus"]')).to_have_count(2)
        room.get_by_role("button", name="Undo").click()

        # Undo twice, with the button and the key; then move the act's end with its grip.
        room.get_by_role("button", name="Undo").click()
        expect(room.locator(".act-bar")).to_have_count(2)
        page.keyboard.press("Control+z")
        expect(room.locator(".act-bar")).to_have_count(1)
        page.keyboard.press("Escape")
        room.locator(".act-grip").nth(1).focus()
        for _ in range(2):
            page.keyboard.press("Shift+ArrowLeft")
        expect(room.locator(".strip text.act-word, .strip text.act-beside")).to_contain_text("until 11:43")

        # The cell makes the same runs again, byte for byte.
        room.get_by_role("button", name="As a cell").click()
        digests = room.locator(".digest")
        expect(digests).to_have_count(2, timeout=20_000)
        wanted = [text.split(": ")[1] for text in digests.all_inner_texts()]
        output = notebook.type_into(1, room.locator("pre.cell").inner_text())
        assert all(digest in output for digest in wanted)

        # A kernel that goes while it plays: one clear sentence, and what was told stays.
        page.evaluate("jupyterapp.commands.execute('kernelmenu:shutdown')")
        expect(page.locator(".jp-Notebook-ExecutionIndicator[data-status='idle']")).to_have_count(0)
        boards.first.focus()
        page.keyboard.press("s")
        expect(notice).to_contain_text("The kernel is gone")
        assert findings.count() == 2
        notebook.assert_clean()


def test_two_views_five_runs_of_a_cell_and_a_kernel_that_is_killed(own_lab: Lab, browser: Browser) -> None:
    with browser.open(own_lab, "views.ipynb") as notebook:
        notebook.run_all()
        notebook.page.set_default_timeout(10_000)
        page, rooms = notebook.page, notebook.page.locator(".jp-Notebook .eventlab-room")
        kernel, room, clock = int(notebook.output_of(0).split()[-1]), rooms.first, rooms.first.locator(".clock")

        # To the first message after 07:32, to the next one, and a step back.
        at(room, "07:32")
        room.locator(".playhead").focus()
        page.keyboard.press("ArrowRight")
        first = clock.inner_text()
        page.keyboard.press("ArrowRight")
        assert first.startswith("07:32:55") and clock.inner_text() > first
        page.keyboard.press("ArrowLeft")
        assert clock.inner_text() == first

        # The airline is made to name another flight, in one architecture: both views show it, and what comes of it.
        room.locator(".panel").first.locator(".dot:not(.none)").first.click()
        room.get_by_label("Field").select_option("flight")
        room.get_by_label("New value").fill("B61026-JFK-0208")
        room.get_by_role("button", name="Edit").click()
        for each in rooms.all():
            expect(each.locator(".act-bar")).to_have_count(1)
        page.keyboard.press("End")
        late = room.locator(".count").filter(has_text="late").locator("b")
        expect(late.nth(0)).to_have_text("62")
        expect(late.nth(1)).to_have_text("0")

        # The cell is run five times more: of all rooms only the two that are seen have anything computed.
        for _ in range(5):
            notebook.run_again(1)
        expect(rooms).to_have_count(2)
        assert notebook.type_into(0, KEPT).split("\n")[-1].strip() == "(6, 2)"

        # A kernel that is killed while it plays: one sentence, and it plays on as far as it was told.
        room.locator(".play").click()
        os.kill(kernel, signal.SIGKILL)
        expect(room.locator(".notice")).to_have_text(
            "The kernel is gone: what it told can still be looked at. Run the cell again to act."
        )
        before = clock.inner_text()
        expect(clock).not_to_have_text(before)


def test_a_recorded_room_plays_without_a_kernel(browser: Browser, tmp_path: Path) -> None:
    room = control_room(
        Scenario(flights=BOSTON, questions=1), "request-driven", "event-carried state transfer", until="10:00"
    )
    room.session.hear({"kind": "act", "at": 5 * 60_000, "verb": "stop", "target": "boards", "until": 65 * 60_000})
    room.session.hear({"kind": "want", "at": 8 * 60_000, "until": 8 * 60_000})
    room.session.hear({"kind": "act", "at": 5 * 60_000, "verb": "lose", "target": "bus>boards", "until": 90 * 60_000})
    while room.session.work(1.0):
        pass
    *_, last = room.session.ahead.leading[0].run.trace.of("sent")
    room.session.hear({"kind": "act", "at": 5 * 60_000, "verb": "drop", "target": str(last.packet), "a": 0})
    page = browser.page()
    problems: list[str] = []
    page.on("console", lambda message: problems.append(message.text))
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.goto(room.save(tmp_path / "room.html").as_uri())
    shown = page.locator(".eventlab-room")
    shown.locator(".play").click()
    page.wait_for_timeout(500)
    shown.locator(".play").click()
    assert shown.evaluate("room => room.room.clock.t") > 0
    page.keyboard.press("End")
    expect(shown.locator(".pace")).to_have_text("paused")
    expect(shown.locator(".act-bar")).to_have_count(3)
    shown.locator("path.act-bar").press("Enter")
    expect(shown.locator(".side .sub").first).to_have_text("your act, in request-driven")
    shown.locator('[data-service="boards"]').first.click()
    shown.get_by_role("button", name="Stop", exact=True).click()
    expect(shown.locator(".notice")).to_contain_text("acting needs a kernel")
    assert shown.locator(".side li").count() > 3

    # A dead letter is opened, and the same figures stand in a table.
    shown.locator(".panel").nth(1).locator(".letter:not(.gone)").last.click()
    expect(shown.locator(".side")).to_contain_text("a dead letter: ")
    shown.get_by_text("The figures as a table").click()
    late = shown.get_by_role("row", name="Told late, or not yet").locator("td")
    assert late.all_inner_texts() == shown.locator(".count:first-child b").all_inner_texts()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert problems == []
    page.context.close()
