"""What a simple store of the host's needs: what queries mean, and what records say about themselves."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
from msgspec import Struct

from casekit import _native
from casekit.models import Key
from casekit.ports import ChangeSet, Json, Record, Unique

__all__ = ["Facts", "Records", "facts", "validate"]


class Facts(Struct, frozen=True):
    """What a record says about itself."""

    key: Key
    version: int
    number: int | None
    """The number in its workspace, of kinds that are numbered: 0 until the store gives one."""
    unique: tuple[Unique, ...]
    """Values that no other record of the workspace may hold."""


_facts = msgspec.json.Decoder(Facts).decode
_page = msgspec.json.Decoder(Json).decode
_rows = msgspec.json.Decoder(list[Json]).decode
_encode = msgspec.json.encode


def facts(record: Record) -> Facts:
    """What a record says about itself."""
    return _facts(_native.facts(_encode(record)))


def validate(changes: ChangeSet) -> None:
    """Refuses a change set that no store could apply. Stores call this first in `commit`."""
    _native.validate(_encode(changes))


class Records:
    """All records of a workspace, read once: it says what queries mean."""

    def __init__(self, records: Sequence[Record]) -> None:
        self._native = _native.Records(_encode(records))

    def find(self, query: Json) -> Json:
        """The page that a query gives."""
        return _page(self._native.find(_encode(query)))

    def aggregate(self, aggregate: Json) -> list[Json]:
        """The rows that an aggregate gives."""
        return _rows(self._native.aggregate(_encode(aggregate)))
