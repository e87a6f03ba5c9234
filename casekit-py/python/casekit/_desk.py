"""The desk, blocking."""

from __future__ import annotations

from collections.abc import Iterator
from types import TracebackType
from typing import TypeVar
from uuid import UUID

import msgspec

from casekit import _native, _opening, _plugins, ports
from casekit._opening import EVENTS_AT_ONCE, SLICE, Options
from casekit._operations import CustomerSession, StaffSession
from casekit._session import Session
from casekit.models import Actor, Event

__all__ = ["Desk", "connect"]

_S = TypeVar("_S", bound=Session)
_events = msgspec.json.Decoder(tuple[Event, ...]).decode


def connect(
    url: str = "memory://",
    *,
    store: ports.Store | None = None,
    clock: ports.Clock | None = None,
    ids: ports.Ids | None = None,
    policy: ports.Policy | None = None,
    plugin_timeout: float = 30.0,
) -> Desk:
    """Opens the desk at `url`, and creates or upgrades its schema.

    `url`: `sqlite:///desk.db` for a file here, `sqlite:////var/desk.db` for one elsewhere, `postgresql://…`, `mysql://…`,
    or `memory://` for a desk that is forgotten.

    `store`, `clock`, `ids`, `policy`: What is used instead of casekit's own: see `casekit.ports`.

    `plugin_timeout`: For how many seconds a plugin may think about an answer.
    """
    options = Options(store, clock, ids, policy)
    host = _plugins.Host() if options.any() else None
    native = _native.Desk.open(
        options.address(url), patience=plugin_timeout, **options.plugins(host)
    )
    return Desk(native, host)


class Desk:
    """A help desk. Several can live in one process, and threads can share one.

    As a context manager it is closed in the end.
    """

    def __init__(self, native: _native.Desk, host: _plugins.Host | None) -> None:
        self._native = native
        self._host = host

    def agent(self, workspace: UUID | str, id: UUID | str) -> StaffSession:
        """What the agent `id` may do. The host has authenticated them."""
        return self._session(StaffSession, workspace, _opening.agent(id))

    def customer(self, workspace: UUID | str, id: UUID | str) -> CustomerSession:
        """What the customer `id` may do and see. The host has authenticated them."""
        return self._session(CustomerSession, workspace, _opening.customer(id))

    def system(self, workspace: UUID | str) -> StaffSession:
        """What the host's own programs do: set-up, intake, imports."""
        return self._session(StaffSession, workspace, _opening.system())

    def events(
        self, workspace: UUID | str, *, after: int = 0, timeout: float | None = None
    ) -> Iterator[Event]:
        """The events of a workspace after a sequence number, for the host: it sees everything.

        Waits for more, until the desk is closed or, if there is a `timeout`, no event came for so many seconds. To
        resume, begin after the `seq` of the last event that was handled.
        """
        self._admit()
        known = str(_opening.workspace(workspace))
        after, patience = _opening.place(after), _opening.timeout(timeout)
        waited = 0.0
        while True:
            wait = min(SLICE, patience - waited)
            found = _events(self._native.events(known, after, EVENTS_AT_ONCE, wait))
            for event in found:
                yield event
                after = event.seq
            waited = 0.0 if found else waited + wait
            if not found and waited >= patience:
                return

    def health(self) -> None:
        """Raises if the store does not answer. One round trip that changes nothing."""
        self._admit()
        self._native.health()

    def new_id(self) -> UUID:
        """A new id, such as for a workspace."""
        return UUID(self._native.new_id(self._admit()))

    def close(self) -> None:
        """Closes the desk: calls that run come to their end, later ones are refused."""
        self._native.close()

    @property
    def closed(self) -> bool:
        """Whether it was closed."""
        return self._native.closed

    def __enter__(self) -> Desk:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        raised: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _admit(self) -> bool:
        return self._host is not None and self._host.admit()

    def _session(self, kind: type[_S], workspace: UUID | str, actor: Actor) -> _S:
        known = _opening.workspace(workspace)
        native = self._native.session(str(known), msgspec.json.encode(actor).decode())
        return kind(native, self._host, known, actor)
