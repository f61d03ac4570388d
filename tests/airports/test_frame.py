"""The small table that stands in where there is no pandas: it shows and gives the same figures as pandas's."""

from __future__ import annotations

import sys

import pytest

from eventlab import EventlabError
from eventlab.airports.frame import Frame, Series, frame

NAN = float("nan")
ROWS = {
    "asking": {"told late": 3.0, "MB": 0.25, "messages": 12},
    "telling": {"told late": 0.0, "MB": 1.5, "messages": 8},
}
SHOWN = {
    "whole and broken numbers": ROWS,
    "nothing to measure": {"a": {"x": 1.0, "y": NAN}, "b": {"x": 2.0, "y": NAN}},
    "names with signs": {"a & <b>": {"x": 1 / 3, "<y>": 1e-9}},
    "large": {"a": {"x": 2e5 / 3}, "b": {"x": 1.0}},
}


@pytest.mark.parametrize("rows", SHOWN.values(), ids=SHOWN)
@pytest.mark.parametrize("index", ["", "architecture"])
def test_it_shows_itself_as_pandas_shows_the_same(rows: dict[str, dict[str, float]], index: str) -> None:
    assert Frame(rows, index=index)._repr_html_() == frame(rows, index=index)._repr_html_()
    as_text = frame(rows, index=index).to_string()
    found = repr(Frame(rows, index=index))
    assert [line.split() for line in found.splitlines()] == [line.split() for line in as_text.splitlines()]


def test_without_pandas_compare_gives_the_small_table(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pandas", None)
    assert isinstance(frame(ROWS), Frame)


def test_what_the_lessons_do_with_a_table_gives_the_same_with_both() -> None:
    for table in (frame(ROWS, index="who"), Frame(ROWS, index="who")):
        table["KB"] = table["MB"] * 1000
        assert list(table.index) == ["asking", "telling"] and table.index.name == "who"
        assert list(table.columns) == ["told late", "MB", "messages", "KB"] == list(table)
        asking, telling = (table.loc[name] for name in table.index)
        assert asking["KB"] == 250 and telling["told late"] == 0 < asking["told late"]
        assert table.loc["telling", "MB"] == table.at["telling", "MB"] == 1.5 and len(table) == 2
        assert list(table["MB"] + table["messages"]) == [12.25, 9.5]
        assert list((table["messages"] - 2) / 2) == [5, 3]
        assert table[["MB"]].to_dict() == {"MB": {"asking": 0.25, "telling": 1.5}}
        assert table.to_dict("index")["asking"]["messages"] == 12
    assert isinstance(table["MB"], Series)


def test_what_is_not_there_is_told_by_name() -> None:
    table = Frame(ROWS)
    with pytest.raises(EventlabError, match="MB"):
        table.loc["asking", "mb"]
    with pytest.raises(EventlabError, match="asking"):
        table.loc["nobody"]
    with pytest.raises(EventlabError, match="orient"):
        table.to_dict("records")
    with pytest.raises(AttributeError, match="small table of a browser"):
        getattr(table, "sort_values")  # noqa: B009 - as a reader writes it
