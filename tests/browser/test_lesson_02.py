"""Lesson 02 as a learner meets it: the hook is touched, a prediction kept, an exercise answered wrongly and rightly."""

from __future__ import annotations

from playwright.sync_api import expect

from .lab import Browser, Lab
from .test_start_notebook import WIDER_THAN_ITS_PLACE

NAME = "02-resilience.ipynb"
WRONG = """from eventlab.lessons import check

def allow(first, tokens, share, most):
    if first:
        return True, tokens + share
    return (True, tokens - 1) if tokens >= 1 else (False, tokens)

check("02.3", allow)"""
RIGHT = WRONG.replace("tokens + share", "min(most, tokens + share)")


def test_the_lesson_on_resilience_is_read_and_used(lab: Lab, browser: Browser) -> None:
    with browser.open(lab, NAME) as notebook:
        notebook.run_all(timeout=120)
        assert notebook.page.evaluate(WIDER_THAN_ITS_PLACE) == [], "something must be scrolled sideways"
        control = notebook.outputs.nth(notebook.cell_with("what_if(outage")).locator(".eventlab-knobs")
        control.scroll_into_view_if_needed()
        expect(control).to_contain_text("0.0 answers in time")
        control.locator(".bar").get_by_label("tries").focus()
        notebook.page.keyboard.press("Home")
        expect(control).to_contain_text("1.0 answers in time")
        notebook.screenshot("02-hook", of_cells=False)

        notebook.outputs.nth(notebook.cell_with("row(name, felt)")).scroll_into_view_if_needed()
        notebook.screenshot("02-policies", of_cells=False)

        exercise = notebook.cell_with('check("02.3"')
        told = notebook.type_into(exercise, WRONG)
        assert "tokens were kept, at most" in told, told
        notebook.outputs.nth(exercise).scroll_into_view_if_needed()
        notebook.screenshot("02-wrong", of_cells=False)
        assert "02.3 solved" in notebook.type_into(exercise, RIGHT)
        notebook.assert_clean()
