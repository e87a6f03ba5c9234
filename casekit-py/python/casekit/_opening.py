"""What opening a desk needs, blocking or not."""

from __future__ import annotations

from dataclasses import dataclass
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
        return any((self.store, self.clock, self.ids, self.policy))

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


def _id(given: UUID | str) -> UUID:
    if isinstance(given, UUID):
        return given
    try:
        return UUID(given)
    except ValueError:
        raise errors.Invalid(f"`{given}` is not a UUID") from None
