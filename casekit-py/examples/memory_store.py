"""A whole store in Python: everything in dictionaries, each workspace for itself.

It is small rather than fast: queries look at every record. A store for a database would keep the record as JSON beside
the values of its fields, and write each change set in one transaction.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from copy import deepcopy
from dataclasses import dataclass, field
from functools import cached_property
from uuid import UUID

from msgspec import UNSET

from casekit.models import Key
from casekit.ports import (
    Change,
    ChangeSet,
    Committed,
    Json,
    Lookup,
    Record,
    StaleRecords,
    Unique,
    UniqueHeld,
)
from casekit.stores import Records, facts, validate


@dataclass
class Space:
    """What a workspace holds."""

    records: dict[Key, Record] = field(default_factory=dict)
    held: dict[Unique, Key] = field(default_factory=dict)
    events: list[Key] = field(default_factory=list)
    last_number: int = 0
    committed: dict[UUID, Committed] = field(default_factory=dict)

    @cached_property
    def all(self) -> Records:
        # Once: a space does not change any more when others can see it.
        return Records(list(self.records.values()))


class MemoryStore:
    """A store that forgets everything with the process."""

    def __init__(self) -> None:
        self._spaces: dict[UUID, Space] = {}
        # Also tells those who wait of each commit.
        self._changed = threading.Condition()

    def migrate(self) -> None:
        pass

    def commit(self, changes: ChangeSet) -> Committed:
        validate(changes)
        with self._changed:
            space = self._spaces.get(changes.workspace, Space())
            if done := space.committed.get(changes.id):
                return done
            refuse_stale(space, changes.changes)
            # Only a copy is changed, until all of it is known to hold.
            copy = Space(
                dict(space.records), dict(space.held), list(space.events), space.last_number
            )
            numbers = write(copy, changes.changes)
            append(copy, changes.events)
            done = Committed(len(copy.events), numbers)
            copy.committed = {**space.committed, changes.id: done}
            self._spaces[changes.workspace] = copy
            self._changed.notify_all()
            return done

    def load(self, lookups: Sequence[Lookup]) -> list[Record | None]:
        return [self._look_up(lookup) for lookup in lookups]

    def _look_up(self, lookup: Lookup) -> Record | None:
        if lookup.key is not UNSET:
            return self._space(lookup.key.workspace).records.get(lookup.key)
        assert lookup.unique is not UNSET
        workspace, unique = lookup.unique
        space = self._space(workspace)
        holder = space.held.get(unique)
        return space.records.get(holder) if holder else None

    def find(self, query: Json) -> Json:
        return self._space(UUID(query["workspace"])).all.find(query)

    def aggregate(self, aggregate: Json) -> list[Json]:
        return self._space(UUID(aggregate["workspace"])).all.aggregate(aggregate)

    def feed(self, workspace: UUID, after: int, limit: int) -> list[Json]:
        space = self._space(workspace)
        keys = space.events[after : after + limit]
        return [
            {name: value for name, value in space.records[key].items() if name != "kind"}
            for key in keys
        ]

    def wait(self, workspace: UUID, after: int, patience: float) -> None:
        with self._changed:
            self._changed.wait_for(lambda: len(self._space(workspace).events) > after, patience)

    def _space(self, workspace: UUID) -> Space:
        return self._spaces.get(workspace, Space())


def refuse_stale(space: Space, changes: Sequence[Change]) -> None:
    """Every record must be as the one who changes it saw it."""
    stale = []
    for change in changes:
        key, expected = seen(change)
        now = space.records.get(key)
        if (now["version"] if now else None) != expected:
            stale.append(key)
    if stale:
        raise StaleRecords(stale)


def seen(change: Change) -> tuple[Key, int | None]:
    """The record that is changed, and the version that it must have; none if it must not exist."""
    if change.create is not UNSET:
        return facts(change.create).key, None
    if change.check is not UNSET:
        return change.check.key, change.check.version
    before = change.replace.before if change.replace is not UNSET else deleted(change)
    said = facts(before)
    return said.key, said.version


def deleted(change: Change) -> Record:
    assert change.delete is not UNSET
    return change.delete.before


def write(space: Space, changes: Sequence[Change]) -> list[tuple[Key, int]]:
    """Writes records; gives the numbers of new ones. What is released by one can be claimed by another."""
    numbers = []
    written: list[Record] = []
    for change in changes:
        if change.check is not UNSET:
            continue
        key, version = seen(change)
        if before := space.records.pop(key, None):
            for unique in facts(before).unique:
                space.held.pop(unique, None)
        if change.delete is not UNSET:
            continue
        after = change.create if change.create is not UNSET else replacement(change)
        after = deepcopy(after)
        after["version"] = (version or 0) + 1
        if change.create is not UNSET and (number := facts(after).number) is not None:
            if number == 0:
                number = after["number"] = space.last_number + 1
                numbers.append((key, number))
            space.last_number = max(space.last_number, number)
        written.append(after)
    for record in written:
        claim(space, record)
    return numbers


def replacement(change: Change) -> Record:
    assert change.replace is not UNSET
    return change.replace.after


def claim(space: Space, record: Record) -> None:
    said = facts(record)
    for unique in said.unique:
        holder = space.held.setdefault(unique, said.key)
        if holder != said.key:
            raise UniqueHeld(unique, holder)
    space.records[said.key] = record


def append(space: Space, events: Sequence[Json]) -> None:
    """Events are records as well; the feed has them in the order of their sequence."""
    for event in events:
        record = {**event, "kind": "event", "seq": len(space.events) + 1, "version": 1}
        key = facts(record).key
        space.records[key] = record
        space.events.append(key)
