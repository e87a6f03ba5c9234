"""The interpreter ends cleanly, whatever runs: a library with threads of its own can crash here."""

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

RUNS = int(os.environ.get("CASEKIT_EXIT_RUNS", "20"))

BEGIN = """
import asyncio, sys, threading
from support import a_case, opened
call = opened(sys.argv[1])
call("open_case", **a_case("Lamp"))
"""

SCRIPTS = {
    "one awaited call": """
asyncio.run(call.later("open_case", **a_case("Lamp")))
""",
    "a call that is not awaited": """
async def main():
    asyncio.ensure_future(call.later("open_case", **a_case("Lamp")))
asyncio.run(main())
""",
    "many calls in flight": """
async def main():
    for n in range(500):
        call.desk.call_async(call.workspace, call.actor, "get_case", b'{"case":1}')
asyncio.run(main())
""",
    "an event that never comes": """
async def main():
    waiting = asyncio.ensure_future(call.event(2))
    await asyncio.sleep(0)
asyncio.run(main())
""",
    "blocking calls of threads": """
def work():
    for n in range(20):
        call("open_case", **a_case("Lamp"))
threads = [threading.Thread(target=work) for _ in range(4)]
[thread.start() for thread in threads]
""",
}


def run(script: str, url: str) -> tuple[int, str]:
    environment = dict(os.environ, PYTHONPATH=str(Path(__file__).parent), PYTHONFAULTHANDLER="1")
    done = subprocess.run(
        [sys.executable, "-c", BEGIN + script + 'print("end")', url],
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
    )
    return done.returncode, done.stdout + done.stderr


@pytest.mark.parametrize("store", ["memory", "sqlite"])
@pytest.mark.parametrize("name", SCRIPTS)
def test_the_interpreter_ends_cleanly_after(name: str, store: str, tmp_path: Path) -> None:
    files = [f"sqlite:{tmp_path / f'{n}.db'}" for n in range(RUNS)]
    urls = files if store == "sqlite" else ["memory:"] * RUNS
    with ThreadPoolExecutor(2) as pool:
        ended = list(pool.map(run, [SCRIPTS[name]] * RUNS, urls))
    assert set(ended) == {(0, "end\n")}
