"""What is given wrong is a clear error, of the class that docs/python.md lists. Each row of that table is a test."""

from __future__ import annotations

import asyncio
import gc
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from datetime import datetime, timezone
from math import nan
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from support import ADA, a_case, opened, stores, url_of

import casekit
from casekit import (
    Contact,
    CustomerSession,
    Denied,
    Invalid,
    Limit,
    NotFound,
    StaffSession,
    Unsupported,
    aio,
)

S = StaffSession
NAIVE = datetime(2026, 1, 5, 9)


def wrong(call: Callable[[S], Any]) -> Callable[[S], Any]:
    return call


@pytest.mark.parametrize(
    ("call", "kind", "told"),
    [
        (wrong(lambda s: s.call("no_such")), Invalid, "there is no operation `no_such` for staff"),
        (wrong(lambda s: s.call("my_cases")), Invalid, "no operation `my_cases` for staff"),
        (wrong(lambda s: s.call("get_case", {})), Invalid, "missing field `case`"),
        (
            wrong(lambda s: s.call("get_case", {"case": 1, "and": 2})),
            Invalid,
            "unknown field `and`",
        ),
        (wrong(lambda s: s.call("get_case", {"case": [1]})), Invalid, "`get_case` cannot be read"),
        (wrong(lambda s: s.get_case("one")), Invalid, "`get_case` cannot be read"),  # type: ignore[arg-type]
        (wrong(lambda s: s.get_case(-1)), Invalid, "`get_case` cannot be read"),
        (wrong(lambda s: s.get_case(1.5)), Invalid, "`get_case` cannot be read"),  # type: ignore[arg-type]
        (wrong(lambda s: s.get_case(object())), TypeError, "unsupported"),  # type: ignore[arg-type]
        (wrong(lambda s: s.get_case()), TypeError, "missing 1 required .* 'case'"),  # type: ignore[call-arg]
        (wrong(lambda s: s.get_case(1, more=2)), TypeError, "unexpected .* 'more'"),  # type: ignore[call-arg]
        (wrong(lambda s: s.my_cases()), AttributeError, "my_cases"),  # type: ignore[attr-defined]
        (
            wrong(lambda s: s.open_case(ADA, priority="hot")),  # type: ignore[arg-type]
            Invalid,
            "unknown variant `hot`",
        ),
        (wrong(lambda s: s.find_cases(after="1")), Invalid, "`1` is not a cursor"),
        (wrong(lambda s: s.find_cases(limit=0)), Invalid, "1 to "),
        (wrong(lambda s: s.open_case(Contact())), Invalid, "customer"),
        (
            wrong(lambda s: s.record_activity(1, medium=casekit.Medium.CHAT, started_at=NAIVE)),
            Invalid,
            "`record_activity` cannot be read",
        ),
        (
            wrong(lambda s: s.find_cases(filter=casekit.CaseFilter())),
            Invalid,
            "`find_cases` cannot be read",
        ),
        (wrong(lambda s: s.open_case(ADA, subject="é" * 2**19)), Limit, "`subject` is too long"),
        (wrong(lambda s: s.add_note(1, text="a\0b")), Invalid, "NUL|null|control"),
        (wrong(lambda s: s.get_case(404)), NotFound, "case `404` was not found"),
    ],
)
def test_wrong_input_is_a_clear_error(
    call: Callable[[S], Any], kind: type[Exception], told: str
) -> None:
    _, system = opened()
    a_case(system)
    with pytest.raises(kind, match=told):
        call(system)
    # Nothing is broken by it.
    assert system.get_case(1).number == 1


@stores
def test_a_text_of_a_mebibyte_is_refused_and_one_within_the_limit_kept(
    store: str, tmp_path: Path
) -> None:
    _, system = opened(url_of(store, tmp_path))
    a_case(system)
    with pytest.raises(Limit, match="`text` is too long: at most 524288 bytes"):
        system.add_note(1, text="a" * 2**20)
    entry = system.add_note(1, text="é" * 2**18).entry
    assert isinstance(entry.body, casekit.NoteBody)
    assert system.get_entry(entry.id) == entry and entry.body.text == "é" * 2**18


def test_an_answer_of_customers_has_no_way_to_staff_s_operations() -> None:
    desk, system = opened()
    case = a_case(system)
    customer = desk.customer(system.workspace, case.customer)
    assert isinstance(customer, CustomerSession)
    assert not hasattr(customer, "get_case")
    with pytest.raises(Invalid, match="there is no operation `get_case` for customers"):
        customer.call("get_case", {"case": 1})


@pytest.mark.parametrize(
    "url", ["carrier-pigeon://me:secret@coo", "desk.db", "", "sqlserver://me:secret@host/db"]
)
def test_an_address_of_no_store_is_refused_without_its_password(url: str) -> None:
    with pytest.raises(Invalid, match="a database's address begins with") as raised:
        casekit.connect(url)
    assert "secret" not in str(raised.value)


def test_what_is_no_id_is_refused() -> None:
    desk, system = opened()
    for give in (desk.agent, desk.customer):
        with pytest.raises(Invalid, match="`anna` is not a UUID"):
            give(system.workspace, "anna")
    with pytest.raises(Invalid, match="`here` is not a UUID"):
        desk.system("here")
    for wrong in (42, None, b"anna"):
        with pytest.raises(Invalid, match="is not a UUID"):
            desk.agent(system.workspace, wrong)  # type: ignore[arg-type]
    with pytest.raises(Denied, match="is unknown or not active"):
        desk.agent(system.workspace, uuid4()).get_workspace()


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"after": -1}, "`-1` is not the `seq` of an event"),
        ({"after": 2**64}, "is not the `seq` of an event"),
        ({"after": "1"}, "`'1'` is not the `seq` of an event"),
        ({"timeout": -0.1}, "`-0.1` is not a number of seconds"),
        ({"timeout": nan}, "`nan` is not a number of seconds"),
    ],
)
def test_events_from_nowhere_are_refused(wrong: dict[str, Any], told: str) -> None:
    desk, system = opened()
    with pytest.raises(Invalid, match=told):
        next(desk.events(system.workspace, **wrong))


def test_a_text_that_is_no_unicode_is_refused() -> None:
    _, system = opened()
    # As mail looks that was read with `surrogateescape`.
    with pytest.raises(UnicodeEncodeError):
        system.open_case(ADA, subject="caf\udce9")


def test_a_closed_desk_says_so() -> None:
    desk, system = opened()
    a_case(system)
    desk.close()
    desk.close()
    assert desk.closed
    for use in (lambda: system.get_case(1), desk.new_id, desk.health):
        with pytest.raises(Unsupported, match="the desk is closed"):
            use()
    with pytest.raises(Unsupported, match="the desk is closed"):
        next(desk.events(system.workspace))


def test_a_closed_desk_says_so_in_asyncio() -> None:
    async def run() -> None:
        async with await aio.connect() as desk:
            system = desk.system(uuid4())
            await system.create_workspace("Lamps")
        with pytest.raises(Unsupported, match="the desk is closed"):
            await system.get_workspace()

    asyncio.run(run())


def test_a_file_of_another_kind_is_told(tmp_path: Path) -> None:
    path = tmp_path / "letter.db"
    path.write_text("Dear Ada, " * 1000)
    with pytest.raises(casekit.Storage):
        casekit.connect(f"sqlite:///{path}")


def test_a_server_that_is_not_there_is_told() -> None:
    with pytest.raises(casekit.Unavailable) as raised:
        casekit.connect("postgresql://nobody@127.0.0.1:1/desk")
    assert raised.value.retryable


def test_a_negative_wait_is_refused() -> None:
    with pytest.raises(Invalid, match="`-1` is not a number of seconds"):
        casekit.connect(plugin_timeout=-1.0)


@stores
def test_after_a_fork_the_desk_says_so_and_a_new_one_works(store: str, tmp_path: Path) -> None:
    desk, system = opened(url_of(store, tmp_path))
    a_case(system)
    # With calls pending in another thread.
    over = threading.Event()
    busy = threading.Thread(target=lambda: [system.get_case(1) for _ in iter(over.is_set, True)])
    busy.start()
    child = os.fork()
    if child == 0:
        try:
            system.get_case(1)
            os._exit(1)
        except Unsupported as error:
            desk.close()
            number = a_case(opened()[1]).number
            os._exit(0 if "before this process was forked" in str(error) and number == 1 else 2)
    over.set()
    busy.join()
    assert ended(child) == 0
    assert system.get_case(1).number == 1


@stores
def test_a_fork_that_drops_the_desk_leaves_the_parent_s_connections_alone(
    store: str, tmp_path: Path
) -> None:
    desk, system = opened(url_of(store, tmp_path))
    a_case(system)
    child = os.fork()
    if child == 0:
        # As a worker does that opens its own, and then ends as programs end.
        del desk, system
        gc.collect()
        number = a_case(opened()[1]).number
        os._exit(0 if number == 1 else 2)
    assert ended(child) == 0

    def goes_on() -> None:
        for _ in range(20):
            assert system.get_case(1).number == 1
        made.append(a_case(system).number)

    # A connection without its registration would wait for ever.
    made: list[int] = []
    going = threading.Thread(target=goes_on, daemon=True)
    going.start()
    going.join(30)
    assert made == [2]


def test_sqlite_is_refused_in_a_fork_of_a_process_that_used_it(tmp_path: Path) -> None:
    url = url_of("sqlite", tmp_path)
    desk, system = opened(url)
    a_case(system)
    child = os.fork()
    if child == 0:
        told = []
        # The same file, where writes would be lost, and another, where it could hang.
        for place in (url, f"sqlite:///{tmp_path / 'other.db'}"):
            try:
                casekit.connect(place)
            except Unsupported as error:
                told.append(str(error))
        assert a_case(opened()[1]).number == 1
        os._exit(0 if sum("forked from one that used SQLite" in text for text in told) == 2 else 1)
    assert ended(child) == 0
    desk.close()
    # A process that was started anew has nothing of it.
    script = f"import casekit; casekit.connect({url!r}).close()"
    subprocess.run([sys.executable, "-c", script], check=True)


def test_after_a_fork_plugins_are_asked_as_before() -> None:
    class Plain:
        def now(self) -> datetime:
            return datetime.now(timezone.utc)

    class Async:
        async def now(self) -> datetime:
            return datetime.now(timezone.utc)

    for clock in (Plain, Async):
        a_case(opened(clock=clock(), plugin_timeout=5)[1])
    child = os.fork()
    if child == 0:
        numbers = [a_case(opened(clock=c(), plugin_timeout=5)[1]).number for c in (Plain, Async)]
        os._exit(0 if numbers == [1, 1] else 2)
    assert ended(child) == 0


def ended(child: int) -> int:
    """How a child ended; one that hangs is ended."""
    until = time.monotonic() + 60
    while time.monotonic() < until:
        done, status = os.waitpid(child, os.WNOHANG)
        if done:
            return os.waitstatus_to_exitcode(status)
        time.sleep(0.01)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return -1
