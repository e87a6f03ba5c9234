"""Plugins that several tests give a desk."""

from __future__ import annotations

import asyncio
import threading
from typing import Any

from memory_store import MemoryStore

from casekit import (
    Denied,
    ports,
)
from casekit.ports import Filter, Request

ALL: Filter = {"all": []}


class Products:
    """A policy by which agents see what has no product, and a desk's own programs all."""

    def __init__(self) -> None:
        self.asked: list[Request] = []

    def decide(self, request: Request) -> None:
        self.asked.append(request)
        if request.agent and request.case and "secret" in request.case.tags:
            raise Denied(f"case {request.case.number} is secret", details={"by": "Products"})

    def cases(self, request: Request) -> Filter:
        secret = {"field": {"field": "tags", "is": "equal", "value": {"text": "secret"}}}
        return {"not": secret} if request.agent else ALL

    def customers(self, request: Request) -> Filter:
        return ALL


class AsyncProducts:
    """The same with `async def` methods."""

    def __init__(self) -> None:
        self.policy = Products()

    async def decide(self, request: Request) -> None:
        await asyncio.sleep(0)
        self.policy.decide(request)

    async def cases(self, request: Request) -> Filter:
        return self.policy.cases(request)

    async def customers(self, request: Request) -> Filter:
        return self.policy.customers(request)


class StuckStore(MemoryStore):
    """A store that never answers to a list, until the test is over."""

    def __init__(self) -> None:
        super().__init__()
        self.over = threading.Event()

    def find(self, query: ports.Json) -> Any:
        self.over.wait(60)
        return super().find(query)
