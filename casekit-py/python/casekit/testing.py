"""What tests need: a world that is the same in every run, proof of a store, and the scenarios of every host.

The format of scenarios and transcripts is described in the README of `casekit-testkit`.
"""

from __future__ import annotations

import asyncio
import inspect
import json
import re
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from typing import Any, cast
from uuid import UUID

import msgspec

from casekit import _native, _plugins, aio, models, ports
from casekit._desk import connect
from casekit.errors import CasekitError

__all__ = [
    "CountedIds",
    "ManualClock",
    "check_store",
    "run_scenario",
    "run_scenario_async",
    "run_store",
    "store_behaviours",
]

PATIENCE = 60.0
"""How many seconds a test of a store may take."""

ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?Z")
CLOCK = re.compile(r"now([+-]\d+)?")


class ManualClock:
    """A clock that stands still until it is told otherwise."""

    def __init__(self, time: datetime = datetime(2026, 1, 5, 9, tzinfo=timezone.utc)) -> None:
        self.time = time

    def now(self) -> datetime:
        return self.time

    def advance(self, span: timedelta) -> None:
        self.time += span


class CountedIds:
    """Ids from a counter, in the order in which they are made. Sources with other seeds make other ids."""

    def __init__(self, seed: int = 0) -> None:
        self.seed = seed
        self.made = 0

    def next(self, now: datetime) -> UUID:
        self.made += 1
        milliseconds = round(now.timestamp() * 1000)
        return UUID(f"{milliseconds:012x}70008000{self.seed:04x}{self.made:08x}")


def store_behaviours() -> list[str]:
    """The names of the behaviours that a store must have, for tests of one each."""
    return _native.conformance_names()


def check_store(behaviour: str, store: ports.Store, patience: float = PATIENCE) -> None:
    """Raises an `AssertionError` if the store does not have the behaviour.

    The test uses workspaces of its own, so a store need not be empty, and can be tested again.
    """
    failure = _native.run_conformance(behaviour, _plugins.store(_plugins.Host(), store), patience)
    if failure is not None:
        raise AssertionError(f"{behaviour}: {failure}")


def run_store(
    store: ports.Store | Callable[[], ports.Store], patience: float = PATIENCE
) -> list[str]:
    """Runs the conformance tests on a store, or each on one that `store` makes, and names the behaviours that hold.

    Raises an `AssertionError` that tells all that do not.
    """
    passed, failed = [], []
    for behaviour in store_behaviours():
        try:
            check_store(behaviour, _store(store), patience)
            passed.append(behaviour)
        except AssertionError as failure:
            failed.append(str(failure))
    if failed:
        told = "\n".join(failed)
        raise AssertionError(f"{len(passed)} behaviours hold, {len(failed)} do not\n{told}")
    return passed


def _store(given: ports.Store | Callable[[], ports.Store]) -> ports.Store:
    # A class has the methods of a store as well, but is what makes one.
    if isinstance(given, type) or not hasattr(given, "commit"):
        return cast("Callable[[], ports.Store]", given)()
    return cast("ports.Store", given)


def run_scenario(
    scenario: dict[str, Any],
    url: str = "memory://",
    *,
    store: ports.Store | None = None,
    seed: int = 0,
) -> str:
    """Runs a scenario on a desk, and gives its transcript as it is written to a file.

    What goes otherwise than the scenario says raises an `AssertionError` that names the step. In a database that is
    not empty, other ids are needed than before: another `seed`.
    """
    runner = _Runner(_start(scenario))
    with connect(url, store=store, clock=runner.clock, ids=CountedIds(seed)) as desk:
        return asyncio.run(runner.run(desk, scenario))


async def run_scenario_async(
    scenario: dict[str, Any],
    url: str = "memory://",
    *,
    store: ports.Store | None = None,
    seed: int = 0,
) -> str:
    """The same with a desk for asyncio."""
    runner = _Runner(_start(scenario))
    ids = CountedIds(seed)
    async with await aio.connect(url, store=store, clock=runner.clock, ids=ids) as desk:
        return await runner.run(desk, scenario)


class _Runner:
    """Does what a scenario says, with the methods of sessions, blocking or not."""

    def __init__(self, start: datetime) -> None:
        self.clock = ManualClock(start)
        self.normal = _Normal(start)
        self.saved: dict[str, Any] = {}

    async def run(self, desk: Any, scenario: dict[str, Any]) -> str:
        workspace = desk.new_id()
        workspace = await workspace if inspect.isawaitable(workspace) else workspace
        steps = []
        for number, step in enumerate(scenario["steps"], 1):
            try:
                told = await self.step(desk, workspace, step)
            except Exception as error:
                raise AssertionError(f"step {number} (`{step['run']}`): {error}") from error
            steps.append({"run": step["run"], **told})
        return json.dumps({"steps": steps}, indent=2, ensure_ascii=False) + "\n"

    async def step(self, desk: Any, workspace: UUID, step: dict[str, Any]) -> dict[str, Any]:
        self.clock.advance(timedelta(seconds=step.get("advance_seconds", 0)))
        given = self.resolve(step.get("input", {}))
        session = self.session(desk, workspace, step["as"])
        wanted = step.get("error")
        heard = _listen(session)
        try:
            # What has no form in the classes, as those who make mistakes write it, goes by name.
            call = _by_name if wanted == "invalid" else _by_method
            answer = call(session, step["run"], given)
            answer = await answer if inspect.isawaitable(answer) else answer
        except CasekitError as error:
            if error.kind != wanted:
                raise
            told = {"kind": str(error.kind), "message": str(error), "details": error.details}
            return {"error": self.normal.of({**told, "retryable": error.retryable})}
        if wanted:
            raise AssertionError(f"it should have failed as `{wanted}`, but gave {answer}")
        said = json.loads(heard[-1])
        told = self.normal.of(said)
        shown = self.normal.of(json.loads(msgspec.json.encode(answer)))
        if _bare(told) != _bare(shown):
            raise AssertionError(f"the answer {said} is shown as {answer}")
        if "save" in step:
            self.saved[step["save"]] = said
        return {"answer": told}

    def session(self, desk: Any, workspace: UUID, performer: str | dict[str, str]) -> Any:
        if isinstance(performer, str):
            return desk.system(workspace)
        [(kind, reference)] = performer.items()
        return getattr(desk, kind)(workspace, self.resolve(reference))

    def resolve(self, given: Any) -> Any:
        """What is given, with what it refers to in place of each reference."""
        if isinstance(given, dict):
            return {name: self.resolve(value) for name, value in given.items()}
        if isinstance(given, list):
            return [self.resolve(value) for value in given]
        if not isinstance(given, str):
            return given
        if given.startswith("$"):
            found: Any = self.saved
            for part in given[1:].split("."):
                found = found[int(part) if isinstance(found, list) else part]
            return found
        if relative := CLOCK.fullmatch(given):
            time = self.clock.time + timedelta(seconds=int(relative[1] or 0))
            return time.isoformat(timespec="milliseconds").replace("+00:00", "Z")
        return given


def _by_name(session: Any, operation: str, given: dict[str, Any]) -> Any:
    return session.call(operation, given)


def _by_method(session: Any, operation: str, given: dict[str, Any]) -> Any:
    """Calls the method with the arguments that were given, each of its type."""
    kind = getattr(models, "".join(part.capitalize() for part in operation.split("_")))
    read = msgspec.convert(given, kind)
    return getattr(session, operation)(**{name: getattr(read, name) for name in given})


def _listen(session: Any) -> list[bytes]:
    """What comes back from Rust to this session, as it came."""
    heard: list[bytes] = []
    call = session._call

    def listening(operation: str, given: bytes, nested: bool) -> Any:
        answer = call(operation, given, nested)
        return keep_awaited(answer) if inspect.isawaitable(answer) else keep(answer)

    async def keep_awaited(answer: Any) -> bytes:
        return keep(await answer)

    def keep(answer: bytes) -> bytes:
        heard.append(answer)
        return answer

    session._call = listening
    return heard


def _bare(told: Any) -> Any:
    """Without what says nothing: a model has every member, JSON leaves some out."""
    if isinstance(told, dict):
        bare = {name: _bare(value) for name, value in told.items()}
        return {name: value for name, value in bare.items() if value not in (None, [], {})}
    return [_bare(value) for value in told] if isinstance(told, list) else told


class _Normal:
    """Takes away what differs from run to run: ids are numbered, times relative to the start."""

    def __init__(self, start: datetime) -> None:
        self.start = start
        self.ids: dict[str, int] = {}

    def of(self, value: Any, name: str = "") -> Any:
        """The value as a transcript tells it."""
        if isinstance(value, dict):
            return {name: self.of(value[name], name) for name in sorted(value)}
        if isinstance(value, list):
            return [self.of(item) for item in value]
        return self.text(value, name) if isinstance(value, str) else value

    def text(self, text: str, name: str) -> str:
        if name == "next":
            return "cursor"
        if name == "message":
            text = text.partition(" at line ")[0]
        if TIME.fullmatch(text):
            milliseconds = (_time(text) - self.start) // timedelta(milliseconds=1)
            return f"time:{milliseconds:+}"
        return ID.sub(self.number, text)

    def number(self, found: re.Match[str]) -> str:
        return f"id:{self.ids.setdefault(found[0].lower(), len(self.ids) + 1)}"


def _start(scenario: dict[str, Any]) -> datetime:
    return _time(scenario["start"])


def _time(text: str) -> datetime:
    return msgspec.convert(text, datetime)
