"""The first notebook, as a newcomer meets it: a service is stopped by a click, and 62 people hear too late."""

from __future__ import annotations

from playwright.sync_api import expect

from .lab import Browser, Lab

NAME = "00-start-here.ipynb"

# What is shown, and the code, must fit into a window of 1280 points beside JupyterLab's list of files.
WIDER_THAN_ITS_PLACE = """() => [...document.querySelectorAll(
    '.jp-OutputArea-output, .jp-CodeCell .cm-scroller, div:has(> .eventlab-still), .picture')]
    .filter(place => place.scrollWidth > place.clientWidth + 2).map(place => place.innerText.slice(0, 80))"""


def test_with_one_click_sixty_two_people_hear_too_late_in_one_airport_and_in_time_in_the_other(
    lab: Lab, browser: Browser
) -> None:
    with browser.open(lab, NAME) as notebook:
        notebook.run_all(timeout=300)  # ten seconds of work, on a machine that may be busy
        room = notebook.outputs.nth(0).locator(".eventlab-room")
        room.locator('[data-service="boards"]').first.click()
        room.get_by_role("button", name="Stop").first.click()
        room.get_by_role("button", name="Play").click()
        late = room.locator(".count").filter(has_text="late").locator("b")
        expect(late.nth(0)).to_have_text("62", timeout=60_000)
        expect(late.nth(1)).to_have_text("0")
        notebook.screenshot("00-late", of_cells=False)

        assert notebook.page.evaluate(WIDER_THAN_ITS_PLACE) == [], "something must be scrolled sideways"
        notebook.screenshot("00-start-here")
        notebook.assert_clean()
