"""A projection: a read model, which is a fold of the log, with the position up to which it has read.

It can be thrown away and made again from the events at any time. `catch_up` reads what is new; between two calls the
read model is *behind*: that is what eventual consistency means.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from eventlab.event import Event
from eventlab.store import Store
from eventlab.upcast import Upcasters


class Projection:
    """A read model: `state` is the fold of `evolve` over the events up to `position`, beginning with `initial`.

    With a `category`, the events of its streams alone. `evolve(state, event)` gives the next state and must not
    change the one that it got, or a rebuild would begin with what the last one left in `initial`.
    """

    def __init__(
        self,
        name: str,
        evolve: Callable[[Any, Event], Any],
        initial: Any = None,
        *,
        category: str | None = None,
        upcasters: Upcasters | None = None,
    ) -> None:
        self.name, self.evolve, self.initial = name, evolve, initial
        self.category, self.upcasters = category, upcasters
        self.state, self.position = initial, 0

    def __repr__(self) -> str:
        return f"<Projection {self.name} at position {self.position}>"

    def catch_up(self, store: Store, as_of: int | None = None) -> int:
        """Read what is new; how many events were applied.

        With `as_of`, it stops before the first event whose time is later, even if an earlier one follows: a read
        model goes through the log in order and never jumps over an event, so that it can go on from there.
        """
        applied, end = 0, store.position
        if self.category is None:
            news = store.read_all(after=self.position)
        else:
            news = store.read_category(self.category, after=self.position)
        for recorded in news:
            event = recorded.event if self.upcasters is None else self.upcasters(recorded.event)
            if as_of is not None and event.time > as_of:
                return applied
            self.state = self.evolve(self.state, event)
            self.position = recorded.position
            applied += 1
        self.position = max(self.position, end)  # nothing of the category in what was left: need not be read again
        return applied

    def rebuild(self, store: Store, as_of: int | None = None) -> int:
        """Begin again from the first event; how many were applied."""
        self.state, self.position = self.initial, 0
        return self.catch_up(store, as_of)

    def save(self, store: Store) -> None:
        """Keep state and position in the store, in one step. The state must be plain data."""
        store.save_checkpoint(self.name, self.position, self.state)

    def restore(self, store: Store) -> None:
        """Go on from what was saved, or from the beginning; the state comes back frozen, lists as tuples."""
        if position := store.checkpoint(self.name):
            self.state, self.position = store.checkpoint_state(self.name), position
