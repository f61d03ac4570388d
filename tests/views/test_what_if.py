"""The control: what is chosen, what is shown then, and what stands in a saved notebook."""

from __future__ import annotations

import json
from typing import Any
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eventlab.errors import Invalid
from eventlab.views import Picture, Prose, Table, WhatIf, chart, escape, table, what_if
from eventlab.views.controls.blocks import blocks, said, stacked
from eventlab.views.controls.what_if import Result
from eventlab.views.drawing.picture import Box, Label, Line, message
from eventlab.views.drawing.text import plain

NASTY = """<img src=x onerror="alert(1)"> **b** `c` | $x$ </script> \x1b[31m"""
DRAWN = Picture(400, 60, "A box. It is there.", [Line([(0, 1), (9, 1)], "#000000", head=[(9, 1), (5, 0), (5, 2)])],
                [Box(50, 30, 20, 20, "#ffffff")], [Label(90, 30, "a box")])  # fmt: skip
NUMBERS = table([{"who": "boards", "messages": 3}, {"who": "gates", "messages": 12}], right=["messages"])


def control(**more: Any) -> WhatIf:
    asked: list[tuple[int, float]] = more.pop("asked", [])

    def make(minutes: int, loss: float) -> str:
        asked.append((minutes, loss))
        return f"{minutes} minutes with {loss:.0%} lost"

    return what_if(make, minutes=[0, 15, 45, 120], loss=[0.0, 0.05], **more)


def knobs(made: WhatIf) -> list[dict[str, Any]]:
    return json.loads(made.widget.knobs)  # type: ignore[no-any-return]


def sent(made: WhatIf) -> dict[str, Any]:
    return json.loads(made.widget.shown)  # type: ignore[no-any-return]


# What is chosen -------------------------------------------------------------------------------------------------------


def test_the_first_of_each_choice_is_shown_at_first_unless_said_otherwise() -> None:
    assert control().text == "0 minutes with 0% lost"
    assert control(start={"minutes": 45}).text == "45 minutes with 0% lost"
    assert control().choices == {"minutes": (0, 15, 45, 120), "loss": (0.0, 0.05)}


def test_a_choice_is_made_and_kept_until_the_next() -> None:
    made = control()
    assert made.show(minutes=45) == "45 minutes with 0% lost"
    assert made.show(loss=0.05) == "45 minutes with 5% lost"
    assert made.values == {"minutes": 45, "loss": 0.05}
    assert repr(made) == "<what if: minutes 45, loss 0.05>\n45 minutes with 5% lost"


def test_nothing_is_run_twice_for_the_same_choice() -> None:
    asked: list[tuple[int, float]] = []
    made = control(asked=asked)
    assert asked == []
    repr(made)
    made.show(minutes=0)
    made.still.svg()
    assert asked == [(0, 0.0)]


def test_the_ends_are_those_of_each_control_and_of_all_together() -> None:
    asked: list[tuple[int, float]] = []
    made = control(asked=asked, start={"minutes": 15})
    texts = made.ends()
    assert set(asked) == {(0, 0.0), (45, 0.05), (120, 0.05), (45, 0.0), (120, 0.0), (15, 0.0), (15, 0.05)}
    assert len(asked) == len(set(asked)) == len(texts)
    assert "120 minutes with 5% lost" in texts
    assert made.values == {"minutes": 15, "loss": 0.0}


def test_an_error_at_an_end_is_raised_and_not_hidden_in_a_picture() -> None:
    with pytest.raises(ZeroDivisionError):
        what_if(lambda n: str(1 // n), n=[1, 0]).ends()


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: what_if(3, n=[1]), "a function that makes what is shown, found 3"),  # type: ignore[arg-type]
        (lambda: what_if(str), "at least one, such as minutes"),
        (lambda: what_if(str, n=[]), "n in what_if: expected a list of values with at least one in it"),
        (lambda: what_if(str, n="abc"), "found 'abc'"),
        (lambda: what_if(str, n=7), "found 7"),
        (lambda: what_if(str, n=[1], start={"m": 1}), "unknown choice in what_if: expected one of n, found 'm'"),
        (lambda: what_if(str, n=[1], start={"n": 2}), "unknown n in what_if: expected one of 1, found 2"),
        (lambda: control().show(minutes=7), "expected one of 0, 15, 45, 120, found 7"),
    ],
)
def test_a_control_that_cannot_be_says_why(make: Any, words: str) -> None:
    with pytest.raises(Invalid) as problem:
        make()
    assert words in str(problem.value)


def test_numbers_in_order_get_a_slider_and_anything_else_a_drop_down() -> None:
    made = what_if(
        lambda **chosen: str(chosen["who"]),
        minutes=range(0, 61, 15), two=[0.0, 0.05], order=[3, 1, 2], sure=[False, True],
        who={"nobody": None, "the boards": "boards"},
    )  # fmt: skip
    assert [knob["slider"] for knob in knobs(made)] == [True, False, False, False, False]
    assert knobs(made)[3]["names"] == ["no", "yes"]
    assert knobs(made)[4]["names"] == ["nobody", "the boards"]
    assert made.text == "None"
    assert made.show(who="boards") == "boards"
    assert made.state.endswith("who the boards")


# What is shown --------------------------------------------------------------------------------------------------------


def test_pictures_tables_and_texts_are_shown_alone_or_together() -> None:
    for each, part in [
        (DRAWN, {"svg": DRAWN.svg(live=True), "text": DRAWN.text}),
        (NUMBERS, {"rows": [["who", "messages"], ["boards", "3"], ["gates", "12"]], "right": [False, True]}),
        (Prose("**Two** things"), {"blocks": blocks("**Two** things")}),
        ("line 1\nline 2", {"lines": "line 1\nline 2"}),
    ]:
        assert sent(what_if(lambda n, each=each: each, n=[1]))["parts"] == [part]
    both = what_if(lambda n: [DRAWN, NUMBERS, "and so on"], n=[1])
    assert [next(iter(part)) for part in sent(both)["parts"]] == ["svg", "rows", "lines"]
    assert both.text == "\n".join([DRAWN.text, repr(NUMBERS), "and so on"])


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda n: 1 / 0, "ZeroDivisionError: division by zero"),
        (lambda n: {}["gate"], "KeyError: 'gate'"),
        (lambda n: 7, "what is shown in what_if: expected a Picture, a Table, a text, or a list of these, found 7"),
        (lambda m: "", "TypeError"),
        (lambda n: int(NASTY), "ValueError: invalid literal"),
    ],
)
def test_an_error_is_said_in_the_figures_place(make: Any, words: str) -> None:
    made = what_if(make, n=[1, 2])
    assert made.text.startswith("With n 1, nothing can be shown: ")
    assert words in made.text
    (part,) = sent(made)["parts"]
    ElementTree.fromstring(part["svg"])
    assert "<img" not in part["svg"]


def test_after_an_error_the_next_choice_is_shown() -> None:
    made = what_if(lambda n: str(1 // n), n=[0, 1])
    assert "ZeroDivisionError" in made.text
    assert made.show(n=1) == "1"


# The component --------------------------------------------------------------------------------------------------------


def test_what_is_picked_in_the_browser_is_what_is_shown_next() -> None:
    made = control()
    made.widget.picked = [2, 1]
    assert made.values == {"minutes": 45, "loss": 0.05}
    assert sent(made) == {
        "picked": [2, 1], "state": "minutes 45, loss 0.05", "parts": [{"lines": "45 minutes with 5% lost"}],
    }  # fmt: skip
    made.show(minutes=120)
    assert made.widget.picked == [3, 1]
    assert sent(made)["picked"] == [3, 1]


@pytest.mark.parametrize("picked", [[9, 0], [-1, 0], [0], [], [0, 0, 0]])
def test_a_pick_that_is_none_changes_nothing(picked: list[int]) -> None:
    made = control()
    made.widget.picked = picked
    assert made.values == {"minutes": 0, "loss": 0.0}
    assert sent(made)["picked"] == [0, 0]


def test_a_saved_notebook_shows_the_state_as_one_picture_and_as_text() -> None:
    made = what_if(lambda n: [DRAWN, NUMBERS, Prose("So **few**.")], n=[1, 2])
    svg = ElementTree.fromstring(made.still.svg())
    words = [element.text for element in svg.iter("{http://www.w3.org/2000/svg}text")]
    assert words == ["With n 1", "a box", "who", "messages", "boards", "3", "gates",
                     "12", "So few."]  # fmt: skip
    assert made.still.text.split() == (svg.get("aria-label") or "").split()
    assert "So few." in made.still.text


def test_jupyter_gets_the_component_and_behind_it_the_still_picture(monkeypatch: pytest.MonkeyPatch) -> None:
    outputs: list[dict[str, object]] = []
    monkeypatch.setattr("IPython.display.display", lambda data, raw: outputs.append(data))
    what_if(lambda n: DRAWN, n=[1, 2])._ipython_display_()
    assert [list(data) for data in outputs] == [
        ["application/vnd.jupyter.widget-view+json", "text/plain"], ["text/html", "image/svg+xml", "text/plain"],
    ]  # fmt: skip


def test_hostile_text_stays_text_everywhere() -> None:
    rows = table([{NASTY: NASTY}])
    made = what_if(lambda who: [rows, Prose(escape(NASTY)), NASTY, message(NASTY, NASTY)], who=[NASTY])
    still = made.still.svg()
    names = {element.tag.split("}")[1] for element in ElementTree.fromstring(still).iter()}
    assert names == {"svg", "style", "rect", "text", "g", "polyline"}
    assert "\x1b" not in repr(sent(made)) + repr(knobs(made)) + repr(made)
    assert "\\x1b" not in repr(sent(made)) + repr(knobs(made))
    assert sent(made)["parts"][1]["blocks"][0]["runs"] == [{"text": plain(NASTY), "bold": False}]


def test_charts_are_drawn_as_wide_as_the_page_says_and_within_bounds() -> None:
    made = what_if(lambda top: [chart("Waiting", x=[1, 2], series={"one": [0, top]}), DRAWN], top=[1, 2])
    made.widget.picked = [1]
    widths = []
    for wide in (0, 600, 100, 10_000):
        made.widget.wide = wide
        svgs = [ElementTree.fromstring(part["svg"]) for part in sent(made)["parts"]]
        widths.append([int(svg.get("width", 0)) for svg in svgs])
    assert widths == [[830, DRAWN.width], [600, DRAWN.width], [480, DRAWN.width], [1200, DRAWN.width]]
    assert "before" in json.loads(made.widget.shown)["parts"][0]["svg"], "the ghost stays"
    assert made.still.width == 830


# Words ----------------------------------------------------------------------------------------------------------------


def test_a_text_in_markdown_becomes_paragraphs_items_and_bold_runs() -> None:
    found = blocks("Two *things*\nhappen:\n\n- **one** of `them`\n- another,\n  long one\n\nEnd 1 < 2.")
    assert [(block["item"], "".join(run["text"] for run in block["runs"])) for block in found] == [
        (False, "Two things happen:"), (True, "one of them"), (True, "another, long one"), (False, "End 1 < 2."),
    ]  # fmt: skip
    assert found[1]["runs"][0] == {"text": "one", "bold": True}


@given(st.text())
def test_escaped_text_in_a_prose_comes_out_as_it_was(text: str) -> None:
    one_line = " ".join(text.split())
    assert said(Prose(escape(one_line))).removeprefix("- ") == plain(one_line).removeprefix("- ")


def inside(picture: Picture) -> bool:
    return all(0 <= label.y <= picture.height - 6 for label in picture.labels)


def test_nothing_in_the_still_picture_lies_on_anything_else() -> None:
    wide_table = table([{"a long heading " * 3: "cell " * 40, "n": 3}], right=["n"])
    parts: list[Result] = [DRAWN, wide_table, Prose("long " * 60), "x" * 300, Table(("nothing",), ())]
    picture = stacked("caption", parts)
    assert inside(picture)
    rows = [label.y for label in picture.labels]
    assert rows == sorted(rows)
    texts = [(label.x, label.y) for label in picture.labels]
    assert len(set(texts)) == len(texts)
    assert picture.height > DRAWN.height + 34


def test_a_chart_keeps_the_curve_that_was_shown_before_as_a_ghost_on_an_axis_that_stays() -> None:
    def make(top: int) -> Picture:
        return chart("Waiting", x=[1, 2, 3], series={"one worker": [0, top / 2, top]})

    made = what_if(make, top=[100, 10, 20])
    first = made.still
    made.show(top=10)
    assert [label.text for label in made.still.labels].count("before") == 1
    assert {"100", "80"} <= {label.text for label in made.still.labels}, "the axis is that of the greater one"
    assert made.text == "\n".join([make(10).text]), "what is said is about what is chosen"
    made.show(top=20)
    assert {"100", "80"} <= {label.text for label in made.still.labels}, "and stays"
    assert "before" not in {label.text for label in first.labels}
