"""A whole store in Python has every behaviour that a store must have."""

from __future__ import annotations

import pickle
from collections.abc import Sequence
from typing import Any
from uuid import UUID, uuid4

import pytest
from memory_store import MemoryStore
from support import a_case, opened

import casekit
from casekit import Key, Kind, WorkspaceId, ports
from casekit.testing import check_store, run_store, store_behaviours


@pytest.mark.parametrize("behaviour", store_behaviours())
def test_the_store_of_the_examples_is_conformant(behaviour: str) -> None:
    check_store(behaviour, MemoryStore())


class AsyncStore:
    """The same with `async def` methods."""

    def __init__(self) -> None:
        self.store = MemoryStore()

    async def migrate(self) -> None:
        self.store.migrate()

    async def commit(self, changes: ports.ChangeSet) -> ports.Committed:
        return self.store.commit(changes)

    async def load(self, lookups: Sequence[ports.Lookup]) -> Sequence[ports.Record | None]:
        return self.store.load(lookups)

    async def find(self, query: ports.Json) -> ports.Json:
        return self.store.find(query)

    async def aggregate(self, aggregate: ports.Json) -> Sequence[ports.Json]:
        return self.store.aggregate(aggregate)

    async def feed(self, workspace: UUID, after: int, limit: int) -> Sequence[ports.Json]:
        return self.store.feed(workspace, after, limit)

    async def wait(self, workspace: UUID, after: int, patience: float) -> None:
        self.store.wait(workspace, after, 0.01)


@pytest.mark.parametrize(
    "behaviour", [name for name in store_behaviours() if name.startswith(("commit", "wait"))]
)
def test_a_store_of_coroutines_is_conformant_as_well(behaviour: str) -> None:
    check_store(behaviour, AsyncStore())


def test_a_whole_store_is_proven_at_once() -> None:
    assert run_store(MemoryStore) == store_behaviours()
    assert casekit.testing.run_store(MemoryStore()) == store_behaviours()


def test_a_desk_works_in_a_store_of_python() -> None:
    desk, system = opened(store=MemoryStore())
    case = a_case(system)
    assert [found.case.id for found in system.search("light up")] == [case.id]
    assert next(desk.events(system.workspace)).operation == "create_workspace"


class Forgetful(MemoryStore):
    def load(self, lookups: Sequence[ports.Lookup]) -> list[ports.Record | None]:
        return [None for _ in lookups]


def test_a_store_that_is_not_conformant_is_told_why() -> None:
    def forgetful() -> Any:
        return Forgetful()

    with pytest.raises(AssertionError, match="load_reads_own_writes") as raised:
        run_store(forgetful)
    assert "behaviours hold" in str(raised.value)


def test_what_a_store_raises_can_be_pickled() -> None:
    key = Key(workspace=WorkspaceId(uuid4()), kind=Kind.CASE, id=uuid4())
    stale = ports.StaleRecords([key])
    loaded = pickle.loads(pickle.dumps(stale))
    assert (type(loaded), loaded.keys, str(loaded)) == (type(stale), stale.keys, str(stale))
    held = ports.UniqueHeld(ports.Unique("email", "a@example.org"), key)
    loaded = pickle.loads(pickle.dumps(held))
    assert (type(loaded), loaded.unique, loaded.holder) == (type(held), held.unique, held.holder)
