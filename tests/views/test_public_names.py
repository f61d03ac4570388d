"""The names of the views: what a notebook imports, and how the package shows its own source."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

import pytest

import eventlab.views
from eventlab.airports import Run, request_driven
from eventlab.event import Event
from eventlab.views import Prose, source


def test_every_public_name_is_there_once() -> None:
    for name in eventlab.views.__all__:
        assert callable(getattr(eventlab.views, name)), name
    assert len(set(eventlab.views.__all__)) == len(eventlab.views.__all__)


@pytest.mark.parametrize("name", eventlab.views.__all__)
def test_a_public_name_says_in_its_first_sentence_what_it_is(name: str) -> None:
    words = getattr(eventlab.views, name).__doc__
    assert words and words.strip().split("\n")[0]


# The source that is shown ---------------------------------------------------------------------------------------------


def test_the_source_of_a_function_is_its_text_under_the_name_of_its_file() -> None:
    shown = source(request_driven.wire)
    assert isinstance(shown, Prose)
    place, begin, *code, end = shown.replace("\n\n", "\n", 1).split("\n")
    assert (place, begin, end) == ("`eventlab/airports/request_driven.py`", "```python", "```")
    assert "\n".join(code) in Path(request_driven.__file__).read_text("utf-8")
    assert code[0].startswith("def wire(")


@pytest.mark.parametrize(
    ("shown", "begins"),
    [
        (Event, "class Event("),
        (Run.step, "def step(self)"),
        (Run.trace, "@property\ndef trace(self)"),
        (Run.metrics, "@cached_property\ndef metrics(self)"),
        (partial(source, 3), "def source("),
        (request_driven, '"""'),
    ],
)
def test_classes_methods_properties_and_modules_have_a_source_too(shown: Any, begins: str) -> None:
    assert source(shown).split("```python\n")[1].startswith(begins)


def with_a_fence() -> str:
    return "```\n</script>"


def test_three_backticks_in_the_source_do_not_end_the_block() -> None:
    begin, *_, end = source(with_a_fence).split("\n\n")[1].split("\n")
    assert (begin, end) == ("````python", "````")


@pytest.mark.parametrize("shown", [3, len, "<b>bold</b>", None])
def test_what_has_no_source_is_said_and_stays_text(shown: object) -> None:
    told = source(shown)
    assert told.startswith("**No source**: ")
    assert "<" not in told
