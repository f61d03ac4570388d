"""Reads the lessons' notebooks, and changes copies of them, cell by cell, as plain data."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator, Sequence
from copy import deepcopy
from pathlib import Path
from typing import Any

from eventlab.errors import Invalid

HERE = Path(__file__).resolve().parents[2]  # the folder of the workbook
Cell = dict[str, Any]
LINK = re.compile(r"(?<!!)\[([^\]\n]*)\]\(([^)\s]+)\)")


def notebook_path(number: str) -> Path:
    """Where the lesson's notebook stands; `Invalid` where there is no clone of the workbook, but a package alone."""
    found = sorted((HERE / "notebooks").glob(f"{number}-*.ipynb"))
    if len(found) != 1:
        expected = "a clone of the workbook, with its folder notebooks/"
        raise Invalid("notebook", where=f"lesson {number}", expected=expected, found=[path.name for path in found])
    return found[0]


def read(path: Path) -> Any:
    """A notebook as data."""
    return json.loads(path.read_text("utf-8"))


def written(notebook: Any) -> bytes:
    """A notebook as the bytes of its file, in the manner of those of the workbook."""
    return json.dumps(notebook, indent=1, ensure_ascii=False).encode() + b"\n"


def source(cell: Cell) -> str:
    """What a cell says."""
    return "".join(cell["source"])


def with_source(cell: Cell, text: str) -> Cell:
    """A copy of a cell that says something else."""
    return {**deepcopy(cell), "source": text.splitlines(keepends=True)}


def markdown(id: str, text: str) -> Cell:
    """A new cell of prose."""
    return {"cell_type": "markdown", "id": id, "metadata": {}, "source": text.splitlines(keepends=True)}


def code(id: str, text: str) -> Cell:
    """A new cell of code."""
    lines = text.splitlines(keepends=True)
    return {"cell_type": "code", "execution_count": None, "id": id, "metadata": {}, "outputs": [], "source": lines}


def without_outputs(cell: Cell) -> Cell:
    """A copy of a cell as if it had never run."""
    cell = deepcopy(cell)
    if cell["cell_type"] == "code":
        cell["outputs"], cell["execution_count"] = [], None
    return cell


def checked_in(cell: Cell) -> str:
    """The id of the exercise whose answer a cell hands to `check` in its last line; empty if it does not."""
    call = _check(cell)
    return str(call.args[0].value) if call is not None and isinstance(call.args[0], ast.Constant) else ""


def named_answer(cell: Cell) -> tuple[Cell, str]:
    """The cell with a name for its answer, so that another cell can ask for it, and that name."""
    call, text = _check(cell), source(cell)
    assert call is not None
    if isinstance(call.args[1], ast.Name):
        return cell, call.args[1].id
    id, lines = checked_in(cell), text.splitlines()
    name = f"answer_{id.replace('.', '_')}"
    given = ast.get_source_segment(text, call.args[1])
    assert call.end_lineno is not None
    lines[call.lineno - 1 : call.end_lineno] = [f"{name} = {given}", "", f'check("{id}", {name})']
    return with_source(cell, "\n".join(lines)), name


def _check(cell: Cell) -> ast.Call | None:
    """The call of `check` that ends a cell."""
    if cell["cell_type"] != "code" or "check(" not in source(cell):
        return None
    body = ast.parse(source(cell)).body
    last = body[-1].value if body and isinstance(body[-1], ast.Expr) else None
    named = isinstance(last, ast.Call) and isinstance(last.func, ast.Name) and last.func.id == "check"
    return last if named and isinstance(last, ast.Call) and len(last.args) == 2 else None


def linked(text: str, there: Sequence[str], folder: str = "notebooks") -> str:
    """The text with those links that lead to a file of the book; of others the words stay."""

    def kept(found: re.Match[str]) -> str:
        words, target = found[1], found[2].split("#")[0]
        if not target or "://" in target:
            return found[0]
        parts: list[str] = []
        for part in f"{folder}/{target}".split("/"):
            parts = parts[:-1] if part == ".." else [*parts, part]
        return found[0] if "/".join(parts) in there else words

    return LINK.sub(kept, text)


def sections(notebook: Any) -> Iterator[tuple[str, list[Cell]]]:
    """The parts of a notebook under its headings of the second level, each with its cells; the first has no name."""
    name: str = ""
    cells: list[Cell] = []
    for cell in notebook["cells"]:
        heading = re.match(r"## (.+)", source(cell)) if cell["cell_type"] == "markdown" else None
        if heading is not None:
            yield name, cells
            name, cells = heading[1], []
        cells.append(cell)
    yield name, cells
