"""What Python adds to a call."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from time import perf_counter
from uuid import UUID

import msgspec
from measure import median, shown

import casekit
from casekit import aio

TIMES = 5_000
BATCH = 50


def run() -> Iterator[tuple[str, str, str]]:
    """What was measured, the figure, and the target."""
    with casekit.connect("memory://") as desk:
        system = desk.system(desk.new_id())
        system.create_workspace("Acme")
        product = system.create_product("Lamp")
        for number in range(50):
            contact = casekit.Contact(name="Carla", email=f"carla{number}@example.com")
            said = casekit.customer_says("It does not light up.")
            system.open_case(contact, subject="My lamp", message=said)
        yield from small(desk, system, product.id)
        yield from page(system)
        yield from threads(system)
    yield from in_flight()


def small(
    desk: casekit.Desk, system: casekit.StaffSession, product: casekit.ProductId
) -> Iterator[tuple[str, str, str]]:
    question = msgspec.json.encode({"product": product})
    actor = msgspec.json.encode(system.actor).decode()
    native = desk._native.session(str(system.workspace), actor)
    # Both by the fastest of many short batches: what a busy machine adds would hide the difference.
    in_rust = min(
        native.timed("get_product", question, BATCH) / BATCH for _ in range(TIMES // BATCH)
    )
    whole = fastest(lambda: system.get_product(product))
    yield "`get_product`, in Rust alone", shown(in_rust), ""
    yield "`get_product`, from Python, decoded", shown(whole), ""
    yield "what Python adds", shown(whole - in_rust), "≤ 15 µs"


def fastest(work: Callable[[], object]) -> float:
    def batch() -> float:
        begun = perf_counter()
        for _ in range(BATCH):
            work()
        return (perf_counter() - begun) / BATCH

    return min(batch() for _ in range(TIMES // BATCH))


def page(system: casekit.StaffSession) -> Iterator[tuple[str, str, str]]:
    answer = system._call("find_cases", b'{"limit":50}')
    read = msgspec.json.Decoder(casekit.CasePage).decode
    assert len(read(answer).cases) == 50
    decoding = median(lambda: read(answer), TIMES)
    yield f"50 cases ({len(answer) // 1024} KiB of JSON), decoded", shown(decoding), "< 150 µs"
    yield "`find_cases`, 50, from Python", shown(median(system.find_cases, TIMES // 5)), ""


def threads(system: casekit.StaffSession) -> Iterator[tuple[str, str, str]]:
    """What eight threads gain: all of it where the work is Rust's; decoding needs the lock that threads share."""
    works: list[tuple[str, Callable[[], object]]] = [
        ("2,000 lists of 50, not decoded", lambda: system._call("find_cases", b'{"limit":50}')),
        ("2,000 lists of 50, decoded", system.find_cases),
    ]
    for name, work in works:
        # The better of three, in turns: other programs must not look like a lack of threads.
        rounds = [(by_threads(1, work), by_threads(8, work)) for _ in range(3)]
        alone, eight = (min(times) for times in zip(*rounds, strict=True))
        yield f"{name}, by one thread, by 8", f"{shown(alone)}, {shown(eight)}", "8 threads scale"


def by_threads(threads: int, work: Callable[[], object]) -> float:
    def calls(_: int) -> None:
        for _ in range(2_000 // threads):
            work()

    begun = perf_counter()
    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(calls, range(threads)))
    return perf_counter() - begun


def in_flight() -> Iterator[tuple[str, str, str]]:
    async def run() -> float:
        async with await aio.connect("memory://") as desk:
            system = desk.system(UUID(int=1))
            await system.create_workspace("Acme")
            product = (await system.create_product("Lamp")).id
            begun = perf_counter()
            await asyncio.gather(*(system.get_product(product) for _ in range(1_000)))
            return perf_counter() - begun

    took = asyncio.run(run())
    yield "1,000 calls in flight in asyncio", shown(took), ""
    yield "each of them", shown(took / 1_000), "≤ 15 µs more than in Rust"
