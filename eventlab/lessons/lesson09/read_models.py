"""Read models over one day of events: grown in portions while the day goes on, and rebuilt from zero."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from eventlab.airports.scenario import Run
from eventlab.projection import Projection
from eventlab.store import Store

PORTIONS = ("08:00", "13:00", "18:00", "23:59")


def grown(model: Projection, run: Run, store: Store) -> Any:
    """The model's state at the end of a day during which it has caught up now and then."""
    for time in PORTIONS:
        model.catch_up(store, as_of=run.scenario.at(time))
    model.catch_up(store)
    return model.state


def as_on_the_boards(rows: Any, run: Run) -> bool:
    """Whether rows (by flight, the type of its newest event) say what the service `boards` showed in the end."""
    shown = run.states["boards"]
    return bool(rows) and all(shown[key]["status"] == str(type).removeprefix("flight.") for key, type in rows.items())


def examples(models: Sequence[Projection], events: Sequence[int], keys: Sequence[str]) -> list[dict[str, object]]:
    """A row for each model: how many events it has read, and what it says about one key."""
    return [
        {"read model": each.name, "events read": f"{count:,}", "for example": f"{key}: {_said(each.state, key)}"}
        for each, count, key in zip(models, events, keys, strict=True)
    ]


def _said(state: Any, key: str) -> object:
    return state.get(key, "nothing") if isinstance(state, dict) else "nothing"
