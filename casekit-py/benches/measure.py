"""Measuring: the median of single runs, after some to warm up."""

from __future__ import annotations

import statistics
from collections.abc import Callable
from time import perf_counter


def median(work: Callable[[], object], times: int) -> float:
    """The median time of a run of `work`, in seconds."""
    for _ in range(max(3, times // 10)):
        work()
    taken = []
    for _ in range(times):
        begun = perf_counter()
        work()
        taken.append(perf_counter() - begun)
    return statistics.median(taken)


def shown(seconds: float) -> str:
    if seconds < 1e-3:
        return f"{seconds * 1e6:.1f} µs"
    return f"{seconds * 1e3:.2f} ms"
