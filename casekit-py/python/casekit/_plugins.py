"""Running what the host wrote: the other half of `src/plugins`.

Plain functions run in daemon threads and coroutines in an event loop, never in a thread of casekit's: one that blocks
holds up no other, and the interpreter can end while it does.
"""

from __future__ import annotations

import asyncio
import inspect
import os
import threading
from collections import deque
from collections.abc import Awaitable, Callable
from contextvars import ContextVar, copy_context
from datetime import datetime
from queue import SimpleQueue
from typing import Any, Protocol
from uuid import UUID

import msgspec

from casekit import errors, ports
from casekit.models import Key, WireError

MOST_THREADS = 256
"""How many calls of plugins can be under way at once in plain functions. Later ones wait for their turn, but for those
that a plugin itself waits for."""

MOST_WAITING = 10_000
"""How many can wait for their turn."""

Answer = Callable[[bytes | None, BaseException | None], None]


class Plugin(Protocol):
    """What the native half asks: see `src/plugins/bridge.rs`."""

    def begin(self, method: str, question: bytes, answer: Answer) -> Question: ...


class Host:
    """Where the plugins of one desk run."""

    def __init__(self, loop: asyncio.AbstractEventLoop | None = None) -> None:
        self.loop = loop

    def admit(self) -> bool:
        """Lets a call to the desk in; gives whether a plugin of another desk makes it.

        A plugin of its own would be asked again by that, and so on.
        """
        question = _being_answered()
        asked = question
        while asked is not None:
            if asked.host is self:
                raise errors.Unsupported("a plugin cannot call the desk that is calling it")
            asked = asked.within
        return question is not None

    def run(self, work: Callable[[], Any], answer: Answer) -> Question:
        """Runs `work`, which may give an awaitable, and answers with the JSON of what it gives.

        It sees the context variables of who called the desk, if that was a thread of Python.
        """
        question = Question(self, answer, _being_answered())
        context = copy_context()
        _threads.run(lambda: context.run(question.put, work), nested=question.within is not None)
        return question


class Question:
    """A question to a plugin, from when it waits for its turn."""

    def __init__(self, host: Host, answer: Answer, within: Question | None) -> None:
        self.host = host
        self.within = within
        """The question to a plugin of another desk, in whose answer this one is asked."""
        self.is_over = False
        self._answer = answer
        self._is_cancelled = False
        self._task: Any = None

    def put(self, work: Callable[[], Any]) -> None:
        if self._is_cancelled:
            return
        _inside.set(self)
        try:
            given = work()
            if inspect.isawaitable(given):
                loop = self.host.loop or _loop.running()
                self._task = asyncio.run_coroutine_threadsafe(self._finish(given), loop)
                # It may have been too early to cancel the task.
                if self._is_cancelled:
                    self._task.cancel()
            else:
                self._give(_encode(given), None)
        except BaseException as raised:
            self._give(None, raised)

    def cancel(self) -> None:
        """Nobody waits for the answer any more: ends a coroutine. A plain function that has begun cannot be ended."""
        self._is_cancelled = True
        if self._task is not None:
            self._task.cancel()

    async def _finish(self, given: Awaitable[Any]) -> None:
        try:
            self._give(_encode(await given), None)
        except BaseException as raised:
            self._give(None, raised)
            if isinstance(raised, asyncio.CancelledError):
                raise

    def _give(self, answer: bytes | None, raised: BaseException | None) -> None:
        self.is_over = True
        self._answer(answer, raised)


def _being_answered() -> Question | None:
    """The question that a plugin is answering here, if one is."""
    question = _inside.get()
    # A task that the plugin started can outlive it.
    return None if question is None or question.is_over else question


class _Threads:
    """Daemon threads, as many as are busy at once; a thread that is done takes the next call.

    All is done by what is of C, between whose steps a signal may raise. The lock is for those who ask: a signal's handler
    can ask while its thread holds it, and the threads must go on then.
    """

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._waiting: SimpleQueue[Callable[[], None]] = SimpleQueue()
        self._under_way: deque[None] = deque()
        """As long as there are calls that wait or run."""
        self._started = 0

    def run(self, work: Callable[[], None], nested: bool) -> None:
        with self._lock:
            if len(self._under_way) >= self._started:
                self._find_room(nested)
            self._under_way.append(None)
            self._waiting.put(work)

    def _find_room(self, nested: bool) -> None:
        if nested or self._started < MOST_THREADS:
            # When it cannot be started, nothing was begun.
            threading.Thread(target=self._work, name="casekit plugin", daemon=True).start()
            self._started += 1
        elif self._waiting.qsize() >= MOST_WAITING:
            raise errors.Limit(f"{MOST_THREADS} calls of plugins are under way and do not end")

    def _work(self) -> None:
        while True:
            self._waiting.get()()
            self._under_way.pop()


class _Loop:
    """An event loop in a thread, for coroutines of plugins of blocking desks."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None

    def running(self) -> asyncio.AbstractEventLoop:
        with self._lock:
            if self._loop is None:
                self._loop = self._started()
            return self._loop

    def _started(self) -> asyncio.AbstractEventLoop:
        loop = asyncio.new_event_loop()
        try:
            threading.Thread(
                target=loop.run_forever, name="casekit plugin loop", daemon=True
            ).start()
        except BaseException:
            loop.close()
            raise
        return loop


_inside: ContextVar[Question | None] = ContextVar("casekit plugin", default=None)
_encode = msgspec.json.encode


def _begin_anew() -> None:
    """A fork copies neither the threads nor the loop, and their locks as they are."""
    global _threads, _loop
    _threads, _loop = _Threads(), _Loop()


_threads, _loop = _Threads(), _Loop()
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_begin_anew)


class _Adapter:
    """Calls the methods of what the host wrote with values in place of JSON."""

    def __init__(self, host: Host, methods: dict[str, Callable[[bytes], Any]]) -> None:
        self._host = host
        self._methods = methods

    def begin(self, method: str, question: bytes, answer: Answer) -> Question:
        call = self._methods[method]
        return self._host.run(lambda: call(question), answer)


def clock(host: Host, given: ports.Clock) -> Plugin:
    def now(_: bytes) -> Any:
        return _checked(given.now(), _time, "a clock must give a `datetime` with a zone")

    return _Adapter(host, {"now": now})


def ids(host: Host, given: ports.Ids) -> Plugin:
    read = msgspec.json.Decoder(datetime).decode

    def following(question: bytes) -> Any:
        return _checked(given.next(read(question)), _id, "ids must be UUIDs")

    return _Adapter(host, {"next": following})


def policy(host: Host, given: ports.Policy) -> Plugin:
    read = msgspec.json.Decoder(ports.Request).decode
    return _Adapter(
        host,
        {
            "decide": lambda question: given.decide(read(question)),
            "cases": lambda question: given.cases(read(question)),
            "customers": lambda question: given.customers(read(question)),
        },
    )


def store(host: Host, given: ports.Store) -> Plugin:
    changes = msgspec.json.Decoder(ports.ChangeSet).decode
    lookups = msgspec.json.Decoder(tuple[ports.Lookup, ...]).decode
    question = msgspec.json.Decoder(ports.Json).decode
    feed = msgspec.json.Decoder(tuple[UUID, int, int]).decode
    wait = msgspec.json.Decoder(tuple[UUID, int, float]).decode
    return _Adapter(
        host,
        {
            "migrate": lambda _: given.migrate(),
            "commit": lambda set: given.commit(changes(set)),
            "load": lambda asked: given.load(lookups(asked)),
            "find": lambda query: given.find(question(query)),
            "aggregate": lambda aggregate: given.aggregate(question(aggregate)),
            "feed": lambda asked: given.feed(*feed(asked)),
            "wait": lambda asked: given.wait(*wait(asked)),
        },
    )


def _checked(given: Any, check: Callable[[Any], bool], told: str) -> Any:
    if inspect.isawaitable(given):

        async def awaited() -> Any:
            return _checked(await given, check, told)

        return awaited()
    if not check(given):
        raise TypeError(f"{told}, not {given!r}")
    return given


def _time(given: Any) -> bool:
    return isinstance(given, datetime) and given.tzinfo is not None


def _id(given: Any) -> bool:
    return isinstance(given, UUID)


def told(raised: BaseException) -> bytes | None:
    """What an exception of casekit says, as JSON: see `src/error.rs`. None of any other."""
    if isinstance(raised, ports.StaleRecords):
        return _encode({"stale": raised.keys})
    if isinstance(raised, ports.UniqueHeld):
        held: tuple[ports.Unique, Key] = (raised.unique, raised.holder)
        return _encode({"held": held})
    if not isinstance(raised, errors.CasekitError):
        return None
    wire = WireError(
        kind=raised.kind,
        message=str(raised),
        retryable=raised.retryable,
        details=raised.details,
    )
    try:
        return _encode({"wire": wire})
    except (TypeError, ValueError):
        # What has no JSON form is told as it looks.
        shown = {name: ascii(value) for name, value in (raised.details or {}).items()}
        message = wire.message.encode(errors="replace").decode()
        shown_wire = msgspec.structs.replace(wire, message=message, details=shown)
        return _encode({"wire": shown_wire})
