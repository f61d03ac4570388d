"""Draw the README's picture anew: one cancelled flight under two architectures, from runs of today's code.

python tools/first_picture.py
"""

from __future__ import annotations

from pathlib import Path

from eventlab.airports import Scenario, run
from eventlab.views import flow_graph

TARGET = Path(__file__).parent.parent / "docs" / "first-picture.svg"
FLIGHTS = ["9E3422-JFK-0208", "B61004-JFK-0208", "B61026-JFK-0208"]  # the one cancelled, two that take its passengers


def picture() -> str:
    """Two flow graphs, one above the other, as one SVG."""
    boston = Scenario(flights=FLIGHTS, questions=1)
    names = ["request-driven", "event-carried state transfer"]
    graphs = [flow_graph(run(boston, name).trace, title=name) for name in names]
    width, height = graphs[0].width, graphs[0].height
    words = ". ".join(graph.text for graph in graphs)
    inner = [graph.svg().replace("<svg ", f'<svg y="{place * height}" ', 1) for place, graph in enumerate(graphs)]
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{2 * height}" '
        f'viewBox="0 0 {width} {2 * height}" role="img"><title>{words}</title>{"".join(inner)}</svg>\n'
    )


if __name__ == "__main__":
    TARGET.write_text(picture(), encoding="utf-8")
    print(f"{TARGET}: {TARGET.stat().st_size:,} bytes")
