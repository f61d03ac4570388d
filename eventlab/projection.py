"""A projection: a read model, which is a fold of the log, with the position up to which it has read.

It can be thrown away and made again from the events at any time. `catch_up` reads what is new; between two calls the
read model is *behind*: that is what eventual consistency means.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from eventlab import borders
from eventlab.errors import Invalid
from eventlab.event import Event
from eventlab.store import Recorded, Store
from eventlab.upcast import Upcasters


class Projection:
    """A read model: `state` is the fold of `evolve` over the events up to `position`, beginning with `initial`.

    With a `category`, the events of its streams alone. `evolve(state, event)` gives the next state and must not
    change the one that it got, or a rebuild would begin with what the last one left in `initial`; unless `initial` is a
    function, which gives an empty state each time. Change `schema` with
    `evolve`, and upcasters alone change it by themselves: what was saved under another one is not restored.
    """

    def __init__(
        self,
        name: str,
        evolve: Callable[[Any, Event], Any],
        initial: Any = None,
        *,
        category: str | None = None,
        upcasters: Upcasters | None = None,
        schema: str = "",
    ) -> None:
        borders.text(name, "name", where="projection", least=1)
        where = f"projection {name!r}"
        borders.function(evolve, "evolve", where=where)
        borders.text("" if category is None else category, "category", where=where)
        if upcasters is not None:
            borders.instance(upcasters, Upcasters, "upcasters", where=where)
        borders.text(schema, "schema", where=where)
        self.name, self.evolve, self.initial = name, evolve, initial
        self.category, self.upcasters, self.schema = category, upcasters, schema
        self._now: tuple[Any, int] = self._nothing()  # one assignment changes both: no interrupt comes between them

    def __repr__(self) -> str:
        return f"<Projection {self.name} at position {self.position}>"

    @property
    def state(self) -> Any:
        """The read model, as of `position`."""
        return self._now[0]

    @property
    def position(self) -> int:
        """The last position of the store that it has seen."""
        return self._now[1]

    @property
    def saved_as(self) -> str:
        """The name of its checkpoint in a store: its own, and the schema of its state if there is one."""
        schema = " ".join(filter(None, (self.schema, self.upcasters.schema if self.upcasters else "")))
        return f"{self.name} [{schema}]" if schema else self.name

    def _nothing(self) -> tuple[Any, int]:
        return self.initial() if callable(self.initial) else self.initial, 0

    def begin(self) -> None:
        """Forget everything, to begin again with the first event."""
        self._now = self._nothing()

    def apply(self, recorded: Recorded) -> None:
        """Take in the next event of the store; one that it has seen changes nothing."""
        borders.instance(recorded, Recorded, "recorded event", where=f"projection {self.name!r}")
        if recorded.position <= self.position:
            return
        event = recorded.event if self.upcasters is None else self.upcasters(recorded.event)
        self._now = self.evolve(self.state, event), recorded.position

    def catch_up(self, store: Store, as_of: int | None = None) -> int:
        """Read what is new, up to where the store ends now; how many events were applied.

        With `as_of`, it stops before the first event whose time is later, even if an earlier one follows: a read
        model goes through the log in order and never jumps over an event, so that it can go on from there.
        """
        return self._follow(store, as_of, self._now)

    def rebuild(self, store: Store, as_of: int | None = None) -> int:
        """Begin again from the first event; how many were applied."""
        return self._follow(store, as_of, self._nothing())

    def _follow(self, store: Store, as_of: int | None, begin: tuple[Any, int]) -> int:
        where, (_, after) = f"projection {self.name!r}", begin
        borders.able(store, "read_all", "read_category", what="store", where=where)
        if as_of is not None:
            borders.integer(as_of, "as_of", where=where)
        applied, end = 0, store.position
        if after > end:
            expected = f"the store that it has read, which goes to position {after} or further"
            raise Invalid("store", where=where, expected=expected, found=f"{store!r}, which goes to {end}")
        read = store.read_all if self.category is None else partial(store.read_category, self.category)
        self._now = begin
        for recorded in read(after=after, upto=end):
            if as_of is not None and recorded.event.time > as_of:
                return applied
            self.apply(recorded)
            applied += 1
        self._now = self.state, end  # nothing of the category in what was left: need not be read again
        return applied

    def save(self, store: Store) -> int:
        """Keep state and position in the store, in one step; the state must be plain data.

        Gives the position that stands in the store now: a later one if another process was further, whose state stays.
        """
        borders.able(store, "save_checkpoint", what="store", where=f"projection {self.name!r}")
        state, position = self._now
        return store.save_checkpoint(self.saved_as, position, state)

    def restore(self, store: Store) -> None:
        """Go on from what was saved, or from the beginning; the state comes back frozen, lists as tuples."""
        borders.able(store, "load_checkpoint", what="store", where=f"projection {self.name!r}")
        found = store.load_checkpoint(self.saved_as)
        self._now = (found.state, found.position) if found.position else self._nothing()
