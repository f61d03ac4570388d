"""Replays, controls and questions that are shown again and again do not pile up."""

from __future__ import annotations

import gc

import pytest
from ipywidgets.widgets import widget

from eventlab.views import Replay
from tests.support.kernel import Kernel, kernel

SET_UP = """
from eventlab import Event, Lab
from eventlab.views import replay, what_if
from eventlab.lessons import predict
lab = Lab()
lab.service("desk").on("seat.wanted", lambda event: None, durable="desk")
for number in range(60):
    lab.at(number + 1, lambda: lab.nodes["pilot"].publish(Event("seat.wanted")))
lab.nodes = {"pilot": lab.service("pilot")}
_ = lab.run()
"""
SHOWS = ["replay(lab.trace)", "what_if(lambda n: str(n), n=[1, 2, 3])", 'predict("01.a")']


def open_widgets() -> int:
    return len(widget._instances)  # ipywidgets' own way there warns


def shown(it: Kernel, cell: str, *, id: str) -> None:
    result = it.shell.run_cell(cell, store_history=True, cell_id=id)
    assert result.success


@pytest.mark.parametrize("cell", SHOWS)
def test_what_a_cell_showed_is_closed_when_it_has_run_again(cell: str, capsys: pytest.CaptureFixture[str]) -> None:
    with kernel() as it:
        assert not it.run(SET_UP).error
        shown(it, cell, id="a")
        before, history = open_widgets(), it.shell.history_manager.outputs
        kept = len(history)
        for _ in range(5):
            shown(it, cell, id="a")
        assert open_widgets() == before
        assert len(history) <= kept, "the history keeps every picture that was shown"
        shown(it, cell, id="b")  # another cell shows its own beside it
        assert open_widgets() > before
        shown(it, "1 + 1", id="b")
        assert open_widgets() == before


def test_a_replay_that_is_kept_and_shown_again_is_the_same_and_works(capsys: pytest.CaptureFixture[str]) -> None:
    with kernel() as it:
        assert not it.run(SET_UP + "kept = replay(lab.trace)").error
        for id in ("a", "a", "b", "b", "a"):
            shown(it, "kept", id=id)
        kept = it.shell.user_ns["kept"]
        assert kept.widget.comm is not None
        shown(it, "1 + 1", id="a")
        assert kept.widget.comm is not None, "the other cell still shows it"
        shown(it, "1 + 1", id="b")
        assert kept.widget.comm is None
        shown(it, "kept", id="c")
        assert kept.widget.comm is not None


def test_of_twelve_showings_only_those_stay_that_ipython_names(capsys: pytest.CaptureFixture[str]) -> None:
    def alive() -> int:
        gc.collect()
        return sum(isinstance(each, Replay) for each in gc.get_objects())

    with kernel() as it:
        assert not it.run(SET_UP).error
        before = alive()
        for _ in range(12):
            shown(it, SHOWS[0], id="a")
        assert alive() - before <= 3  # _, __ and ___
