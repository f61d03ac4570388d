"""Lesson 09 as a learner meets it: every cell run, each control used once, an exercise answered wrongly and rightly."""

from __future__ import annotations

from playwright.sync_api import expect

from .lab import Browser, Lab
from .test_start_notebook import WIDER_THAN_ITS_PLACE

NAME = "09-event-sourcing.ipynb"
RIGHT = """def correct(wrong, amount, now):
    reason = {"time": now, "causationid": wrong.id}
    return Event("charge.corrected", {"charge": wrong.id, "amount": amount}, **reason)

check("09.5", correct)"""
# The misconception: the money is right, so all is well. But no shop gave anything back.
WRONG = RIGHT.replace(
    '"charge.corrected", {"charge": wrong.id, "amount": amount}',
    '"card.refunded", {"amount": wrong.data["amount"] - amount}',
)


def test_the_lesson_on_event_sourcing_is_read_and_used(lab: Lab, browser: Browser) -> None:
    with browser.open(lab, NAME) as notebook:
        notebook.run_all(timeout=120)
        assert notebook.page.evaluate(WIDER_THAN_ITS_PLACE) == [], "something must be scrolled sideways"
        notebook.screenshot("09-lesson")

        for cell, label, choice, before, after in [
            ("def state(at)", "at", "11:40", "4 events folded", "6 events folded"),
            ("def decide(command", "the second", "expects version 1", "is delayed", "actual version 2"),
            ("def seen(at)", "at", "10:55", "5 events folded", "6 events folded"),
            (
                "folded_so_far(commands",
                "snapshot every",
                "",
                "one for all flights: 93,528",
                "one for all flights: 1,938",
            ),
            ("def owed(flight", "hours", "", "51,442 people", "51,173 people"),
        ]:
            control = notebook.outputs.nth(notebook.cell_with(cell)).locator(".eventlab-knobs")
            control.scroll_into_view_if_needed()
            expect(control).to_contain_text(before)
            knob = control.locator("label").filter(has_text=label).locator("input, select").first
            if choice:
                knob.select_option(label=choice)
            else:
                knob.focus()
                notebook.page.keyboard.press("ArrowRight")
            expect(control).to_contain_text(after)
            expect(control.locator(".stage")).not_to_contain_text(before)
            notebook.screenshot(f"09-{label.split()[0]}-{after.split()[-1]}", of_cells=False)
            notebook.move(control)

        question = notebook.outputs.nth(notebook.cell_with('predict("09.b")'))
        question.locator(".eventlab-questions").get_by_text("It cannot happen: an event store is immutable.").click()
        told = notebook.type_into(notebook.cell_with('outcome("09.b")'), 'outcome("09.b")')
        assert "You expected b" in told and "not a law of nature" in told

        exercise = notebook.cell_with('check("09.5"')
        for text, words, name in [(WRONG, "no shop gave money back", "wrong"), (RIGHT, "09.5 solved", "right")]:
            told = notebook.type_into(exercise, text)
            assert words in told, told
            notebook.outputs.nth(exercise).scroll_into_view_if_needed()
            notebook.screenshot(f"09-{name}", of_cells=False)
        notebook.assert_clean()
