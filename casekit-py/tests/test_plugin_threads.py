"""Plain plugins run in threads, of which there are so many: who waits for one, and for whom."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Awaitable, Callable
from datetime import datetime, timezone
from typing import Any
from uuid import uuid4

import pytest
from memory_store import MemoryStore
from support import a_case, opened

import casekit
from casekit import (
    Bug,
    Limit,
    Unavailable,
    _plugins,
    aio,
)
from casekit.ports import Request
from plugins import AsyncProducts, Products, StuckStore


def test_more_calls_than_threads_wait_for_their_turn(few_threads: _plugins._Threads) -> None:
    class Slow(MemoryStore):
        def load(self, lookups: Any) -> Any:
            time.sleep(0.001)
            return super().load(lookups)

    async def run() -> None:
        desk = await aio.connect(store=Slow())
        system = desk.system(uuid4())
        await system.create_workspace("Lamps")
        done = await asyncio.gather(*(system.get_workspace() for _ in range(1_000)))
        assert len(done) == 1_000
        desk.close()

    asyncio.run(run())
    assert few_threads._started == 4


def test_no_more_calls_wait_than_can(
    few_threads: _plugins._Threads, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("casekit._plugins.MOST_WAITING", 10)
    store = StuckStore()

    async def run() -> None:
        desk = await aio.connect(store=store, plugin_timeout=1)
        system = desk.system(uuid4())
        await system.create_workspace("Lamps")
        calls = (system.find_cases() for _ in range(40))
        ended = await asyncio.gather(*calls, return_exceptions=True)
        kinds = [type(error) for error in ended]
        assert set(kinds) == {Limit, Unavailable} and kinds.count(Unavailable) <= 14
        store.over.set()
        while few_threads._waiting.qsize():
            await asyncio.sleep(0.01)
        assert (await system.find_cases()).cases == ()

    asyncio.run(run())


def test_what_was_given_up_before_its_turn_is_not_begun(few_threads: _plugins._Threads) -> None:
    loads = 0

    class Counting(StuckStore):
        def load(self, lookups: Any) -> Any:
            nonlocal loads
            loads += 1
            return super().load(lookups)

    store = Counting()
    _, system = opened(store=store, plugin_timeout=1)

    def find() -> None:
        with pytest.raises(Unavailable):
            system.find_cases()

    stuck = [threading.Thread(target=find) for _ in range(4)]
    for thread in stuck:
        thread.start()
    while len(few_threads._under_way) < 4 or few_threads._waiting.qsize():
        time.sleep(0.01)
    before = loads
    with pytest.raises(Unavailable, match="did not answer to `load`"):
        system.create_product("Lamp")
    store.over.set()
    while few_threads._under_way:
        time.sleep(0.01)
    assert loads == before
    for thread in stuck:
        thread.join(10)


def test_plugins_that_wait_for_plugins_of_other_desks_find_threads(
    few_threads: _plugins._Threads,
) -> None:
    _, deepest = opened(policy=Products())

    class Asks(Products):
        def decide(self, request: Request) -> None:
            deepest.get_workspace()

    desks = [opened(policy=Asks(), plugin_timeout=10)[1] for _ in range(2)]
    failed: list[Exception] = []

    def call(number: int) -> None:
        try:
            desks[number % 2].get_workspace()
        except casekit.CasekitError as error:
            failed.append(error)

    threads = [threading.Thread(target=call, args=(number,)) for number in range(40)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert failed == []


@pytest.mark.parametrize(
    "ask",
    [
        lambda desk, session: session.list_products(),
        lambda desk, session: desk.new_id(),
    ],
)
def test_desks_whose_policies_ask_each_other_do_not_wait_for_each_other(
    ask: Callable[[aio.Desk, aio.StaffSession], Awaitable[Any]],
) -> None:
    async def run() -> None:
        desks: list[tuple[aio.Desk, aio.StaffSession]] = []

        class Asks(AsyncProducts):
            def __init__(self, other: int) -> None:
                super().__init__()
                self.other = other

            async def decide(self, request: Request) -> None:
                if request.operation == "get_workspace":
                    await asyncio.sleep(0.001)
                    await ask(*desks[self.other])

        for other in (1, 0):
            desk = await aio.connect(policy=Asks(other), plugin_timeout=10)
            desks.append((desk, desk.system(uuid4())))
            await desks[-1][1].create_workspace("Lamps")
        calls = (desks[n % 2][1].get_workspace() for n in range(800))
        assert len(await asyncio.wait_for(asyncio.gather(*calls), 60)) == 800

    asyncio.run(run())


def test_policies_that_wait_for_another_desk_leave_it_threads() -> None:
    async def run() -> None:
        other = await aio.connect()
        people = other.system(uuid4())
        await people.create_workspace("People")

        class Asks(AsyncProducts):
            async def decide(self, request: Request) -> None:
                await asyncio.sleep(0.01)
                await people.get_workspace()

        desk = await aio.connect(policy=Asks())
        system = desk.system(uuid4())
        await system.create_workspace("Lamps")
        calls = asyncio.gather(*(system.get_workspace() for _ in range(1_000)))
        assert len(await asyncio.wait_for(calls, 60)) == 1_000

    asyncio.run(run())


def test_policies_that_never_answer_are_given_up_however_many() -> None:
    class Stuck(AsyncProducts):
        stuck = False

        async def decide(self, request: Request) -> None:
            if self.stuck:
                await asyncio.sleep(600)

    async def run() -> None:
        policy = Stuck()
        desk = await aio.connect(policy=policy, plugin_timeout=1)
        system = desk.system(uuid4())
        await system.create_workspace("Lamps")
        policy.stuck = True
        calls = (system.get_workspace() for _ in range(700))
        ended = await asyncio.wait_for(asyncio.gather(*calls, return_exceptions=True), 60)
        assert {type(error) for error in ended} == {Unavailable}

    asyncio.run(run())


def test_a_thread_that_cannot_be_started_is_told_and_takes_nothing_away(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    store = MemoryStore()
    _, system = opened(store=store)
    # None is free.
    monkeypatch.setattr("casekit._plugins._threads", _plugins._Threads())
    with monkeypatch.context() as full:

        def start(thread: threading.Thread) -> None:
            raise RuntimeError("can't start new thread")

        full.setattr(threading.Thread, "start", start)
        with pytest.raises(Bug, match="can't start new thread"):
            a_case(system)
    assert list(system.cases()) == [], "it is not begun later either"
    assert a_case(system).number == 1


def test_an_event_loop_that_cannot_be_started_is_told_and_started_later(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class Async:
        async def now(self) -> datetime:
            return datetime.now(timezone.utc)

    monkeypatch.setattr("casekit._plugins._loop", _plugins._Loop())
    start = threading.Thread.start

    def full(thread: threading.Thread) -> None:
        if thread.name == "casekit plugin loop":
            raise RuntimeError("can't start new thread")
        start(thread)

    with monkeypatch.context() as limited:
        limited.setattr(threading.Thread, "start", full)
        with pytest.raises(Bug, match="can't start new thread"):
            casekit.connect(clock=Async())
    casekit.connect(clock=Async()).close()
