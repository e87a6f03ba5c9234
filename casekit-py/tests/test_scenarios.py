"""The scenarios that Rust, Python and JavaScript run with the same result, on every store."""

from __future__ import annotations

import asyncio
import json
import random
from difflib import unified_diff
from pathlib import Path

import pytest
from memory_store import MemoryStore
from support import stores, url_of

from casekit.testing import run_scenario, run_scenario_async

FOLDER = Path(__file__).parents[2] / "casekit-testkit" / "scenarios"
FILES = {path.name for path in FOLDER.glob("*.json")}
NAMES = sorted(name.removesuffix(".json") for name in FILES if not name.endswith(".expected.json"))
scenarios = pytest.mark.parametrize("name", NAMES)


def test_there_are_scenarios_and_each_has_a_transcript() -> None:
    assert NAMES
    assert {f"{name}{ending}" for name in NAMES for ending in (".json", ".expected.json")} == FILES


@stores
@scenarios
def test_a_scenario_gives_the_expected_transcript(name: str, store: str, tmp_path: Path) -> None:
    # In a server's database there is what others wrote: other ids.
    seed = random.randrange(1, 2**16) if store in ("postgres", "mysql") else 0
    got = run_scenario(read(name), url_of(store, tmp_path), seed=seed)
    assert_expected(name, got)


@scenarios
def test_a_scenario_gives_the_same_in_asyncio_and_in_a_store_of_the_host(name: str) -> None:
    assert_expected(name, asyncio.run(run_scenario_async(read(name))))
    assert_expected(name, run_scenario(read(name), store=MemoryStore()))


def read(name: str) -> dict[str, object]:
    scenario: dict[str, object] = json.loads((FOLDER / f"{name}.json").read_text("utf-8"))
    return scenario


def assert_expected(name: str, got: str) -> None:
    expected = (FOLDER / f"{name}.expected.json").read_text("utf-8")
    same = got == expected
    assert same, "\n".join(unified_diff(expected.splitlines(), got.splitlines(), lineterm=""))


@pytest.mark.parametrize(
    ("step", "wanted"),
    [
        ({"run": "get_case", "input": {"case": 1}}, "case `1` was not found"),
        ({"run": "get_case", "input": {"case": 1}, "error": "denied"}, "case `1` was not found"),
        ({"run": "get_workspace", "error": "denied"}, "should have failed as `denied`"),
        ({"run": "get_case", "input": {"case": "$c.id"}}, "'c'"),
    ],
)
def test_a_scenario_that_goes_otherwise_fails_and_says_where(
    step: dict[str, object], wanted: str
) -> None:
    create = {"as": "system", "run": "create_workspace", "input": {"name": "X"}}
    scenario = {"start": "2026-01-05T09:00:00Z", "steps": [create, {"as": "system", **step}]}
    with pytest.raises(AssertionError, match=rf"^step 2 \(`{step['run']}`\): .*{wanted}"):
        run_scenario(scenario)
