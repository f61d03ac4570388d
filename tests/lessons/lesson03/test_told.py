"""What lesson 03 tells the learner about its exercises is what the judges measure."""

from __future__ import annotations

import json
from pathlib import Path

from eventlab.lessons.lesson03.ex1_order import ORDER
from eventlab.lessons.lesson03.ex5_scaling import BARS, BUDGET, KEYS, ORDERS, PRODUCTS, SECONDS, WORK

NOTEBOOK = Path(__file__).parents[3] / "notebooks" / "03-publish-subscribe.ipynb"
PROSE = "\n".join(
    "".join(cell["source"])
    for cell in json.loads(NOTEBOOK.read_text("utf-8"))["cells"]
    if cell["cell_type"] == "markdown"
)


def test_the_steps_to_be_put_in_order_are_those_of_the_judge() -> None:
    told = [line[2:] for line in PROSE.splitlines() if line.startswith("- **") and line[4].islower() and line[5] == "*"]
    assert told == [f"**{letter}** {words}" for letter, words in ORDER.steps.items()]


def test_the_numbers_of_the_sale_are_those_of_the_judge() -> None:
    assert f"{ORDERS} orders in {SECONDS} seconds" in PROSE
    assert f"pays for {BUDGET} workers" in PROSE
    assert PRODUCTS == 20 and "twenty products" in PROSE
    for name, work in WORK.items():
        assert f"| {name} | {work:g} s | {BARS[name]:g} s |" in PROSE
    assert all(f'`"{key}"`' in PROSE for key in KEYS)
