"""What opening a desk needs, blocking or not."""

from __future__ import annotations

from dataclasses import dataclass
from math import inf
from typing import TypedDict
from uuid import UUID

from casekit import _plugins, errors, ports
from casekit.models import (
    AgentActor,
    AgentId,
    CustomerActor,
    CustomerId,
    SystemActor,
    WorkspaceId,
)

EVENTS_AT_ONCE = 100
"""How many events are fetched at once."""

SLICE = 30.0
"""For how many seconds one call waits for events at most."""

LAST_SEQ = 2**63 - 1
"""The most that the `seq` of an event can be."""


class Plugins(TypedDict):
    store: _plugins.Plugin | None
    clock: _plugins.Plugin | None
    ids: _plugins.Plugin | None
    policy: _plugins.Plugin | None


@dataclass(frozen=True)
class Options:
    """What is used instead of casekit's own."""

    store: ports.Store | None
    clock: ports.Clock | None
    ids: ports.Ids | None
    policy: ports.Policy | None

    def any(self) -> bool:
        given = (self.store, self.clock, self.ids, self.policy)
        # One that has a length can be empty, and is given all the same.
        return any(plugin is not None for plugin in given)

    def address(self, url: str) -> str:
        if self.store is not None and url != "memory://":
            raise errors.Invalid("a desk is opened at an address or in a store, not in both")
        # As in other addresses of Python, what follows three slashes is a path: relative, or with a fourth absolute.
        if url.startswith("sqlite:///"):
            return "sqlite:" + url.removeprefix("sqlite:///")
        return url

    def plugins(self, host: _plugins.Host | None) -> Plugins:
        host = host or _plugins.Host()
        return {
            "store": _plugins.store(host, self.store) if self.store is not None else None,
            "clock": _plugins.clock(host, self.clock) if self.clock is not None else None,
            "ids": _plugins.ids(host, self.ids) if self.ids is not None else None,
            "policy": _plugins.policy(host, self.policy) if self.policy is not None else None,
        }


def workspace(given: UUID | str) -> WorkspaceId:
    return WorkspaceId(_id(given))


def agent(given: UUID | str) -> AgentActor:
    return AgentActor(id=AgentId(_id(given)))


def customer(given: UUID | str) -> CustomerActor:
    return CustomerActor(id=CustomerId(_id(given)))


def system() -> SystemActor:
    return SystemActor()


def place(after: int) -> int:
    """Where in the events of a workspace to begin."""
    if isinstance(after, int) and 0 <= after <= LAST_SEQ:
        return after
    raise errors.Invalid(f"`{after!r}` is not the `seq` of an event: a whole number from 0")


def timeout(given: float | None) -> float:
    """For how many seconds to wait for an event."""
    if given is None:
        return inf
    if isinstance(given, (int, float)) and given >= 0:
        return given
    raise errors.Invalid(f"`{given!r}` is not a number of seconds to wait")


def _id(given: UUID | str) -> UUID:
    if isinstance(given, UUID):
        return given
    try:
        return UUID(given)
    except (ValueError, TypeError, AttributeError):
        raise errors.Invalid(f"`{given}` is not a UUID") from None
