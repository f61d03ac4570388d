"""Lesson 04 as a learner meets it: the hook is touched, an exercise answered wrongly and rightly."""

from __future__ import annotations

from playwright.sync_api import expect

from .lab import Browser, Lab
from .test_start_notebook import WIDER_THAN_ITS_PLACE

NAME = "04-handled-correctly.ipynb"
WRONG = """from eventlab.lessons import check

def first_time(id, now, seen, keep):
    seen = {each: at for each, at in seen.items() if now - at < keep}
    return id not in seen, {**seen, id: now}

check("04.3", first_time)"""
RIGHT = WRONG.replace("{**seen, id: now}", "{id: now, **seen}")


def test_the_lesson_on_handling_messages_is_read_and_used(lab: Lab, browser: Browser) -> None:
    with browser.open(lab, NAME) as notebook:
        notebook.run_all(timeout=120)
        assert notebook.page.evaluate(WIDER_THAN_ITS_PLACE) == [], "something must be scrolled sideways"
        control = notebook.outputs.nth(notebook.cell_with("what_if(evening_of")).locator(".eventlab-knobs")
        control.scroll_into_view_if_needed()
        expect(control).to_contain_text("214 without a voucher")
        control.locator(".bar").get_by_label("meals").select_option("B")
        expect(control).to_contain_text("598 vouchers too many")
        notebook.screenshot("04-hook", of_cells=False)

        exercise = notebook.cell_with('check("04.3"')
        told = notebook.type_into(exercise, WRONG)
        assert "came first at second" in told, told
        notebook.outputs.nth(exercise).scroll_into_view_if_needed()
        notebook.screenshot("04-wrong", of_cells=False)
        assert "04.3 solved" in notebook.type_into(exercise, RIGHT)
        notebook.assert_clean()
