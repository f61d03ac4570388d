"""A notebook as a source page of the site: stored outputs, with what plays and what is asked in their places."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat

from eventlab.views.waiting import LINE
from tools.site import markup, sources
from tools.site.in_kernel import RECORDED

STATIC = "../_static"
UNTOLD = "*You made no prediction here.*"  # a page does not know


class Stale(Exception):
    """The stored outputs are not those of today's run."""


def lesson(stored: Path, ran: Any | None, pictures: Path, run_at: str) -> Any:
    """The notebook as the site shows it. `ran` is it after a run that was recorded; `run_at` where it runs live."""
    notebook = nbformat.read(stored, as_version=4)
    numbers = iter(range(1, 10_000))
    runs = ran.cells if ran is not None else notebook.cells
    cells: list[Any] = []
    anchors: set[str] = set()
    for cell, run in zip(notebook.cells, runs, strict=True):
        if cell.cell_type == "code":
            fresh = [tag for tag in _claims(cell) if tag not in anchors]
            anchors.update(fresh)
            cells += [nbformat.v4.new_markdown_cell(markup.anchor(tag)) for tag in fresh]
            shown = list(_outputs(cell.outputs, run.outputs, pictures, stored.stem, numbers))
            cell.outputs = [nbformat.v4.new_output("display_data", data) for data in shown if data]
        else:
            cell.source = sources.relink(cell.source, f"notebooks/{stored.name}")
        cells.append(cell)
    if run_at:
        cells[0].source = _under_the_title(cells[0].source, markup.button(run_at))
    for number, cell in enumerate(cells, 1):
        cell.id = f"cell-{number}"
    notebook.cells = cells
    return notebook


def _claims(cell: Any) -> list[str]:
    return [tag.lower() for tag in cell.metadata.get("tags", []) if tag.startswith("claim-")]


def _under_the_title(text: str, html: str) -> str:
    title, _, rest = text.partition("\n")
    return f"{title}\n\n{html}\n\n{rest.lstrip()}"


def _outputs(stored: Any, ran: Any, pictures: Path, name: str, numbers: Iterator[int]) -> Iterator[dict[str, Any]]:
    """What each output becomes; nothing for a component's sentence, where the component itself is there."""
    ran = [output for output in ran if set(output.get("data", "")) != {LINE}]  # it told how far a long cell was
    kept = [output for output in ran if RECORDED not in output.get("data", {})]
    if len(kept) != len(stored):
        raise Stale(f"{name}: the stored outputs are not those of today's run; refresh the notebook")
    left, ran = iter(stored), iter(ran)
    for output in ran:
        told = output.get("data", {}).get(RECORDED)
        if told is None:
            yield _shown(next(left), pictures, f"{name}-{next(numbers)}")
            continue
        still = [(next(left), next(ran)) for _ in range(2)][1][0]  # after the sentence that stands for the component
        if told["kind"] == "questions":
            yield {"text/html": markup.questions(told)}  # the still is the same questions as a list
        else:
            yield {"text/html": markup.frame(f"{STATIC}/recorded/{told['page']}", told["text"], told["high"])}
            yield _shown(still, pictures, f"{name}-{next(numbers)}", still=True)


def _shown(output: Any, pictures: Path, name: str, *, still: bool = False) -> dict[str, Any]:
    if output.output_type == "stream":
        return {"text/plain": output.text}
    data = output.data
    if "image/svg+xml" in data:
        (pictures / f"{name}.svg").write_text(data["image/svg+xml"], "utf-8", newline="\n")
        return {"text/html": markup.picture(f"{STATIC}/pictures/{name}.svg", data["text/plain"], still=still)}
    if "text/markdown" in data:
        return {"text/markdown": re.sub(rf"^{re.escape(UNTOLD)}\s+", "", data["text/markdown"])}
    return {"text/plain": data["text/plain"]}
