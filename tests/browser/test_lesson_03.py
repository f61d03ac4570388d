"""Lesson 03 in a real JupyterLab: run all, turn every control, answer wrongly and then rightly by typing."""

from __future__ import annotations

from playwright.sync_api import Locator, expect

from .lab import SHOTS, Browser, Lab, Notebook
from .test_start_notebook import WIDER_THAN_ITS_PLACE

NAME = "03-publish-subscribe.ipynb"
STILL_WRONG = 'boards.on("flight.* gate.*", show)'
RIGHT = 'boards.on("flight.* gate.*", show, durable="boards")'


def test_the_lesson_is_run_turned_and_solved(lab: Lab, browser: Browser) -> None:
    with browser.open(lab, NAME) as notebook:
        notebook.run_all(timeout=120)
        notebook.page.locator(".jp-Notebook .jp-Cell").first.scroll_into_view_if_needed()
        notebook.screenshot("03-all")
        assert notebook.page.evaluate(WIDER_THAN_ITS_PLACE) == [], "something must be scrolled sideways"
        predicts(notebook)
        turns(notebook)
        solves(notebook)
        notebook.assert_clean()


def predicts(notebook: Notebook) -> None:
    """A prediction is kept, and an answer of the warm-up is told why at once."""
    page = notebook.page
    page.get_by_label("Everybody but boards.").check()
    expect(page.get_by_text("So it would be if the calls did not depend on each other").first).to_be_visible()
    page.get_by_label("Its code: somebody must add hotels").check()
    expect(page.get_by_text("You will see it again after the run").first).to_be_visible()


def turns(notebook: Notebook) -> None:
    """Each control once, and what changed."""
    controls = notebook.outputs.locator(".eventlab-knobs")
    assert controls.count() == 4
    joins, slow, stopped, hired = (controls.nth(number) for number in range(4))

    joins.locator("select").select_option(label="12:00")
    expect(joins.locator(".state")).to_have_text("Shown: hotels since 12:00")
    expect(joins).to_contain_text("cancellations")

    before = slow.locator("td").all_inner_texts()
    turn(slow.locator("input"), "End")
    expect(slow.locator(".state")).to_have_text("Shown: service notices, times 50")
    after = slow.locator("td").all_inner_texts()
    assert before[1] != after[1], "the airline of the request-driven airport waits as before"
    assert before[6] == after[6], "the airline of the other airport noticed"

    stopped.locator("select").select_option(label="ephemeral")
    expect(stopped.locator(".state")).to_have_text("Shown: minutes 120, subscription ephemeral")
    assert "missed: 0" not in stopped.inner_text()

    hired.locator("select").select_option(label="airport")
    turn(hired.locator("input"), "End")
    expect(hired.locator(".state")).to_have_text("Shown: desks open 16, key airport")
    assert hired.locator("td").all_inner_texts()[:2] == ["16", "3"]
    for name, control in (("joins", joins), ("slow", slow), ("stopped", stopped), ("hired", hired)):
        control.screenshot(path=SHOTS / f"03-{name}.png")


def turn(slider: Locator, key: str) -> None:
    slider.focus()
    slider.press(key)


def solves(notebook: Notebook) -> None:
    """Exercise 03.2: the stub, a wrong answer, a right one."""
    cell = notebook.page.locator(".jp-CodeCell").filter(has_text='check("03.2", subscribe)').first
    for answer, words in ((STILL_WRONG, "nobody kept the event for it"), (RIGHT, "03.2 solved")):
        write(notebook, cell, f'def subscribe(boards, show):\n{answer}\n\ncheck("03.2", subscribe)')
        expect(cell.locator(".jp-Cell-outputArea")).to_contain_text(words, timeout=15_000)
        cell.screenshot(path=SHOTS / f"03-{'right' if answer == RIGHT else 'wrong'}.png")


def write(notebook: Notebook, cell: Locator, text: str) -> None:
    """Type a whole cell anew and run it. JupyterLab indents a line by itself after a colon, and goes on so."""
    cell.locator(".cm-content").click()
    keyboard = notebook.page.keyboard
    keyboard.press("Control+A")
    keyboard.press("Delete")
    for line in text.split("\n"):
        if line.startswith("check"):
            keyboard.press("Shift+Home")
            keyboard.press("Delete")
        keyboard.insert_text(line)
        keyboard.press("Enter")
    keyboard.press("Control+Enter")
