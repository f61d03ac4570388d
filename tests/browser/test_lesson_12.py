"""Lesson 12 as a learner meets it: every cell run, the controls turned, an exercise answered wrongly and rightly."""

from __future__ import annotations

from playwright.sync_api import expect

from .lab import Browser, Lab
from .test_start_notebook import WIDER_THAN_ITS_PLACE

NAME = "12-choosing.ipynb"
WRONG = """async def describe(desk, key):
    said = await desk.request("owner", Command("limit.describe", {"key": key}), timeout=1.0)
    return {"value": said["value"], "as_of": desk.now}

check("12.4", describe)"""
RIGHT = """async def describe(desk, key):
    try:
        said = await desk.request("owner", Command("limit.describe", {"key": key}), timeout=1.0)
        desk.state[key] = {"value": said["value"], "as_of": desk.now}
    except (NoReply, Unavailable):
        pass
    return dict(desk.state[key])

check("12.4", describe)"""


def test_the_lesson_on_choosing_is_read_and_used(lab: Lab, browser: Browser) -> None:
    with browser.open(lab, NAME) as notebook:
        notebook.run_all(timeout=180)
        notebook.screenshot("12-lesson")
        assert notebook.page.evaluate(WIDER_THAN_ITS_PLACE) == [], "something must be scrolled sideways"

        controls = notebook.outputs.locator(".eventlab-knobs")
        assert controls.count() == 4
        cut, cell, weights, guide = (controls.nth(number) for number in range(4))
        cell.locator(".bar").get_by_label("architecture").select_option(label="event-carried state transfer")
        expect(cell).to_contain_text("no service waits for another")
        cut.locator(".bar").get_by_label("minutes").focus()
        notebook.page.keyboard.press("End")
        expect(cut.locator(".state")).to_have_text("Shown: minutes 90", timeout=30_000)  # it runs two hours twice
        weights.locator(".bar").get_by_label("weight").focus()
        notebook.page.keyboard.press("End")
        expect(weights).to_contain_text("request-driven wins")
        guide.locator(".bar").get_by_label("cut off").select_option(label="must answer")
        guide.locator(".bar").get_by_label("the past").select_option(label="must be told")
        expect(guide).to_contain_text("Take event sourcing.")
        guide.locator(".bar").get_by_label("confirmed").select_option(label="must be done")
        expect(guide).to_contain_text("None meets every bar")
        guide.screenshot(path="tests/browser/shots/12-guide.png")

        exercise = notebook.cell_with('check("12.4"')
        imports = "from eventlab import Command, NoReply, Unavailable\n\n"
        told = notebook.type_into(exercise, imports + WRONG)
        assert "though the desk had been told of it before" in told, told
        notebook.outputs.nth(exercise).screenshot(path="tests/browser/shots/12-wrong.png")
        told = notebook.type_into(exercise, imports + RIGHT)
        assert "12.4 solved" in told, told
        notebook.assert_clean()
