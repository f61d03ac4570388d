"""Lesson 13 as a learner meets it: a run is chosen, the bus is away longer, an exercise is answered badly and well."""

from __future__ import annotations

from itertools import pairwise

from playwright.sync_api import expect

from eventlab.lessons.lesson13 import kept

from .lab import Browser, Lab
from .test_start_notebook import WIDER_THAN_ITS_PLACE

NAME = "13-in-production.ipynb"
PAUSE = max(later - before for before, later in pairwise(kept.kills()[-1].told))  # of the last run in the menu
WRONG = """from eventlab import Event, NoReply, Unavailable
from eventlab.lessons import check

async def announce(rebooking, passenger, seat):
    data, id = {"passenger": passenger, "seat": seat}, f"seat of {passenger}"
    while True:
        try:
            await rebooking.publish_confirmed(Event("seat.found", data, passenger, id), timeout=2)
            return
        except (NoReply, Unavailable):
            await rebooking.sleep(1)

check("13.2", announce)"""
RIGHT = WRONG.replace("seat of {passenger}", "{passenger} in {seat}")


def test_the_lesson_on_production_is_read_and_used(lab: Lab, browser: Browser) -> None:
    with browser.open(lab, NAME) as notebook:
        notebook.run_all(timeout=120)
        assert notebook.page.evaluate(WIDER_THAN_ITS_PLACE) == [], "something must be scrolled sideways"
        hook = notebook.outputs.nth(notebook.cell_with("what_if(seats.one_run")).locator(".eventlab-knobs")
        hook.scroll_into_view_if_needed()
        hook.locator(".bar").get_by_label("run").focus()
        notebook.page.keyboard.press("End")
        expect(hook).to_contain_text(f"the longest pause took {PAUSE:.1f} seconds")
        notebook.screenshot("13-hook", of_cells=False)

        away = notebook.outputs.nth(notebook.cell_with("what_if(away")).locator(".eventlab-knobs")
        away.scroll_into_view_if_needed()
        away.locator(".bar").get_by_label("seconds").focus()
        notebook.page.keyboard.press("End")
        expect(away).to_contain_text("62 of 62 were told, 0 of them twice")
        notebook.screenshot("13-away", of_cells=False)
        notebook.outputs.nth(notebook.cell_with("morning.hears(real)")).scroll_into_view_if_needed()
        notebook.screenshot("13-morning", of_cells=False)

        exercise = notebook.cell_with('check("13.2"')
        told = notebook.type_into(exercise, WRONG)
        assert "another seat is another event" in told, told
        assert "13.2 solved" in notebook.type_into(exercise, RIGHT)
        notebook.assert_clean()
