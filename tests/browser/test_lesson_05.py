"""Lesson 05 as a learner meets it: the hook is touched, time is moved, an exercise answered wrongly and rightly."""

from __future__ import annotations

from playwright.sync_api import expect

from .lab import Browser, Lab
from .test_start_notebook import WIDER_THAN_ITS_PLACE

NAME = "05-sagas.ipynb"
WRONG = """from eventlab.lessons import check

def next_command(steps, events):
    done = [step for step in steps if step["name"] + ".done" in events]
    if any(event.endswith("refused") for event in events):
        left = [step for step in done if step["name"] + ".undone" not in events]
        return left[0]["undo"] if left else ""
    return steps[len(done)]["do"] if len(done) < len(steps) else ""

check("05.3", next_command)"""
RIGHT = WRONG.replace("left[0]", "left[-1]")


def test_the_lesson_on_sagas_is_read_and_used(lab: Lab, browser: Browser) -> None:
    with browser.open(lab, NAME) as notebook:
        notebook.run_all(timeout=120)
        assert notebook.page.evaluate(WIDER_THAN_ITS_PLACE) == [], "something must be scrolled sideways"
        control = notebook.outputs.nth(notebook.cell_with("what_if(anna")).locator(".eventlab-knobs")
        control.scroll_into_view_if_needed()
        expect(control).to_contain_text("waits for hotel")
        control.locator(".bar").get_by_label("hotels").focus()
        notebook.page.keyboard.press("Home")
        expect(control).to_contain_text("Rebooking of anna: done")
        notebook.screenshot("05-hook", of_cells=False)

        moment = notebook.outputs.nth(notebook.cell_with("what_if(at")).locator(".eventlab-knobs")
        moment.scroll_into_view_if_needed()
        moment.locator(".bar").get_by_label("seconds").focus()
        notebook.page.keyboard.press("End")
        expect(moment).to_contain_text("stuck with hotel")
        notebook.screenshot("05-moment", of_cells=False)
        notebook.outputs.nth(notebook.cell_with("sale.chart()")).scroll_into_view_if_needed()
        notebook.screenshot("05-seats", of_cells=False)

        exercise = notebook.cell_with('check("05.3"')
        told = notebook.type_into(exercise, WRONG)
        assert "the way leads back, from the last step that was done" in told, told
        notebook.outputs.nth(exercise).scroll_into_view_if_needed()
        notebook.screenshot("05-wrong", of_cells=False)
        assert "05.3 solved" in notebook.type_into(exercise, RIGHT)
        notebook.assert_clean()
