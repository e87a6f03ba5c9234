"""A whole store in Python has every behaviour that a store must have."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import pytest
from memory_store import MemoryStore
from support import a_case, opened

from casekit import ports
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
