"""The quickstart of the README is short, works, and tells the story of the Rust one."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import quickstart


def test_the_quickstart_works_and_is_short(tmp_path: Path) -> None:
    lines = [line for line in quickstart.quickstart().splitlines() if line.strip()]
    assert len(lines) <= 20
    program = [sys.executable, quickstart.__file__]
    told = subprocess.run(program, cwd=tmp_path, check=True, capture_output=True, text=True).stdout
    assert "It is on fire." in told and "Pull the plug!" in told
    assert (tmp_path / "desk.db").is_file()


def test_it_says_what_the_rust_one_says() -> None:
    rust = (Path(__file__).parents[2] / "README.md").read_text("utf-8")
    for said in (
        "Acme",
        "anna@acme.example",
        "carla@example.com",
        "It is on fire.",
        "Pull the plug!",
    ):
        assert said in quickstart.quickstart() and said in rust
