"""What a host can put in place of casekit's own: a clock, ids, a policy, a whole store.

Each is a class with the methods of one of the protocols below. A method may be plain or `async def`: a plain one runs
in a thread of its own, one that is `async` in the event loop (that of `casekit.aio.connect`, else one of casekit's).
What it raises arrives at the caller of the operation as the cause of an error. One that does not answer within the
`plugin_timeout` of the desk is given up.
"""

from __future__ import annotations

from collections.abc import Awaitable, Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol, TypeAlias
from uuid import UUID

from msgspec import UNSET, Struct, UnsetType

from casekit import errors
from casekit.models import Actor, Agent, Case, Customer, Key

__all__ = [
    "Change",
    "ChangeSet",
    "Check",
    "Clock",
    "Committed",
    "Deleted",
    "Filter",
    "Ids",
    "Json",
    "Lookup",
    "Policy",
    "Record",
    "Replaced",
    "Request",
    "StaleRecords",
    "Store",
    "Unique",
    "UniqueHeld",
]

Json: TypeAlias = dict[str, Any]
"""A JSON object, which a store keeps or answers without a look into it."""

Record: TypeAlias = Json
"""A record of any kind, as it is stored: `casekit.stores.facts` tells what a store must know of it."""

Filter: TypeAlias = Mapping[str, Any]
"""Which records: `{"all": []}` for all, `{"any": []}` for none, or by fields that cases or customers declare, as in
`{"field": {"field": "product", "is": "equal", "value": {"id": "…"}}}`."""


class Clock(Protocol):
    """Tells the time. It is asked once for each operation."""

    def now(self) -> datetime | Awaitable[datetime]:
        """The time now, with a zone."""
        ...


class Ids(Protocol):
    """Makes ids: UUIDs of version 7, each of which sorts after those before it."""

    def next(self, now: datetime) -> UUID | Awaitable[UUID]:
        """A new id."""
        ...


class Request(Struct, frozen=True, kw_only=True):
    """Who asks a policy to do what."""

    actor: Actor
    """Who asks."""
    agent: Agent | None
    """The agent's record, when an agent asks."""
    operation: str
    """The name of the operation."""
    access: str
    """What it asks for: `read`, `work`, `supervise` or `administer`."""
    case: Case | None
    """The case that it is about, once it is known."""
    customer: Customer | None
    """The customer that it is about, once they are known."""


class Policy(Protocol):
    """Decides who may do what; it takes the place of casekit's rules by role. It can only narrow what customers see.

    It is asked once before an operation begins, without a case, and again for each case and customer that the
    operation reaches. Lists are narrowed by `cases` and `customers`.
    """

    def decide(self, request: Request) -> None | Awaitable[None]:
        """Returns if the request is allowed; else raises `casekit.Denied`."""
        ...

    def cases(self, request: Request) -> Filter | Awaitable[Filter]:
        """Which cases lists and searches may give."""
        ...

    def customers(self, request: Request) -> Filter | Awaitable[Filter]:
        """Which customers lists may give."""
        ...


class Unique(Struct, frozen=True):
    """A value that at most one record of a workspace holds under this name."""

    name: str
    value: str


class Lookup(Struct, frozen=True):
    """How a record is looked up: by its key, or by a unique value that it holds."""

    key: Key | UnsetType = UNSET
    unique: tuple[UUID, Unique] | UnsetType = UNSET
    """The workspace, and the value."""


class Replaced(Struct, frozen=True):
    before: Record
    """The record as it was seen: what is stored must still have its version."""
    after: Record
    """The record as it will be, with the next version."""


class Deleted(Struct, frozen=True):
    before: Record
    """The record as it was seen."""


class Check(Struct, frozen=True):
    key: Key
    version: int
    """The version that the record must still have."""


class Change(Struct, frozen=True):
    """A change to one record. Exactly one member is given."""

    create: Record | UnsetType = UNSET
    """Writes a record that must not exist yet, as version 1."""
    replace: Replaced | UnsetType = UNSET
    delete: Deleted | UnsetType = UNSET
    check: Check | UnsetType = UNSET
    """Writes nothing, but refuses the commit if the record has changed."""


class ChangeSet(Struct, frozen=True):
    """A set of changes to one workspace, which takes effect whole or not at all."""

    id: UUID
    """Names the commit: a second one with the same id does nothing and gives the first one's answer."""
    workspace: UUID
    changes: tuple[Change, ...]
    """The changes, at most one for each key."""
    events: tuple[Json, ...]
    """What happened, in order: the store gives each the next `seq` of the workspace, and version 1."""


class Committed(Struct, frozen=True):
    """The answer to a commit."""

    seq: int
    """The sequence number of the workspace's last event."""
    numbers: Sequence[tuple[Key, int]] = ()
    """The numbers that were given to new records that came with number 0, in the order of the changes."""


class Store(Protocol):
    """Where cases live.

    What each method must do is listed in the documentation of `Store` in `casekit-core`; `casekit.testing.run_store`
    has a test for every line. `casekit.stores` has what a simple store needs.
    """

    def migrate(self) -> None | Awaitable[None]:
        """Creates or upgrades the schema. A second call changes nothing."""
        ...

    def commit(self, changes: ChangeSet) -> Committed | Awaitable[Committed]:
        """Applies a change set, or raises `StaleRecords` or `UniqueHeld` and applies nothing."""
        ...

    def load(
        self, lookups: Sequence[Lookup]
    ) -> Sequence[Record | None] | Awaitable[Sequence[Record | None]]:
        """One answer for each lookup, in order; `None` where there is no such record."""
        ...

    def find(self, query: Json) -> Json | Awaitable[Json]:
        """The page of records that a query asks for: `casekit.stores.Records` defines it."""
        ...

    def aggregate(self, aggregate: Json) -> Sequence[Json] | Awaitable[Sequence[Json]]:
        """Counts and sums by group: `casekit.stores.Records` defines it."""
        ...

    def feed(
        self, workspace: UUID, after: int, limit: int
    ) -> Sequence[Json] | Awaitable[Sequence[Json]]:
        """The events of a workspace with a `seq` over `after`, in order, at most `limit`."""
        ...

    def wait(self, workspace: UUID, after: int, patience: float) -> None | Awaitable[None]:
        """Returns when there may be an event over `after`, or after `patience` seconds."""
        ...


class StaleRecords(errors.Conflict):
    """A commit saw records that have changed since: the operation is done again on what there is now."""

    def __init__(self, keys: Sequence[Key]) -> None:
        super().__init__("the records were changed by somebody else at the same moment")
        self.keys = tuple(keys)

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.keys,)


class UniqueHeld(errors.Taken):
    """A unique value is held by another record."""

    def __init__(self, unique: Unique, holder: Key) -> None:
        super().__init__(f"{unique.name} `{unique.value}` already belongs to another record")
        self.unique = unique
        self.holder = holder

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.unique, self.holder)
