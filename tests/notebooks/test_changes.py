"""What learners do to a handler ends in their own error, with its line, or in a changed result, said in words.

The changes are tried where all cells have been run anyway: in `test_cells`.
"""

from __future__ import annotations

import pytest

from eventlab.event import Event
from eventlab.lab import Lab
from tests.notebooks.changes import CHANGES, Change, changes, complaints, some
from tests.support.kernel import NOTEBOOKS, Cell, Kernel, Ran, kernel

pytestmark = pytest.mark.slow
WITH_HANDLERS = [path for path in NOTEBOOKS if any(True for _ in changes(path))]


def test_all_lessons_with_handlers_to_change_are_there() -> None:
    assert {path.name[:2] for path in WITH_HANDLERS} >= {"01", "03", "06", "07", "09"}
    assert {change.how for path in WITH_HANDLERS for change in changes(path)} == set(CHANGES)


def test_at_least_two_changes_of_each_are_tried() -> None:
    assert all(len(some(path)) >= 2 for path in WITH_HANDLERS)


def test_an_error_that_is_not_the_learners_and_one_that_nobody_shows_are_found_out() -> None:
    change = Change("raises", Cell(0, "cell-1", "", ()), "hear", "")
    ours = Ran("cell-2", "", "Traceback …\nAssertionError\n")
    assert complaints(change, [ours]) == [
        "cell-1 hear raises, then cell-2: AssertionError",
        "cell-1 hear raises: its error is shown nowhere",
    ]
    own = Ran("cell-1", "", '  File "<cell>", line 2, in hear\nValueError: my own slip\n')
    assert complaints(change, [own]) == []


HANDLER = """
import eventlab.views
from eventlab import Event, Lab, Refused, Unavailable

lab = Lab()
desk = lab.service("desk")

@desk.on("seat.wanted", durable="desk")
def book(event):
    {body}

for number in range(2):
    lab.service(f"pilot {{number}}").publish(Event("seat.wanted"))
_ = lab.run()
"""


def shown_by(it: Kernel, body: str) -> str:
    ran = it.run(HANDLER.format(body=body))
    assert not ran.error
    return ran.text


def test_an_error_of_a_handler_is_told_under_its_cell_with_its_line_and_how_often() -> None:
    with kernel() as it:
        told = shown_by(it, 'desk.state["seat"] = event.data["row"]')
        assert told.startswith("A handler failed, "), told
        assert "times. `book`, line 9: KeyError: 'row'" in told
        assert 'desk.state["seat"] = event.data["row"]' in told
        assert "Invalid" in shown_by(it, 'return "text"')
        assert "Time is simulated here" in shown_by(it, "__import__('asyncio').get_running_loop()")


@pytest.mark.parametrize("body", ["raise Refused('no')", "raise Unavailable('later')", "pass"])
def test_what_the_laboratory_itself_says_stays_in_the_trace(body: str) -> None:
    with kernel() as it:
        assert shown_by(it, body) == ""


def test_outside_a_notebook_nothing_is_told(
    capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    lab = Lab()
    lab.service("desk").on("seat.wanted", lambda event: event.data["row"], durable="desk")
    lab.service("pilot").publish(Event("seat.wanted"))
    lab.run()
    assert (capsys.readouterr().out, caplog.records) == ("", [])
