"""Lesson 07 as a learner meets it: every cell run, each control moved, an exercise answered wrongly and rightly."""

from __future__ import annotations

from playwright.sync_api import expect

from .lab import Browser, Lab
from .test_start_notebook import WIDER_THAN_ITS_PLACE

NAME = "07-event-carried-state-transfer.ipynb"
RIGHT = """def keep(prices, event):
    known = prices.get(event.subject, {"version": 0})
    if event.data["version"] > known["version"]:
        prices[event.subject] = event.data

check("07.4", keep)"""
# The misconception: what is withdrawn is deleted, and its version with it.
WRONG = RIGHT.replace(
    "        prices[event.subject] = event.data",
    '        prices[event.subject] = event.data if event.type == "price.set" else None',
)


def test_the_lesson_on_state_transfer_is_read_and_used(lab: Lab, browser: Browser) -> None:
    with browser.open(lab, NAME) as notebook:
        notebook.run_all(timeout=120)
        assert notebook.page.evaluate(WIDER_THAN_ITS_PLACE) == [], "something must be scrolled sideways"
        notebook.page.get_by_role("link", name="exercise 07.4").click()
        expect(notebook.page.get_by_role("heading", name="07.4 The product")).to_be_in_viewport()

        for words, label, before, after in [
            ("what_if(cut_off.cut_for", "minutes", "8 of them wrongly", "wrong for 119 minutes"),
            ("what_if(how_old", "every", "Wrong for 64%", "Wrong for"),
        ]:
            control = notebook.outputs.nth(notebook.cell_with(words)).locator(".eventlab-knobs")
            control.scroll_into_view_if_needed()
            expect(control).to_contain_text(before)
            control.locator(".bar").get_by_label(label).focus()
            notebook.page.keyboard.press("ArrowRight")
            expect(control).not_to_contain_text(before)
            expect(control).to_contain_text(after)
            expect(control).not_to_contain_text("Running")
        notebook.screenshot("07-controls", of_cells=False)

        question = notebook.outputs.nth(notebook.cell_with('predict("07.c")'))
        question.locator(".eventlab-questions").get_by_text("that is what eventual consistency means").click()
        assert "You expected b" in notebook.type_into(notebook.cell_with('outcome("07.c")'), 'outcome("07.c")')

        exercise = notebook.cell_with('check("07.4"')
        told = notebook.type_into(exercise, WRONG)
        assert "sells the tea again" in told, told
        notebook.outputs.nth(exercise).scroll_into_view_if_needed()
        notebook.screenshot("07-wrong", of_cells=False)
        told = notebook.type_into(exercise, RIGHT)
        assert "07.4 solved" in told, told
        assert "tombstone" in told
        notebook.outputs.nth(exercise).scroll_into_view_if_needed()
        notebook.screenshot("07-right", of_cells=False)
        notebook.assert_clean()
