"""A desk for asyncio: the same names, to be awaited."""

from __future__ import annotations

import asyncio
import gc
import time
import weakref
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from memory_store import MemoryStore
from support import ADA, stores, url_of

import casekit
from casekit import Case, CasekitError, NotFound, aio, customer_says

SAID = customer_says("It does not light up.")


async def opened(url: str = "memory://", **options: Any) -> tuple[aio.Desk, aio.StaffSession]:
    desk = await aio.connect(url, **options)
    system = desk.system(uuid4())
    await system.create_workspace("Lamps")
    return desk, system


async def a_case(system: aio.StaffSession, subject: str = "Lamp") -> Case:
    return await system.open_case(ADA, subject=subject, message=SAID)


@stores
def test_a_thousand_calls_are_in_flight_at_once(store: str, tmp_path: Path) -> None:
    async def run() -> None:
        desk, system = await opened(url_of(store, tmp_path))
        async with desk:
            case = await a_case(system)
            calls = [system.get_case(case.number) for _ in range(900)]
            opening = [a_case(system, f"Lamp {number}") for number in range(100)]
            done = await asyncio.gather(*calls, *opening)
            assert [found.id for found in done[:900]] == [case.id] * 900
            assert sorted(found.number for found in done[900:]) == list(range(2, 102))
            with pytest.raises(NotFound):
                await system.get_case(404)
            await desk.health()

    asyncio.run(run())


@stores
def test_pages_and_events_are_iterated(store: str, tmp_path: Path) -> None:
    async def run() -> None:
        desk, system = await opened(url_of(store, tmp_path))
        for number in range(5):
            await a_case(system, f"Lamp {number}")
        assert {case.number async for case in system.cases(page_size=2)} == {1, 2, 3, 4, 5}
        seen = [event.seq async for event in desk.events(system.workspace, timeout=0.1)]
        assert seen == list(range(1, len(seen) + 1))

        async def follow() -> str:
            async for event in desk.events(system.workspace, after=seen[-1]):
                return event.operation
            raise AssertionError("it ended without an event")

        following = asyncio.ensure_future(follow())
        await asyncio.sleep(0)
        await system.tag_case(1, add=["late"])
        assert await asyncio.wait_for(following, 20) == "tag_case"
        desk.close()

    asyncio.run(run())


def test_waiting_for_events_can_be_cancelled_and_ends_with_the_desk() -> None:
    async def run() -> None:
        desk, system = await opened()
        events = desk.events(system.workspace, after=1)
        with pytest.raises(asyncio.TimeoutError):
            await asyncio.wait_for(anext(events), timeout=0.01)
        waiting = asyncio.ensure_future(anext(desk.events(system.workspace, after=1)))
        await asyncio.sleep(0.01)
        desk.close()
        with pytest.raises(CasekitError, match="the desk is closed"):
            await waiting

    asyncio.run(run())


def test_a_wait_that_was_cancelled_stops() -> None:
    class Watched(MemoryStore):
        def __init__(self) -> None:
            super().__init__()
            self.waits = 0

        async def wait(self, workspace: UUID, after: int, patience: float) -> None:  # type: ignore[override]
            self.waits += 1
            try:
                await asyncio.sleep(60)
            finally:
                self.waits -= 1

    async def run() -> None:
        store = Watched()
        desk, system = await opened(store=store)
        waiting = asyncio.ensure_future(anext(desk.events(system.workspace, after=1)))
        while not store.waits:
            await asyncio.sleep(0.001)
        waiting.cancel()
        while store.waits:
            await asyncio.sleep(0.001)

    asyncio.run(asyncio.wait_for(run(), 20))


def test_a_call_that_was_cancelled_runs_to_its_end() -> None:
    async def run() -> None:
        _, system = await opened()
        calling = asyncio.ensure_future(a_case(system))
        await asyncio.sleep(0)
        calling.cancel()
        with pytest.raises(asyncio.CancelledError):
            await calling
        while not [case async for case in system.cases()]:
            await asyncio.sleep(0.001)

    asyncio.run(asyncio.wait_for(run(), 20))


def test_an_asyncio_call_needs_a_running_loop() -> None:
    _, system = asyncio.run(opened())
    calling = system.get_case(1)
    with pytest.raises(RuntimeError, match="no running event loop"):
        calling.send(None)


def test_a_loop_that_was_closed_with_answers_on_the_way_is_freed() -> None:
    loops = []
    for _ in range(20):
        loop = asyncio.new_event_loop()
        desk, system = loop.run_until_complete(opened())

        async def begin(system: aio.StaffSession = system) -> None:
            calls = [asyncio.ensure_future(system.get_workspace()) for _ in range(20)]
            await asyncio.sleep(0)
            del calls

        loop.run_until_complete(begin())
        # The answers have come, and the loop was told to look.
        time.sleep(0.02)
        loop.close()
        loops.append(weakref.ref(loop))
        del loop, desk, system, begin
    until = time.monotonic() + 20
    while any(loop() for loop in loops) and time.monotonic() < until:
        # What threads of Rust let go of is freed when Rust is next called with the interpreter's lock.
        casekit.connect().close()
        gc.collect()
        time.sleep(0.01)
    assert [loop() for loop in loops if loop()] == []


def test_what_a_signal_raises_while_answers_are_given_keeps_none_of_them_back() -> None:
    class Interrupted(asyncio.Future[Any]):
        interrupts = 1

        def set_result(self, result: Any) -> None:
            super().set_result(result)
            if Interrupted.interrupts and isinstance(result, bytes):
                Interrupted.interrupts -= 1
                raise KeyboardInterrupt

    class Loop(asyncio.SelectorEventLoop):
        def create_future(self) -> asyncio.Future[Any]:
            return Interrupted(loop=self)

    loop = Loop()
    calls: list[asyncio.Future[Any]] = []

    async def run() -> None:
        desk = await aio.connect()
        system = desk.system(uuid4())
        await system.create_workspace("Lamps")
        Interrupted.interrupts = 1
        calls.extend(asyncio.ensure_future(system.get_workspace()) for _ in range(100))
        # All answers are there when the loop looks.
        await asyncio.sleep(0)
        time.sleep(0.5)
        await asyncio.gather(*calls)

    Interrupted.interrupts = 0
    running = loop.create_task(run())
    with pytest.raises(KeyboardInterrupt):
        loop.run_until_complete(running)
    loop.run_until_complete(running)
    assert {call.result().name for call in calls} == {"Lamps"}
    loop.close()
