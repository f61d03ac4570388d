"""Lesson 01 as a learner meets it: every cell run, each control moved, an exercise answered wrongly and rightly."""

from __future__ import annotations

from playwright.sync_api import expect

from .lab import Browser, Lab, Notebook
from .test_start_notebook import WIDER_THAN_ITS_PLACE

NAME = "01-request-driven.ipynb"
WRONG = """from eventlab import Refused, Unavailable

async def pay(shop, order):
    try:
        await shop.request("payment", Command("payment.charge", {"order": order}), timeout=1)
        return {"paid": True}
    except (NoReply, Refused, Unavailable):
        return {"paid": False}

check("01.4", pay)"""
RIGHT = """from eventlab import Refused, Unavailable

async def pay(shop, order):
    try:
        await shop.request("payment", Command("payment.charge", {"order": order}), timeout=1)
        return {"paid": True}
    except (Refused, Unavailable):
        return {"paid": False}
    except NoReply:
        pass
    while True:
        try:
            found = await shop.request("payment", Command("payment.find", {"order": order}), timeout=1)
            return {"paid": found["charged"]}
        except (NoReply, Unavailable):
            await shop.sleep(1)

check("01.4", pay)"""


def test_the_lesson_on_requests_is_read_and_used(lab: Lab, browser: Browser) -> None:
    with browser.open(lab, NAME) as notebook:
        notebook.run_all(timeout=120)
        assert notebook.page.evaluate(WIDER_THAN_ITS_PLACE) == [], "something must be scrolled sideways"
        predicts(notebook)
        turns(notebook)
        solves(notebook)
        notebook.assert_clean()


def predicts(notebook: Notebook) -> None:
    """A prediction is kept, and shown beside the outcome."""
    question = notebook.outputs.nth(notebook.cell_with('predict("01.c")')).locator(".eventlab-questions")
    question.get_by_text("The gates: something in them is still broken").click()
    told = notebook.type_into(notebook.cell_with('outcome("01.c")'), 'outcome("01.c")')
    assert "You expected a" in told, told


def turns(notebook: Notebook) -> None:
    """Each control once, and what changed."""
    for words, label, before, after in [
        ("what_if(rush", "seconds slow", "At second 100, 0% are answered", "At second 100, 100% are answered"),
        ("what_if(with_change", "change", "no error: passengers get an answer", "fails: KeyError: 'further'"),
        ("what_if(chain", "services", "5 services, each up for 99%", "10 services, each up for 99%"),
        ("what_if(again", "seconds off", "At second 100, 0% are answered", "At second 100, 100% are answered"),
    ]:
        control = notebook.outputs.nth(notebook.cell_with(words)).locator(".eventlab-knobs")
        control.scroll_into_view_if_needed()
        expect(control).to_contain_text(before)
        knob = control.locator(".bar").get_by_label(label)
        if label == "change":
            knob.select_option(label="further is now called events")
        else:
            knob.focus()
            notebook.page.keyboard.press("Home" if label == "seconds slow" else "End")
        expect(control).to_contain_text(after)
        expect(control).not_to_contain_text("Running")
        notebook.screenshot(f"01-{label.replace(' ', '-')}", of_cells=False)


def solves(notebook: Notebook) -> None:
    """Exercise 01.4: the misconception that silence is a no, then a right answer."""
    exercise = notebook.cell_with('check("01.4"')
    told = notebook.type_into(exercise, WRONG)
    assert "told that it is not paid, but the card was charged" in told, told
    notebook.outputs.nth(exercise).scroll_into_view_if_needed()
    notebook.screenshot("01-wrong", of_cells=False)
    told = notebook.type_into(exercise, RIGHT)
    assert "01.4 solved" in told, told
    notebook.outputs.nth(exercise).scroll_into_view_if_needed()
    notebook.screenshot("01-right", of_cells=False)
