"""Lesson 10 as a learner meets it: a minute of 2013 is chosen, an exercise is answered wrongly and rightly."""

from __future__ import annotations

from playwright.sync_api import expect

from .lab import Browser, Lab
from .test_start_notebook import WIDER_THAN_ITS_PLACE

NAME = "10-views-of-the-past.ipynb"
RIGHT = """from eventlab.lessons import check

def gate_at(events, known, happened):
    told = [e for e in events if e.time <= known and e.data["since"] <= happened]
    return sorted(told, key=lambda e: e.data["since"])[-1].data["gate"] if told else ""

check("10.2", gate_at)"""
WRONG = RIGHT.replace("e.time <= known and ", "")


def test_the_lesson_on_views_of_the_past_is_read_and_used(lab: Lab, browser: Browser) -> None:
    with browser.open(lab, NAME) as notebook:
        notebook.run_all(timeout=180)
        assert notebook.page.evaluate(WIDER_THAN_ITS_PLACE) == [], "something must be scrolled sideways"
        control = notebook.outputs.nth(notebook.cell_with("what_if(at")).locator(".eventlab-knobs")
        control.scroll_into_view_if_needed()
        expect(control).to_contain_text("2013-02-08, 15:00")
        control.locator(".bar").get_by_label("hour").focus()
        notebook.page.keyboard.press("Home")
        expect(control).to_contain_text("2013-02-08, 00:00")
        notebook.screenshot("10-hook", of_cells=False)
        for name, cell in (("lag", "what_if(build"), ("times", "what_if(question"), ("forgotten", "what_if(forgotten")):
            notebook.outputs.nth(notebook.cell_with(cell)).scroll_into_view_if_needed()
            notebook.screenshot(f"10-{name}", of_cells=False)

        exercise = notebook.cell_with('check("10.2"')
        told = notebook.type_into(exercise, WRONG)
        assert "nobody could know it yet" in told, told
        notebook.outputs.nth(exercise).scroll_into_view_if_needed()
        notebook.screenshot("10-wrong", of_cells=False)
        assert "10.2 solved" in notebook.type_into(exercise, RIGHT)
        notebook.assert_clean()
