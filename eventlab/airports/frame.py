"""Measures as a table: pandas's, or where there is no pandas, as in a browser, a small one that shows itself the same.

five = frame({"request-driven": {"messages": 12}}, index="architecture")
five.loc["request-driven", "messages"]; five["messages"] * 2; five.index; five.columns
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from html import escape
from operator import add, mul, sub, truediv
from typing import TYPE_CHECKING, Any, cast

from eventlab.errors import Invalid, unknown

if TYPE_CHECKING:
    import pandas

Rows = Mapping[str, Mapping[str, float]]
DIGITS = 6  # after the point, as pandas shows them
STYLE = """<style scoped>
    .dataframe tbody tr th:only-of-type {
        vertical-align: middle;
    }

    .dataframe tbody tr th {
        vertical-align: top;
    }

    .dataframe thead th {
        text-align: right;
    }
</style>
"""


def frame(rows: Rows, *, index: str = "") -> pandas.DataFrame:
    """A row for each name, a column for each measure; `index` is what the names are. pandas's table where there is one.

    Without pandas it is a `Frame`, which can what the lessons need.
    """
    try:
        import pandas
    except ImportError:
        return cast("pandas.DataFrame", Frame(rows, index=index))
    table = pandas.DataFrame.from_dict({name: dict(row) for name, row in rows.items()}, orient="index")
    table.index.name = index or None
    return table


class Labels(tuple[str, ...]):
    """The names of the rows, or of the columns."""

    name: str | None = None

    def tolist(self) -> list[str]:
        """The same as a list."""
        return list(self)


class Series(dict[str, float]):
    """One row or one column: a figure for each label. It can be reckoned with, as one of pandas can."""

    def __iter__(self) -> Iterator[Any]:
        return iter(self.values())

    @property
    def index(self) -> Labels:
        """What the figures belong to."""
        return Labels(self.keys())

    def _with(self, other: Any, how: Callable[[Any, Any], float]) -> Series:
        if isinstance(other, Series):
            return Series({name: how(value, other[name]) for name, value in self.items()})
        return Series({name: how(value, other) for name, value in self.items()})

    def __add__(self, other: Any) -> Series:
        return self._with(other, add)

    def __sub__(self, other: Any) -> Series:
        return self._with(other, sub)

    def __mul__(self, other: Any) -> Series:
        return self._with(other, mul)

    def __truediv__(self, other: Any) -> Series:
        return self._with(other, truediv)

    __radd__, __rmul__ = __add__, __mul__

    def __repr__(self) -> str:
        wide = max(map(len, self.keys()), default=0)
        return "\n".join(f"{name:<{wide}}    {shown}" for name, shown in zip(self.keys(), _aligned(self), strict=True))


class Frame:
    """A table of figures. Of pandas's table it has `index`, `columns`, `loc`, `at`, and columns by name."""

    def __init__(self, rows: Rows, *, index: str = "") -> None:
        self._rows = {str(name): dict(row) for name, row in rows.items()}
        self._columns = list(dict.fromkeys(column for row in self._rows.values() for column in row))
        self._name = index or None

    @property
    def index(self) -> Labels:
        """The names of the rows."""
        names = Labels(self._rows)
        names.name = self._name
        return names

    @property
    def columns(self) -> Labels:
        """The names of the columns."""
        return Labels(self._columns)

    @property
    def loc(self) -> _Places:
        """`loc[row]`, or `loc[row, column]`."""
        return _Places(self)

    at = loc

    def __len__(self) -> int:
        return len(self._rows)

    def __iter__(self) -> Iterator[str]:
        return iter(self._columns)

    def __getitem__(self, column: str | list[str]) -> Any:
        if isinstance(column, list):
            return Frame({row: {name: self.cell(row, name) for name in column} for row in self._rows})
        return Series({row: self.cell(row, column) for row in self._rows})

    def __setitem__(self, column: str, values: Any) -> None:
        for row, place in self._rows.items():
            place[column] = values[row] if isinstance(values, Mapping) else values
        if column not in self._columns:
            self._columns.append(column)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        raise AttributeError(
            f"{name}: this is the small table of a browser, with index, columns, loc, at and columns by name. "
            "With eventlab on your own machine it is a table of pandas."
        )

    def cell(self, row: str, column: str) -> float:
        """One figure; NaN where the row has none. A name that is not there raises `Invalid`."""
        if row not in self._rows:
            raise unknown("row", row, list(self._rows), where="table")
        if column not in self._columns:
            raise unknown("column", column, self._columns, where="table")
        return self._rows[row].get(column, float("nan"))

    def to_dict(self, orient: str = "dict") -> dict[str, dict[str, float]]:
        """By column and row, or with `orient="index"` by row and column."""
        if orient == "index":
            return {row: {name: self.cell(row, name) for name in self._columns} for row in self._rows}
        if orient == "dict":
            return {name: dict(self[name]) for name in self._columns}
        raise Invalid("orient", where="table", expected='"dict" or "index"', found=orient)

    # As it is shown ---------------------------------------------------------------------------------------------------

    def _repr_html_(self) -> str:
        shown = [_aligned(self[column]) for column in self._columns]
        lines = ['<table border="1" class="dataframe">', "  <thead>"]
        lines += _row("th", "", self._columns, style=True)
        if self._name:
            lines += _row("th", self._name, [""] * len(self._columns))
        lines += ["  </thead>", "  <tbody>"]
        for place, name in enumerate(self._rows):
            lines += _row("td", name, [column[place].strip() for column in shown])
        return "\n".join([f"<div>\n{STYLE}{lines[0]}", *lines[1:], "  </tbody>", "</table>", "</div>"])

    def __repr__(self) -> str:
        table = [["", *self._columns]] + ([[self._name, *[""] * len(self._columns)]] if self._name else [])
        shown = [_aligned(self[column]) for column in self._columns]
        table += [[name, *(column[place].strip() for column in shown)] for place, name in enumerate(self._rows)]
        wide = [max(map(len, column)) for column in zip(*table, strict=True)]
        return "\n".join(
            "  ".join(
                [f"{row[0]:<{wide[0]}}", *(f"{text:>{width}}" for text, width in zip(row[1:], wide[1:], strict=True))]
            )
            for row in table
        )


class _Places:
    """What `table.loc[row]` and `table.loc[row, column]` ask for."""

    def __init__(self, table: Frame) -> None:
        self._table = table

    def __getitem__(self, place: Any) -> Any:
        if isinstance(place, tuple):
            return self._table.cell(*place)
        return Series({column: self._table.cell(place, column) for column in self._table.columns})


def _row(tag: str, head: str, texts: Iterable[str], *, style: bool = False) -> list[str]:
    """A row of the table in HTML, its head first."""
    begin = '    <tr style="text-align: right;">' if style else "    <tr>"
    cells = [f"      <{tag}>{escape(text, quote=False)}</{tag}>" for text in texts]
    return [begin, f"      <th>{escape(head, quote=False)}</th>", *cells, "    </tr>"]


def _aligned(figures: Series) -> list[str]:
    """The figures of a column, all with as many digits as one of them needs."""
    values = list(figures.values())
    if all(isinstance(value, int) for value in values):
        return [str(value) for value in values]
    known = [value for value in values if value == value]
    if any(abs(value) > 1e6 or 0 < abs(value) < 10**-DIGITS for value in known):
        shown = [f"{value:.{DIGITS}e}" for value in values]
    else:
        needed = max((len(f"{value:.{DIGITS}f}".rstrip("0").partition(".")[2]) for value in known), default=1)
        shown = [f"{value:.{max(1, needed)}f}" for value in values]
    return ["NaN" if value != value else text for text, value in zip(shown, values, strict=True)]
