"""The scenarios that Rust, Python and JavaScript run with the same result, on every store."""

import json
from difflib import unified_diff
from pathlib import Path

import pytest
from casekit.testing import run_scenario

FOLDER = Path(__file__).parents[2] / "casekit-testkit" / "scenarios"
FILES = {path.name for path in FOLDER.glob("*.json")}
NAMES = sorted(name.removesuffix(".json") for name in FILES if not name.endswith(".expected.json"))


def test_there_are_scenarios_and_each_has_a_transcript() -> None:
    assert NAMES
    assert {f"{name}{ending}" for name in NAMES for ending in (".json", ".expected.json")} == FILES


@pytest.mark.parametrize("store", ["memory", "sqlite"])
@pytest.mark.parametrize("name", NAMES)
def test_a_scenario_gives_the_expected_transcript(name: str, store: str, tmp_path: Path) -> None:
    url = "memory://" if store == "memory" else f"sqlite://{tmp_path / 'desk.db'}"
    scenario = json.loads((FOLDER / f"{name}.json").read_text("utf-8"))
    expected = (FOLDER / f"{name}.expected.json").read_text("utf-8")
    got = run_scenario(scenario, url)
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
        run_scenario(scenario, "memory://")
