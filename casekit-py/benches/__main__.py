"""Measures what Python adds to a call, and the work of a help desk beside django-helpdesk: `cargo xtask bench --python`."""

from __future__ import annotations

import platform
import tempfile
from pathlib import Path

import overhead
from measure import median, shown
from ours import Ours
from theirs import Theirs
from world import CASES

WORK = {
    "create": ("create a case", 200, "≥ 30×"),
    "follow_up": ("follow up", 200, ""),
    "newest": (f"newest 50 of {CASES:,}", 50, "≥ 50×"),
    "search": (f"a rare word in {CASES:,}", 50, "≥ 50×"),
}


def compare(folder: Path) -> None:
    ours, theirs = Ours(folder), Theirs(folder)
    ours.fill()
    theirs.fill()
    print("| work | casekit | django-helpdesk | ratio | target |\n|---|---|---|---|---|")
    for name, (told, times, target) in WORK.items():
        # In turns, so that a busy machine slows both.
        runs = [
            (median(getattr(ours, name), times), median(getattr(theirs, name), times // 4))
            for _ in range(3)
        ]
        our, their = min(run[0] for run in runs), min(run[1] for run in runs)
        print(
            f"| {told} | {shown(our)} | {shown(their)} | {their / our:.0f}× | {target} |",
            flush=True,
        )
    ours.desk.close()


def main() -> None:
    print(f"Python {platform.python_version()}\n")
    print("| what | time | target |\n|---|---|---|")
    for what, time, target in overhead.run():
        print(f"| {what} | {time} | {target} |", flush=True)
    print()
    with tempfile.TemporaryDirectory() as folder:
        compare(Path(folder))


if __name__ == "__main__":
    main()
