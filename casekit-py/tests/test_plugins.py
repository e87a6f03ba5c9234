"""What a host puts in place of casekit's own: it is asked, and what it does wrong is told and harms nobody else."""

from __future__ import annotations

import asyncio
import sqlite3
import threading
import time
from collections.abc import Callable
from contextlib import closing
from contextvars import ContextVar
from datetime import datetime, timezone
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from memory_store import MemoryStore
from support import a_case, opened, stores, url_of

import casekit
from casekit import (
    Bug,
    Denied,
    Limit,
    NotFound,
    StaffSession,
    Unavailable,
    aio,
    ports,
)
from casekit.ports import Filter, Request
from casekit.testing import CountedIds, ManualClock
from plugins import AsyncProducts, Products, StuckStore


class Broken(Exception):
    """What a plugin raises."""


@pytest.mark.parametrize("policy", [Products, AsyncProducts])
@stores
def test_a_policy_decides(store: str, policy: type[Any], tmp_path: Path) -> None:
    desk, system = opened(url_of(store, tmp_path), policy=policy())
    case, secret = a_case(system), a_case(system, "Secret")
    system.tag_case(secret.id, add=["secret"])
    agent = desk.agent(system.workspace, system.create_agent("Anna", email="a@example.org").id)
    assert agent.get_case(case.number).id == case.id
    with pytest.raises(Denied, match="case 2 is secret") as denied:
        agent.get_case(secret.number)
    assert denied.value.details == {"by": "Products"}
    assert isinstance(denied.value.__cause__, Denied)
    assert [found.id for found in agent.cases()] == [case.id]
    assert len(list(system.cases())) == 2


def test_a_policy_for_asyncio_runs_in_the_loop_of_the_host() -> None:
    ran: set[Any] = set()

    class InLoop(AsyncProducts):
        async def decide(self, request: Request) -> None:
            ran.add(asyncio.get_running_loop())
            await super().decide(request)

    async def run() -> None:
        desk = await aio.connect(policy=InLoop())
        await desk.system(uuid4()).create_workspace("Lamps")
        assert ran == {asyncio.get_running_loop()}

    asyncio.run(run())


class BrokenClock:
    def __init__(self) -> None:
        self.works = True

    def now(self) -> datetime:
        if self.works:
            return datetime.now(timezone.utc)
        raise Broken("no time")


@stores
def test_a_clock_that_raises_changes_nothing_and_is_told(store: str, tmp_path: Path) -> None:
    clock = BrokenClock()
    _, system = opened(url_of(store, tmp_path), clock=clock)
    clock.works = False
    with pytest.raises(Bug, match="the host's plugin failed in `now`: .*no time") as raised:
        a_case(system)
    assert isinstance(raised.value.__cause__, Broken)
    clock.works = True
    assert list(system.cases()) == []


@pytest.mark.parametrize("given", ["noon", 1_767_603_600_000, datetime(2026, 1, 5)])
def test_a_clock_that_gives_no_time_is_refused_when_it_is_given(given: object) -> None:
    class Wrong:
        def now(self) -> Any:
            return given

    with pytest.raises(Bug, match="a clock must give a `datetime` with a zone") as raised:
        casekit.connect(clock=Wrong())
    assert isinstance(raised.value.__cause__, TypeError)


@pytest.mark.parametrize("given", ["one", 42, None])
def test_ids_that_are_none_are_refused_when_they_are_given(given: object) -> None:
    class Wrong:
        def next(self, now: datetime) -> Any:
            return given

    with pytest.raises(Bug, match="ids must be UUIDs"):
        casekit.connect(ids=Wrong())


def test_ids_are_asked_for_at_the_time_of_the_clock_only() -> None:
    at: list[datetime] = []

    class Watched(CountedIds):
        def next(self, now: datetime) -> UUID:
            at.append(now)
            return super().next(now)

    clock = ManualClock()
    _, system = opened(clock=clock, ids=Watched())
    a_case(system)
    assert set(at) == {clock.time}


def test_a_filter_that_raises_shows_nothing() -> None:
    class NoFilter(Products):
        def cases(self, request: Request) -> Filter:
            raise Broken("no filter")

    _, system = opened(policy=NoFilter())
    a_case(system)
    with pytest.raises(Bug, match="failed in `cases`: .*no filter") as raised:
        system.find_cases()
    assert isinstance(raised.value.__cause__, Broken)


class BrokenStore(MemoryStore):
    """A store in which one thing does not work."""

    def __init__(self, how: BaseException | object) -> None:
        super().__init__()
        self.how = how
        self.works = True

    def find(self, query: ports.Json) -> Any:
        if self.works:
            return super().find(query)
        if isinstance(self.how, BaseException):
            raise self.how
        return self.how


@pytest.mark.parametrize(
    ("how", "kind", "told"),
    [
        (Broken("no disk"), Bug, "the host's plugin failed in `find`: .*no disk"),
        (SystemExit("leave"), Bug, "failed in `find`: .*leave"),
        (Limit("so many"), Limit, "so many"),
        ("a page", Bug, "gave from `find` what cannot be used"),
        ({"records": [{"kind": "dog"}]}, Bug, "gave from `find` what cannot be used"),
        (object(), Bug, "failed in `find`: .*unsupported"),
    ],
)
def test_what_a_store_does_wrong_is_an_error(
    how: object, kind: type[casekit.CasekitError], told: str
) -> None:
    store = BrokenStore(how)
    _, system = opened(store=store)
    store.works = False
    with pytest.raises(kind, match=told) as raised:
        system.find_cases()
    if isinstance(how, BaseException):
        assert raised.value.__cause__ is how
    store.works = True
    assert system.find_cases().cases == ()


class StuckAsyncStore(StuckStore):
    def find(self, query: ports.Json) -> Any:
        return self.never()

    async def never(self) -> None:
        try:
            await asyncio.sleep(60)
        finally:
            self.over.set()


@pytest.mark.parametrize("kind", [StuckStore, StuckAsyncStore])
def test_a_store_that_never_answers_is_given_up_and_blocks_nobody(kind: type[StuckStore]) -> None:
    store = kind()
    _, system = opened(store=store, plugin_timeout=0.3)
    failed: list[Exception] = []

    def find() -> None:
        try:
            system.find_cases()
        except Unavailable as error:
            failed.append(error)

    threads = [threading.Thread(target=find) for _ in range(20)]
    for thread in threads:
        thread.start()
    assert system.get_workspace().name == "Lamps"
    for thread in threads:
        thread.join(10)
    assert len(failed) == 20
    assert "did not answer to `find` within 0.3 s" in str(failed[0])
    if kind is StuckAsyncStore:
        assert store.over.wait(10), "its coroutine was told to end"
    store.over.set()


class StuckClock(ManualClock):
    """A clock that does not answer while it is stuck."""

    def __init__(self) -> None:
        super().__init__()
        self.stuck = False
        self.asked = 0
        self.over = threading.Event()

    def now(self) -> datetime:
        self.asked += 1
        if self.stuck:
            self.over.wait(60)
        return super().now()


def test_a_clock_that_never_answers_is_given_up() -> None:
    clock = StuckClock()
    _, system = opened(clock=clock, plugin_timeout=1)
    _other, elsewhere = opened()
    clock.stuck = True
    with pytest.raises(Unavailable, match="did not answer to `now`"):
        system.get_case(1)
    begun = time.monotonic()
    with pytest.raises(NotFound):
        elsewhere.get_case(1)
    assert time.monotonic() - begun < 5
    clock.over.set()


@stores
def test_nothing_is_written_while_a_clock_does_not_answer(store: str, tmp_path: Path) -> None:
    clock = StuckClock()
    _, system = opened(url_of(store, tmp_path), clock=clock, plugin_timeout=1)
    before = clock.asked
    clock.stuck = True
    with pytest.raises(Unavailable, match="did not answer to `now`"):
        a_case(system)
    assert clock.asked == before + 1, "it is not asked again and again"
    clock.stuck = False
    clock.over.set()
    assert list(system.cases()) == []


@pytest.mark.parametrize("method", ["clock", "ids"])
@stores
def test_what_is_not_available_for_now_is_not_replaced(
    store: str, method: str, tmp_path: Path
) -> None:
    # An error that can pass: a commit that fails with it is sent again.
    class Passing(ManualClock):
        works = True

        def now(self) -> datetime:
            if method == "clock" and not self.works:
                raise Unavailable("no time server", retryable=True)
            return super().now()

        def next(self, now: datetime) -> UUID:
            if method == "ids" and not self.works:
                raise Unavailable("no ids left", retryable=True)
            return uuid4()

    plugin = Passing()
    options: dict[str, Any] = {method: plugin}
    _, system = opened(url_of(store, tmp_path), **options)
    plugin.works = False
    with pytest.raises(Unavailable, match="no time server|no ids left"):
        a_case(system)
    plugin.works = True
    assert list(system.cases()) == []


def test_health_is_the_store_s_with_plugins_too(tmp_path: Path) -> None:
    desk, _ = opened(url_of("sqlite", tmp_path), clock=ManualClock())
    desk.health()
    with closing(sqlite3.connect(tmp_path / "desk.db")) as file:
        file.execute("DELETE FROM casekit_migration")
        file.commit()
    with pytest.raises(casekit.Storage):
        desk.health()


def test_a_plugin_sees_the_context_of_who_calls() -> None:
    tenant: ContextVar[str] = ContextVar("tenant", default="nobody")
    seen: list[str] = []

    class OfTenant(Products):
        def decide(self, request: Request) -> None:
            seen.append(tenant.get())

    _, system = opened(policy=OfTenant())
    seen.clear()
    tenant.set("Acme")
    system.get_workspace()
    assert set(seen) == {"Acme"}


def test_a_new_id_does_not_hold_up_the_loop_that_makes_it() -> None:
    class InLoop:
        async def next(self, now: datetime) -> UUID:
            await asyncio.sleep(0)
            return UUID(int=7)

    async def run() -> None:
        desk = await aio.connect(ids=InLoop(), plugin_timeout=5)
        assert await desk.new_id() == UUID(int=7)

    asyncio.run(run())


def test_a_store_that_is_empty_is_a_store() -> None:
    class Sized(MemoryStore):
        def __len__(self) -> int:
            return 0

        def feed(self, workspace: UUID, after: int, limit: int) -> Any:
            return self.fed(workspace, after, limit)

        async def fed(self, workspace: UUID, after: int, limit: int) -> Any:
            loops.add(asyncio.get_running_loop())
            return super().feed(workspace, after, limit)

    loops: set[Any] = set()

    async def run() -> None:
        desk = await aio.connect(store=Sized())
        await desk.health()
        assert loops == {asyncio.get_running_loop()}

    asyncio.run(run())


def test_a_refusal_that_has_no_json_form_stays_a_refusal() -> None:
    class Refuses(Products):
        def decide(self, request: Request) -> None:
            if request.operation == "find_cases":
                raise Denied("not today", details={"why": object()})
            if request.operation == "list_products":
                raise Denied("caf\udce9")

    _, system = opened(policy=Refuses())
    with pytest.raises(Denied, match="caf"):
        system.list_products()
    with pytest.raises(Denied, match="not today") as denied:
        system.find_cases()
    assert denied.value.details and "object" in denied.value.details["why"]


def test_a_plugin_that_calls_its_own_desk_is_refused() -> None:
    sessions: list[StaffSession] = []

    class Nosy(Products):
        def decide(self, request: Request) -> None:
            for session in sessions:
                session.get_case(1)

    _desk, system = opened(policy=Nosy())
    sessions.append(system)
    with pytest.raises(casekit.Unsupported, match="a plugin cannot call the desk"):
        system.get_case(1)


@pytest.mark.parametrize(
    "call",
    [
        lambda desk: desk.new_id(),
        lambda desk: desk.health(),
        lambda desk: next(desk.events(uuid4(), timeout=0)),
    ],
)
def test_nor_can_it_call_the_desk_itself(call: Callable[[casekit.Desk], Any]) -> None:
    desks: list[casekit.Desk] = []

    class Nosy(ManualClock):
        def now(self) -> datetime:
            for desk in desks:
                call(desk)
            return super().now()

    desk, system = opened(clock=Nosy())
    desks.append(desk)
    with pytest.raises(casekit.Unsupported, match="a plugin cannot call the desk"):
        system.get_workspace()


def test_desks_whose_plugins_ask_each_other_without_end_are_refused() -> None:
    sessions: list[StaffSession] = []

    class Asks(Products):
        def __init__(self, other: int) -> None:
            super().__init__()
            self.other = other

        def decide(self, request: Request) -> None:
            if request.operation == "get_workspace":
                sessions[self.other].get_workspace()

    for other in (1, 0):
        sessions.append(opened(policy=Asks(other))[1])
    with pytest.raises(casekit.Unsupported, match="a plugin cannot call the desk"):
        sessions[0].get_workspace()


def test_what_a_plugin_leaves_behind_can_call_the_desk() -> None:
    async def run() -> None:
        later: list[asyncio.Task[Any]] = []
        sessions: list[aio.StaffSession] = []

        async def look() -> str:
            await asyncio.sleep(0.01)
            return (await sessions[0].get_workspace()).name

        class Notes(AsyncProducts):
            async def decide(self, request: Request) -> None:
                if request.operation == "create_product":
                    later.append(asyncio.ensure_future(look()))
                    with pytest.raises(casekit.Unsupported, match="a plugin cannot call"):
                        await sessions[0].get_workspace()

        desk = await aio.connect(policy=Notes())
        sessions.append(desk.system(uuid4()))
        await sessions[0].create_workspace("Lamps")
        await sessions[0].create_product("Lamp")
        assert await later[0] == "Lamps"

    asyncio.run(run())


def test_a_plugin_can_call_another_desk() -> None:
    _other, people = opened()
    a_case(people)

    class Asks(Products):
        def decide(self, request: Request) -> None:
            super().decide(request)
            people.get_case(1)

    _, system = opened(policy=Asks())
    assert a_case(system).number == 1


def test_a_desk_is_opened_at_an_address_or_in_a_store() -> None:
    with pytest.raises(casekit.Invalid, match="not in both"):
        casekit.connect("sqlite:///desk.db", store=MemoryStore())
