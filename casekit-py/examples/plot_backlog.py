"""Draws how the backlog grew and how fast customers got their first reply: `python plot_backlog.py URL WORKSPACE OUT.png`."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path

# %% What there is
import matplotlib

import casekit

matplotlib.use("Agg")
import matplotlib.pyplot as plt


def backlog(cases: Sequence[casekit.Case]) -> tuple[list[datetime], list[int]]:
    """How many cases were active after each opening and closing."""
    changes = [(case.opened_at, 1) for case in cases]
    changes += [(case.closing.at, -1) for case in cases if case.closing]
    times, counts, active = [], [], 0
    for time, change in sorted(changes):
        active += change
        times.append(time)
        counts.append(active)
    return times, counts


def first_replies(cases: Sequence[casekit.Case]) -> list[float]:
    """The hours until each first reply."""
    replied = [(case.opened_at, case.attention.first_reply_at) for case in cases]
    return [(reply - opened) / timedelta(hours=1) for opened, reply in replied if reply]


# %% Draw it
def draw(cases: Sequence[casekit.Case], out: Path) -> None:
    figure, (left, right) = plt.subplots(1, 2, figsize=(11, 4), layout="constrained")
    times, counts = backlog(cases)
    left.step(times, counts, where="post")
    left.set(title="Backlog", ylabel="active cases", ylim=(0, None))
    left.tick_params(axis="x", rotation=30)
    right.hist(first_replies(cases), bins=20)
    right.set(title="Time to the first reply", xlabel="hours", ylabel="cases")
    figure.savefig(out, dpi=120)
    plt.close(figure)


if __name__ == "__main__":
    url, workspace, out = sys.argv[1:]
    with casekit.connect(url) as desk:
        oldest_first = casekit.Direction.ASCENDING
        opened = casekit.CaseSort.OPENED
        draw(list(desk.system(workspace).cases(sort=opened, direction=oldest_first)), Path(out))
