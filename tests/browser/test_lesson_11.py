"""Lesson 11 as a learner meets it: the hook is touched, files are harmed, an exercise answered wrongly and rightly."""

from __future__ import annotations

from playwright.sync_api import expect

from .lab import Browser, Lab
from .test_start_notebook import WIDER_THAN_ITS_PLACE

NAME = "11-growth.ipynb"
WRONG = """from eventlab.lessons import check

def load(snapshots, read, version, schema):
    fits = [each for each in snapshots if each["schema"] == schema and each["version"] <= version]
    best = min(fits, key=lambda each: each["version"], default={"version": 0, "state": 0})
    return best["state"] + sum(read(best["version"], version))

check("11.3", load)"""
RIGHT = WRONG.replace("min(", "max(")


def test_the_lesson_on_growth_is_read_and_used(lab: Lab, browser: Browser) -> None:
    with browser.open(lab, NAME) as notebook:
        notebook.run_all(timeout=120)
        assert notebook.page.evaluate(WIDER_THAN_ITS_PLACE) == [], "something must be scrolled sideways"
        control = notebook.outputs.nth(notebook.cell_with("what_if(grown")).locator(".eventlab-knobs")
        control.scroll_into_view_if_needed()
        expect(control).to_contain_text("Load one flight")
        control.locator(".bar").get_by_label("work").focus()
        notebook.page.keyboard.press("End")
        expect(control).to_contain_text("The read model by column")
        notebook.screenshot("11-hook", of_cells=False)

        harm = notebook.outputs.nth(notebook.cell_with("what_if(look")).locator(".eventlab-knobs")
        harm.scroll_into_view_if_needed()
        harm.locator(".bar").get_by_label("harm").focus()
        notebook.page.keyboard.press("End")
        expect(harm).to_contain_text("the file is not what was written")
        notebook.screenshot("11-harm", of_cells=False)
        notebook.outputs.nth(notebook.cell_with("steep = exponents")).scroll_into_view_if_needed()
        notebook.screenshot("11-growth", of_cells=False)

        exercise = notebook.cell_with('check("11.3"')
        told = notebook.type_into(exercise, WRONG)
        assert "a later snapshot fits" in told, told
        assert "11.3 solved" in notebook.type_into(exercise, RIGHT)
        notebook.assert_clean()
