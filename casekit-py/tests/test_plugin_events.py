"""Events of a store in Python: who waits for them, and what that takes from others."""

from __future__ import annotations

import asyncio
import signal
import threading
import time
from typing import Any
from uuid import UUID, uuid4

import pytest
from memory_store import MemoryStore
from support import a_case, opened

from casekit import (
    Denied,
    _plugins,
    aio,
)


class SlowFeed(MemoryStore):
    """A store that takes its time to read events, and knows how many wait for new ones."""

    def __init__(self) -> None:
        super().__init__()
        self.waiting = 0
        self.most = 0

    def feed(self, workspace: UUID, after: int, limit: int) -> Any:
        time.sleep(0.05)
        return super().feed(workspace, after, limit)

    def wait(self, workspace: UUID, after: int, patience: float) -> None:
        self.waiting += 1
        self.most = max(self.most, self.waiting)
        super().wait(workspace, after, patience)
        self.waiting -= 1


def test_events_that_take_longer_to_fetch_than_one_waits_arrive() -> None:
    desk, system = opened(store=SlowFeed())
    a_case(system)
    seen = [event.seq for event in desk.events(system.workspace, timeout=0)]
    assert seen == list(range(1, len(seen) + 1)) and len(seen) > 1


def test_who_holds_a_wait_that_is_over_does_not_make_others_spin() -> None:
    fed = 0

    class Counting(MemoryStore):
        def feed(self, workspace: UUID, after: int, limit: int) -> Any:
            nonlocal fed
            fed += 1
            return super().feed(workspace, after, limit)

    desk, system = opened(store=Counting())

    def follow(timeout: float) -> None:
        assert list(desk.events(system.workspace, after=1, timeout=timeout)) == []

    follower = threading.Thread(target=follow, args=(3,))
    # The main thread holds its wait, in a signal's handler, for longer than the store waits.
    before = signal.signal(signal.SIGALRM, lambda *_: time.sleep(3))
    try:
        signal.setitimer(signal.ITIMER_REAL, 0.5)
        follower.start()
        follow(2)
    finally:
        signal.signal(signal.SIGALRM, before)
    follower.join(20)
    # Each looks again when the store's own wait ends, once a second.
    assert fed < 100


def test_those_who_follow_many_workspaces_leave_threads_to_others(
    few_threads: _plugins._Threads, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("casekit._plugins.MOST_THREADS", 80)
    store = SlowFeed()

    async def run() -> None:
        desk = await aio.connect(store=store)
        system = desk.system(uuid4())
        await system.create_workspace("Lamps")
        following = [
            asyncio.ensure_future(anext(desk.events(uuid4(), timeout=60))) for _ in range(300)
        ]
        while store.waiting < 60:
            await asyncio.sleep(0.01)
        for _ in range(5):
            await asyncio.wait_for(system.get_workspace(), 0.9)
        assert store.most <= 64
        for follower in following:
            follower.cancel()

    asyncio.run(run())


def test_many_who_wait_for_events_take_one_thread() -> None:
    store = SlowFeed()

    async def run() -> None:
        desk = await aio.connect(store=store)
        system = desk.system(uuid4())
        await system.create_workspace("Lamps")

        async def follow() -> str:
            async for event in desk.events(system.workspace, after=1):
                return event.operation
            raise AssertionError("it ended without an event")

        following = [asyncio.ensure_future(follow()) for _ in range(50)]
        while not store.waiting:
            await asyncio.sleep(0.01)
        await system.create_product("Lamp")
        assert set(await asyncio.wait_for(asyncio.gather(*following), 60)) == {"create_product"}

    asyncio.run(run())
    assert store.most <= 4


def test_what_a_store_says_of_its_failure_while_one_waits_is_whole() -> None:
    class Refuses(MemoryStore):
        def wait(self, workspace: UUID, after: int, patience: float) -> None:
            raise Denied("no", details={"a": 1}, retryable=True)

    desk, system = opened(store=Refuses())
    with pytest.raises(Denied, match="no") as denied:
        next(desk.events(system.workspace, after=1))
    assert (denied.value.details, denied.value.retryable) == ({"a": 1}, True)
