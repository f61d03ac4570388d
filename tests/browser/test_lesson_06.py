"""Lesson 06 as a learner meets it: every cell run, each control moved, an exercise answered wrongly and rightly."""

from __future__ import annotations

from playwright.sync_api import expect

from .lab import Browser, Lab
from .test_start_notebook import WIDER_THAN_ITS_PLACE

NAME = "06-event-notification.ipynb"
RIGHT = """async def heard(ward, event):
    patient = event.data["patient"]
    news = await ward.request("lab", Command("result.describe", {"patient": patient}))
    known = ward.state.get(patient, {"version": 0})
    if news["version"] <= known["version"]:
        return []
    ward.state[patient] = {"potassium": news["potassium"], "version": news["version"]}
    call = Event("doctor.called", {"patient": patient, "version": news["version"]}, patient)
    return [call] if news["potassium"] >= 6.0 else []

check("06.4", heard)"""
# The misconception: an answer that comes later is newer.
WRONG = RIGHT.replace('if news["version"] <= known["version"]:', 'if news["version"] == known["version"]:')


def test_the_lesson_on_event_notification_is_read_and_used(lab: Lab, browser: Browser) -> None:
    with browser.open(lab, NAME) as notebook:
        notebook.run_all(timeout=120)
        assert notebook.page.evaluate(WIDER_THAN_ITS_PLACE) == [], "something must be scrolled sideways"
        notebook.screenshot("06-lesson")

        for words, label, after in [
            ("what_if(letter.letter", "events", "15:17"),
            ("what_if(changed", "data", "says: flight, gate"),
            ("what_if(trust", "cache minutes", "3,633"),
            ("what_if(load", "changes per second", "160 questions/s"),
            ("what_if(ex6_designs.shown", "design", "59.95"),
        ]:
            control = notebook.outputs.nth(notebook.cell_with(words)).locator(".eventlab-knobs")
            control.scroll_into_view_if_needed()
            expect(control).not_to_contain_text(after)
            knob = control.locator(".bar").get_by_label(label)
            knob.focus()
            notebook.page.keyboard.press("ArrowRight" if knob.get_attribute("type") == "range" else "ArrowDown")
            expect(control).to_contain_text(after)
            expect(control).not_to_contain_text("Running")
        notebook.screenshot("06-controls", of_cells=False)

        question = notebook.outputs.nth(notebook.cell_with('predict("06.c")'))
        question.locator(".eventlab-questions").get_by_text("It grows about fivefold").click()
        told = notebook.type_into(notebook.cell_with('outcome("06.c")'), 'outcome("06.c")')
        assert "You expected b" in told and "longer queue" in told, told

        exercise = notebook.cell_with('check("06.4"')
        told = notebook.type_into(exercise, WRONG)
        assert "The ward went back" in told, told
        notebook.outputs.nth(exercise).scroll_into_view_if_needed()
        notebook.screenshot("06-wrong", of_cells=False)
        told = notebook.type_into(exercise, RIGHT)
        assert "06.4 solved" in told, told
        notebook.outputs.nth(exercise).scroll_into_view_if_needed()
        notebook.screenshot("06-right", of_cells=False)
        notebook.assert_clean()
