"""Runs the quickstart of the README as it stands, in the folder in which it is called: also a program of its own."""

from __future__ import annotations

import re
from pathlib import Path

README = Path(__file__).parents[1] / "README.md"


def quickstart() -> str:
    """The first program of the README."""
    found = re.search(r"```python\n(.*?)```", README.read_text("utf-8"), re.DOTALL)
    assert found, "the README has no program"
    return found[1]


if __name__ == "__main__":
    exec(compile(quickstart(), str(README), "exec"))
