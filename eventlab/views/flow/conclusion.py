"""What a flow graph comes to, in words."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping

from eventlab.stage import Stage
from eventlab.views.drawing.wording import counted, listed, times
from eventlab.views.flow.parts import Edge

Asked = Mapping[str, Mapping[str, int]]  # who asks whom how often


def conclusion(edges: Iterable[Edge], stops: Mapping[str, str], stage: Stage) -> tuple[str, str]:
    """What the picture shows, once in a few words and once in a sentence or two."""
    edges = list(edges)
    asked: dict[str, dict[str, int]] = defaultdict(dict)
    for edge in edges:
        if edge["kind"] == "request":
            asked[edge["source"]][edge["target"]] = edge["count"]
    if asked:
        short = f"{counted(len(asked), 'service')} {'waits' if len(asked) == 1 else 'wait'} for others"
        long = _waiting(asked)
    else:
        short, long = "no service waits for another", _published(edges, stage)
    wrong, total = (sum(edge[what] for edge in edges) for what in ("failed", "count"))
    short += f", {wrong:,} of {counted(total, 'message')} went wrong" if 0 < wrong <= total else ""
    parts = [long, *_wrong(edges), *(f"{name} {when}." for name, when in stops.items())]
    return short, " ".join(part for part in parts if part)


def _waiting(asked: Asked) -> str:
    """Who waits for whom, those with the most first."""
    order = sorted(asked.items(), key=lambda asker: (-len(asker[1]), asker[0]))
    parts = [f"{source} waits for {listed(list(targets))}" for source, targets in order[:2]]
    more = f"; {len(asked) - 2} more wait too" if len(asked) > 2 else ""
    requests = sum(sum(targets.values()) for targets in asked.values())
    pairs = sum(map(len, asked.values()))
    return f"{'; '.join(parts)}{more}: {counted(requests, 'request')} over {counted(pairs, 'pair')}."


def _published(edges: Iterable[Edge], stage: Stage) -> str:
    events = [edge for edge in edges if edge["kind"] == "event"]
    if not events:
        return ""
    published = sum(edge["count"] for edge in events if edge["target"] in stage.buses)
    delivered = sum(edge["count"] for edge in events if edge["source"] in stage.buses)
    return f"{counted(published, 'event')} went to the bus, which sent them on {times(delivered)}."


def _wrong(edges: Iterable[Edge]) -> list[str]:
    """Where most went wrong."""
    wrong = sorted(
        (edge for edge in edges if edge["failed"]),
        key=lambda edge: (-edge["failed"], edge["source"], edge["target"], edge["kind"]),
    )
    if not wrong:
        return []
    told = ", ".join(f"{edge['source']} → {edge['target']} {times(edge['failed'])}" for edge in wrong[:2])
    rest = sum(edge["failed"] for edge in wrong[2:])
    return [f"Went wrong: {told}" + (f", elsewhere {times(rest)}." if rest else ".")]
