"""What the tests share."""

import json
from collections.abc import Awaitable, Callable
from typing import Any

from casekit import Desk
from casekit.testing import CountedIds, ManualClock

SYSTEM = {"type": "system"}


class Caller:
    """Calls operations of a workspace with values in and out."""

    def __init__(self, desk: Desk, actor: dict[str, str] = SYSTEM) -> None:
        self.desk = desk
        self.workspace = desk.new_id()
        self.actor = json.dumps(actor)

    def __call__(self, name: str, /, **fields: Any) -> Any:
        answer = self.desk.call(self.workspace, self.actor, name, json.dumps(fields).encode())
        return json.loads(answer)

    async def later(self, name: str, /, **fields: Any) -> Any:
        given = json.dumps(fields).encode()
        return json.loads(await self.desk.call_async(self.workspace, self.actor, name, given))

    def event(self, after: int) -> Awaitable[bytes]:
        return self.desk.next_event_async(self.workspace, after)


def opened(url: str = "memory:", **options: Any) -> Caller:
    call = Caller(Desk.connect(url, **options))
    call("create_workspace", name="Lamps")
    return call


def a_case(subject: str) -> dict[str, Any]:
    return {
        "customer": {"name": "Ada", "email": "ada@example.org"},
        "subject": subject,
        "message": {"by": "customer", "message": {"text": "The lamp does not light up."}},
    }


def replayable() -> dict[str, Callable[..., Any]]:
    """A clock that stands still and ids from a counter: the same in every run."""
    return {"now": ManualClock(), "new_id": CountedIds()}
