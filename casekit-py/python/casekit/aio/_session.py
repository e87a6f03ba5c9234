"""What sessions for asyncio have in common."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

import msgspec

from casekit import _native
from casekit._plugins import Host
from casekit.models import Actor, WorkspaceId

__all__ = ["Session"]

_T = TypeVar("_T")
_encode = msgspec.json.Encoder().encode


class Session:
    """What somebody may do. A desk gives sessions; they are cheap, and tasks can share one."""

    def __init__(
        self, native: _native.Session, host: Host | None, workspace: WorkspaceId, actor: Actor
    ) -> None:
        self._call = native.call_async
        self._host = host
        self.workspace = workspace
        """The workspace."""
        self.actor = actor
        """Who acts."""

    def __repr__(self) -> str:
        return f"{type(self).__name__}(workspace={self.workspace}, actor={self.actor})"

    async def call(
        self, operation: str, given: Mapping[str, Any] | msgspec.Struct | None = None
    ) -> Any:
        """Runs an operation by its name, with plain values in and out."""
        nested = self._host is not None and self._host.admit()
        return msgspec.json.decode(await self._call(operation, _encode(given or {}), nested))

    async def _run(
        self, operation: str, given: msgspec.Struct, answer: msgspec.json.Decoder[_T]
    ) -> _T:
        nested = self._host is not None and self._host.admit()
        return answer.decode(await self._call(operation, _encode(given), nested))
