"""The interpreter ends cleanly, whatever runs: a library with threads of its own can crash here."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from memory_store import MemoryStore
from support import STORES, opened, url_of

from casekit import ports

RUNS = int(os.environ.get("CASEKIT_EXIT_RUNS", "5"))
"""How often each script is run; the plainest one, in which most libraries crash, a hundred times."""

BEGIN = """
import asyncio, sys, threading, time
from uuid import UUID
import casekit
from casekit import aio
from memory_store import MemoryStore
from support import ADA, a_case, opened
place = {"store": MemoryStore()} if sys.argv[1] == "python" else {"url": sys.argv[1]}
workspace = UUID(int=1)
desk = casekit.connect(**place)
system = desk.system(workspace)
system.create_workspace("Lamps")
a_case(system)

async def connected():
    desk = await aio.connect(**place)
    system = desk.system(workspace)
    if place == {"url": "memory://"}:
        await system.create_workspace("Lamps")
        await system.open_case(ADA)
    return desk, system
"""

SCRIPTS = {
    "one awaited call": """
async def main():
    desk, system = await connected()
    await system.open_case(ADA)
asyncio.run(main())
""",
    "a call that is not awaited": """
async def main():
    desk, system = await connected()
    asyncio.ensure_future(system.open_case(ADA))
    await asyncio.sleep(0)
asyncio.run(main())
""",
    "many calls in flight": """
async def main():
    desk, system = await connected()
    calls = [asyncio.ensure_future(system.get_case(1)) for n in range(500)]
    await asyncio.sleep(0)
asyncio.run(main())
""",
    "an event that never comes": """
async def main():
    desk, system = await connected()
    waiting = asyncio.ensure_future(anext(desk.events(workspace, after=1000)))
    await asyncio.sleep(0.01)
asyncio.run(main())
""",
    "blocking calls of threads": """
def work():
    for n in range(20):
        a_case(system)
threads = [threading.Thread(target=work) for _ in range(4)]
[thread.start() for thread in threads]
""",
    "blocking calls of threads that are left behind": """
def work():
    try:
        while True:
            system.get_case(1)
    except casekit.Unavailable as error:
        assert "the interpreter is shutting down" in str(error)
threads = [threading.Thread(target=work, daemon=True) for _ in range(4)]
[thread.start() for thread in threads]
time.sleep(0.01)
""",
}

STUCK = """
class Stuck(MemoryStore):
    def find(self, query):
        time.sleep(1000)
stuck, system = opened(store=Stuck())
def find():
    try:
        system.find_cases()
    except casekit.Unavailable:
        pass
threading.Thread(target=find, daemon=True).start()
time.sleep(0.2)
"""


def environment() -> dict[str, str]:
    here = Path(__file__).parent
    found = f"{here}{os.pathsep}{here.parent / 'examples'}"
    return dict(os.environ, PYTHONPATH=found, PYTHONFAULTHANDLER="1")


def run(script: str, url: str) -> tuple[int, str]:
    done = subprocess.run(
        [sys.executable, "-c", BEGIN + script + 'print("end")', url],
        env=environment(),
        capture_output=True,
        text=True,
        timeout=60,
    )
    return done.returncode, done.stdout + done.stderr


@pytest.mark.parametrize("store", ["memory", "sqlite", "python"])
@pytest.mark.parametrize("name", SCRIPTS)
def test_the_interpreter_ends_cleanly_after(name: str, store: str, tmp_path: Path) -> None:
    runs = max(RUNS, 100) if (name, store) == ("one awaited call", "memory") else RUNS
    files = [f"sqlite:///{tmp_path / f'{n}.db'}" for n in range(runs)]
    places = {"memory": ["memory://"] * runs, "sqlite": files, "python": ["python"] * runs}
    with ThreadPoolExecutor(2) as pool:
        ended = list(pool.map(run, [SCRIPTS[name]] * runs, places[store]))
    assert set(ended) == {(0, "end\n")}


def test_the_interpreter_ends_while_a_plugin_does_not_answer() -> None:
    began = time.monotonic()
    assert run(STUCK, "memory://") == (0, "end\n")
    # Five seconds, and as many again to start Python on a busy machine.
    assert time.monotonic() - began < 10


INTERRUPTED = """
import casekit, sys, time
from memory_store import MemoryStore
from support import opened
stuck = False
class Stuck(MemoryStore):
    def find(self, query):
        print("begun", flush=True)
        time.sleep(1000)
    def wait(self, workspace, after, patience):
        print("begun", flush=True)
        time.sleep(1000)
class Clock:
    def now(self):
        if stuck:
            print("begun", flush=True)
            time.sleep(1000)
        return datetime.now(timezone.utc)
from datetime import datetime, timezone
url = sys.argv[1]
desk, system = opened(**({"url": url} if url else {"store": Stuck()}), clock=Clock())
stuck = sys.argv[2] == "clock"
calls = {
    "find": system.find_cases,
    "wait": lambda: next(desk.events(system.workspace, after=1000)),
    "clock": system.get_workspace,
}
if url:
    print("opened", flush=True)
    sys.stdin.readline()
    print("begun", flush=True)
try:
    calls[sys.argv[2]]()
except KeyboardInterrupt:
    print("interrupted", flush=True)
"""


def interrupted(call: str, url: str = "", lock: Callable[[], None] = lambda: None) -> float:
    """How long it takes until Control-C ends a call that does not end. At a `url` that is so because of a `lock`."""
    with subprocess.Popen(
        [sys.executable, "-c", INTERRUPTED, url, call],
        env=environment(),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        bufsize=1,
    ) as program:
        assert program.stdin and program.stdout
        if url:
            assert program.stdout.readline() == "opened\n"
            lock()
            program.stdin.write("go\n")
        assert program.stdout.readline() == "begun\n"
        if url:
            # It waits for the lock a moment later; if it does not yet, the signal is seen all the same.
            time.sleep(0.5)
        began = time.monotonic()
        program.send_signal(signal.SIGINT)
        assert program.stdout.readline() == "interrupted\n"
        took = time.monotonic() - began
        assert program.wait(20) == 0
        return took


@pytest.mark.parametrize("call", ["find", "wait", "clock"])
def test_control_c_ends_a_call_that_does_not_end(call: str) -> None:
    assert interrupted(call) < 5


def test_what_a_signal_s_handler_raises_ends_a_call_as_what_it_is() -> None:
    def late(*_: object) -> None:
        raise TimeoutError("late")

    class Stuck(MemoryStore):
        def find(self, query: ports.Json) -> ports.Json:
            over.wait(60)
            return super().find(query)

    over = threading.Event()
    _, system = opened(store=Stuck())
    before = signal.signal(signal.SIGALRM, late)
    try:
        signal.setitimer(signal.ITIMER_REAL, 0.05)
        with pytest.raises(TimeoutError, match="late"):
            system.find_cases()
    finally:
        signal.signal(signal.SIGALRM, before)
        over.set()


def test_a_signal_s_handler_can_call_a_desk_while_a_plugin_is_asked() -> None:
    _, other = opened(store=MemoryStore())
    _, system = opened(store=MemoryStore())
    seen = []
    before = signal.signal(signal.SIGALRM, lambda *_: seen.append(other.get_workspace().name))
    try:
        for number in range(300):
            # At another moment of the call each time.
            signal.setitimer(signal.ITIMER_REAL, 1e-5 * (number % 50 + 1))
            assert system.get_workspace().name == "Lamps"
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
    assert len(seen) > 100 and set(seen) == {"Lamps"}


@pytest.mark.skipif("postgres" not in STORES, reason="there is no PostgreSQL")
def test_control_c_ends_a_call_that_waits_for_a_server() -> None:
    url = url_of("postgres", Path())
    with subprocess.Popen(
        ["psql", "--quiet", url],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        bufsize=1,
    ) as psql:

        def lock() -> None:
            assert psql.stdin and psql.stdout
            psql.stdin.write("BEGIN;\nLOCK TABLE casekit_case;\n\\echo locked\n")
            assert psql.stdout.readline() == "locked\n"

        try:
            assert interrupted("find", url, lock) < 5
        finally:
            psql.kill()
