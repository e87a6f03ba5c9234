"""What a host puts in place of casekit's own: it is asked, and what it does wrong is told and harms nobody else."""

from __future__ import annotations

import asyncio
import threading
import time
from datetime import datetime, timezone
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from memory_store import MemoryStore
from support import a_case, opened, stores, url_of

import casekit
from casekit import Bug, Denied, Limit, NotFound, StaffSession, Unavailable, aio, ports
from casekit.ports import Filter, Request
from casekit.testing import CountedIds, ManualClock

ALL: Filter = {"all": []}


class Broken(Exception):
    """What a plugin raises."""


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


class StuckStore(MemoryStore):
    """A store that never answers to a list, until the test is over."""

    def __init__(self) -> None:
        super().__init__()
        self.over = threading.Event()

    def find(self, query: ports.Json) -> Any:
        self.over.wait(60)
        return super().find(query)


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


def test_a_clock_that_never_answers_is_given_up() -> None:
    over = threading.Event()

    class Stuck(ManualClock):
        stuck = False

        def now(self) -> datetime:
            if self.stuck:
                over.wait(60)
            return super().now()

    clock = Stuck()
    _, system = opened(clock=clock, plugin_timeout=0.2)
    _other, elsewhere = opened()
    clock.stuck = True
    with pytest.raises(Unavailable, match="did not answer to `now`"):
        system.get_case(1)
    begun = time.monotonic()
    with pytest.raises(NotFound):
        elsewhere.get_case(1)
    assert time.monotonic() - begun < 5
    over.set()


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
