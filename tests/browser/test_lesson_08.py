"""Lesson 08 as a learner meets it: the hook is touched, an exercise answered wrongly and rightly."""

from __future__ import annotations

from playwright.sync_api import expect

from .lab import Browser, Lab
from .test_start_notebook import WIDER_THAN_ITS_PLACE

NAME = "08-versions.ipynb"
RIGHT = """from eventlab.lessons import check

def in_version(data, old, new):
    rest = dict(data)
    if old == 3:
        milligrams = rest.pop("milligrams")
    else:
        milligrams = rest.pop("dose") * (1000 if rest.pop("unit", "mg") == "g" else 1)
    if new == 3:
        return {**rest, "milligrams": milligrams}
    return {**rest, "dose": milligrams} | ({"unit": "mg"} if new == 2 else {})

check("08.4", in_version)"""
WRONG = RIGHT.replace("1000 if", "1 if")


def test_the_lesson_on_versions_is_read_and_used(lab: Lab, browser: Browser) -> None:
    with browser.open(lab, NAME) as notebook:
        notebook.run_all(timeout=120)
        assert notebook.page.evaluate(WIDER_THAN_ITS_PLACE) == [], "something must be scrolled sideways"
        control = notebook.outputs.nth(notebook.cell_with("what_if(changed")).locator(".eventlab-knobs")
        control.scroll_into_view_if_needed()
        expect(control).to_contain_text("993 people without a meal")
        control.locator(".bar").get_by_label("change").select_option("minutes as seconds")
        expect(control).to_contain_text("4,538 meals too many")
        notebook.screenshot("08-hook", of_cells=False)

        exercise = notebook.cell_with('check("08.4"')
        told = notebook.type_into(exercise, WRONG)
        assert "were meant" in told, told
        notebook.outputs.nth(exercise).scroll_into_view_if_needed()
        notebook.screenshot("08-wrong", of_cells=False)
        assert "08.4 solved" in notebook.type_into(exercise, RIGHT)
        notebook.assert_clean()
