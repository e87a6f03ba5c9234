import asyncio
import json
import os
import subprocess
import sys
import threading
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from casekit import CasekitError, Desk
from support import SYSTEM, Caller, a_case, opened, replayable


@pytest.fixture(params=["memory", "sqlite"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    return "memory:" if request.param == "memory" else f"sqlite:{tmp_path / 'desk.db'}"


def test_a_case_is_opened_and_read_back(url: str) -> None:
    call = opened(url)
    assert call("open_case", **a_case("Lamp"))["number"] == 1
    assert '"subject": "Lamp"' in json.dumps(call("get_case", case=1))


@pytest.mark.parametrize(
    ("name", "given", "kind"),
    [
        ("get_case", {"case": 404}, "not_found"),
        ("get_case", {"number": 1}, "invalid"),
        ("no_such_operation", {}, "invalid"),
        ("create_workspace", {"name": "again"}, "invalid"),
    ],
)
def test_an_error_has_its_kind(name: str, given: dict[str, object], kind: str) -> None:
    call = opened()
    with pytest.raises(CasekitError) as raised:
        call(name, **given)
    assert raised.value.kind == kind
    assert raised.value.retryable is False
    assert str(raised.value)


def test_what_is_no_workspace_actor_or_address_is_refused() -> None:
    call = opened()
    actor = json.dumps(SYSTEM)
    for given in [("here", actor), (call.workspace, "nobody"), (call.workspace, '{"type":"dog"}')]:
        with pytest.raises(CasekitError) as raised:
            call.desk.call(*given, "get_case", b'{"case":1}')
        assert raised.value.kind == "invalid"
    # An address may hold a password: it is not told.
    with pytest.raises(CasekitError, match="an? .*address begins with") as raised:
        Desk.connect("carrier-pigeon://me:secret@coo")
    assert "secret" not in str(raised.value)


def test_threads_work_at_once_and_nothing_is_lost_or_doubled(url: str) -> None:
    call = opened(url)
    with ThreadPoolExecutor(8) as pool:
        cases = list(pool.map(lambda n: call("open_case", **a_case(f"Lamp {n}")), range(80)))
    assert sorted(case["number"] for case in cases) == list(range(1, 81))


HOLD_THE_LOCK = """
import sqlite3, sys
held = sqlite3.connect(sys.argv[1], isolation_level=None)
held.execute("BEGIN IMMEDIATE")
print("held", flush=True)
sys.stdin.readline()
held.execute("COMMIT")
"""


def test_a_blocking_call_lets_other_threads_run(tmp_path: Path) -> None:
    # The call waits in Rust for a lock of the file, which another thread of Python has another program give back.
    path, asked = tmp_path / "desk.db", threading.Event()

    def now() -> int:
        asked.set()
        return 1_767_603_600_000

    call = opened(f"sqlite:{path}", now=now)
    asked.clear()
    program = [sys.executable, "-c", HOLD_THE_LOCK, str(path)]
    with subprocess.Popen(
        program, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as other:
        assert other.stdout and other.stdout.readline() == "held\n"

        def give_back() -> None:
            assert asked.wait(10)
            other.communicate("\n")

        thread = threading.Thread(target=give_back)
        thread.start()
        assert call("open_case", **a_case("Lamp"))["number"] == 1
        thread.join(10)


@pytest.mark.parametrize(
    ("option", "broken"),
    [
        ("now", lambda: "noon"),
        ("now", lambda: 1 / 0),
        ("new_id", lambda now: 42),
        ("new_id", lambda now: uuid.uuid4()),
        ("new_id", lambda now: "one"),
    ],
)
def test_a_clock_or_ids_that_do_not_work_are_refused(
    option: str, broken: Callable[..., object]
) -> None:
    with pytest.raises(CasekitError, match=f"`{option}` must give") as raised:
        options: Any = {option: broken}
        opened(**options)
    assert raised.value.kind == "invalid"


def test_ids_are_asked_for_at_the_time_of_the_clock_only() -> None:
    counted = replayable()
    at: list[int] = []

    def new_id(now: int) -> str:
        at.append(now)
        return str(counted["new_id"](now))

    call = opened(now=counted["now"], new_id=new_id)
    call("open_case", **a_case("Lamp"))
    assert set(at) == {counted["now"]()}


def test_a_plugin_that_calls_its_own_desk_is_refused() -> None:
    refused: list[str] = []
    calls: list[Caller] = []

    def now() -> int:
        for call in calls:
            with pytest.raises(CasekitError, match="a plugin cannot call") as raised:
                call("get_case", case=1)
            refused.append(raised.value.kind)
        return 1_767_603_600_000

    call = opened(now=now)
    calls.append(call)
    call("open_case", **a_case("Lamp"))
    assert set(refused) == {"unsupported"}


def test_with_the_same_clock_and_ids_everything_is_the_same(tmp_path: Path) -> None:
    def run(url: str) -> object:
        call = opened(url, **replayable())
        assert call("open_case", **a_case("Lamp"))["id"].startswith("019b8d62-7a80-7000-8000-")
        return call("get_case", case=1)

    assert run("memory:") == run("memory:") == run(f"sqlite:{tmp_path / 'desk.db'}")


def test_what_was_written_is_there_when_the_file_is_opened_again(tmp_path: Path) -> None:
    url = f"sqlite:{tmp_path / 'desk.db'}"
    call = opened(url)
    call("open_case", **a_case("Lamp"))
    before = call("get_case", case=1)
    call.desk = Desk.connect(url)
    assert call("get_case", case=1) == before


def test_asyncio_calls_overlap(url: str) -> None:
    async def run() -> None:
        call = opened(url)
        cases = await asyncio.gather(
            *(call.later("open_case", **a_case(f"Lamp {n}")) for n in range(200))
        )
        assert sorted(case["number"] for case in cases) == list(range(1, 201))
        with pytest.raises(CasekitError) as raised:
            await call.later("get_case", case=404)
        assert raised.value.kind == "not_found"

    asyncio.run(run())


def test_asyncio_waits_for_events_and_can_stop_waiting(url: str) -> None:
    async def run() -> None:
        call = opened(url)
        first = json.loads(await call.event(0))
        assert (first["seq"], first["operation"]) == (1, "create_workspace")
        with pytest.raises(asyncio.TimeoutError):
            await asyncio.wait_for(call.event(1), timeout=0.01)
        awaited = asyncio.ensure_future(call.event(1))
        await call.later("open_case", **a_case("Lamp"))
        assert json.loads(await awaited)["seq"] == 2

    asyncio.run(run())


def test_an_asyncio_call_needs_a_running_loop() -> None:
    call = opened()
    with pytest.raises(RuntimeError, match="no running event loop"):
        call.event(0)


def test_after_a_fork_the_desk_says_so_and_a_new_one_works(url: str) -> None:
    call = opened(url)
    child = os.fork()
    if child == 0:
        try:
            call("get_case", case=1)
            os._exit(1)
        except CasekitError as error:
            fresh = opened()("open_case", **a_case("Lamp"))
            os._exit(0 if error.kind == "unsupported" and fresh["number"] == 1 else 2)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
