"""A registry of contracts: a new version of an event is taken in only if it breaks nobody, before it is published.

    registry = Registry(mode="full")
    registry.add("gate.changed", GateChanged1)     # "gate.changed:1"
    registry.add("gate.changed", GateChanged2)     # `Invalid`, with data that one version writes and the other refuses
    registry.check(event)                          # the event, if its data keep the contract of its version

Events lie in stores for years, so a new version is compared with every earlier one. With `last_only`, as many
registries do unless told otherwise, only with the one before: then the name of a field that is gone may come back and
mean another thing, and nobody says no.
"""

from __future__ import annotations

from typing import Any

from eventlab import borders
from eventlab.contract import MODES, Breaking, breaking, read, schema
from eventlab.errors import Invalid, unknown
from eventlab.event import Event
from eventlab.upcast import version_of


class Registry:
    """The contracts of event types, version by version; `mode` says for whom nothing may break (see `breaking`)."""

    def __init__(self, mode: str = "full", *, last_only: bool = False) -> None:
        if not isinstance(mode, str) or mode not in MODES:
            raise unknown("mode", mode, MODES, where="registry")
        if last_only.__class__ is not bool:
            raise Invalid("last_only", where="registry", expected="True or False", found=last_only)
        self.mode, self.last_only = mode, last_only
        self._contracts: dict[str, list[type]] = {}

    def __repr__(self) -> str:
        known = ", ".join(f"{type}:{len(versions)}" for type, versions in sorted(self._contracts.items()))
        return f"<Registry, {self.mode}: {known or 'empty'}>"

    def breaks(self, type: str, contract: type) -> list[Breaking]:
        """What would break if this contract were the type's next version, newest first; nothing is added."""
        borders.text(type, "type", where="registry", least=1)
        schema(contract)  # `Invalid` if it is none
        earlier = self._contracts.get(type, [])[::-1]
        compared = earlier[:1] if self.last_only else earlier
        return [found for old in compared for found in breaking(old, contract, self.mode)]

    def add(self, type: str, contract: type) -> str:
        """Take the contract in as the type's next version, and give its name; `Invalid` if that breaks something."""
        found = self.breaks(type, contract)
        versions = self._contracts.setdefault(type, [])
        name = f"{type}:{len(versions) + 1}"
        if found:
            expected = f"a contract that breaks nothing ({self.mode})"
            raise Invalid("contract", where=name, expected=expected, found=str(found[0]))
        versions.append(contract)
        return name

    def contract(self, type: str, version: int) -> type:
        """The contract of one version of a type."""
        versions = self._contracts.get(borders.text(type, "type", where="registry"))
        if not versions:
            raise unknown("type", type, self._contracts, where="registry")
        borders.integer(version, "version", where=f"registry, {type}", least=1)
        if version > len(versions):
            raise Invalid("version", where=f"registry, {type}", expected=f"at most {len(versions)}", found=version)
        return versions[version - 1]

    def check(self, event: Event) -> Event:
        """The event itself, if its data keep the contract of the version that it states; else `Invalid`."""
        borders.instance(event, Event, "event", where="registry")
        read(self.contract(event.type, version_of(event)), event.data)
        return event

    def schemas(self) -> dict[str, dict[str, Any]]:
        """Every contract as JSON Schema, by its name such as "gate.changed:2"."""
        return {
            f"{type}:{version}": schema(contract)
            for type, versions in sorted(self._contracts.items())
            for version, contract in enumerate(versions, 1)
        }
