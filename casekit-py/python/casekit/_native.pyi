from collections.abc import Awaitable, Callable
from typing import Any, final

class CasekitError(Exception):
    kind: str
    details: dict[str, Any] | None
    retryable: bool

@final
class Desk:
    @staticmethod
    def connect(
        url: str,
        *,
        now: Callable[[], int] | None = None,
        new_id: Callable[[int], str] | None = None,
    ) -> Desk: ...
    def call(self, workspace: str, actor: str, name: str, input: bytes) -> bytes: ...
    def call_async(
        self, workspace: str, actor: str, name: str, input: bytes
    ) -> Awaitable[bytes]: ...
    def next_event_async(self, workspace: str, after: int) -> Awaitable[bytes]: ...
    def new_id(self) -> str: ...
