"""A world that is the same in every run, and the scenarios that every host of casekit runs alike.

The format of scenarios and transcripts is described in the README of `casekit-testkit`.
"""

import json
import re
from datetime import datetime, timedelta, timezone
from typing import Any

from casekit._native import CasekitError, Desk

__all__ = ["CountedIds", "ManualClock", "run_scenario"]

EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{3})?Z")
CLOCK = re.compile(r"now([+-]\d+)?")


class ManualClock:
    """A clock that stands still until it is told otherwise: the `now` of a desk."""

    def __init__(self, milliseconds: int = 1_767_603_600_000) -> None:
        self.milliseconds = milliseconds

    def __call__(self) -> int:
        return self.milliseconds

    def advance(self, *, seconds: int) -> None:
        self.milliseconds += seconds * 1000


class CountedIds:
    """Ids from a counter, in the order in which they are made: the `new_id` of a desk."""

    def __init__(self) -> None:
        self.made = 0

    def __call__(self, now: int) -> str:
        self.made += 1
        time = f"{now:012x}"
        return f"{time[:8]}-{time[8:]}-7000-8000-{self.made:012x}"


def run_scenario(scenario: dict[str, Any], url: str) -> str:
    """Runs a scenario on a new, empty desk at `url`; gives its transcript as it is written to a file.

    What goes otherwise than the scenario says raises an `AssertionError` that names the step.
    """
    start = _milliseconds(scenario["start"])
    clock = ManualClock(start)
    runner = _Runner(Desk.connect(url, now=clock, new_id=CountedIds()), clock)
    normal = _Normal(start)
    steps = []
    for number, step in enumerate(scenario["steps"], 1):
        try:
            told = runner.step(step)
        except Exception as error:
            raise AssertionError(f"step {number} (`{step['run']}`): {error}") from error
        steps.append({"run": step["run"], **normal.of(told)})
    return json.dumps({"steps": steps}, indent=2, ensure_ascii=False) + "\n"


class _Runner:
    def __init__(self, desk: Desk, clock: ManualClock) -> None:
        self.desk = desk
        self.clock = clock
        self.workspace = desk.new_id()
        self.saved: dict[str, Any] = {}

    def step(self, step: dict[str, Any]) -> dict[str, Any]:
        self.clock.advance(seconds=step.get("advance_seconds", 0))
        given = json.dumps(self.resolve(step.get("input", {}))).encode()
        actor = json.dumps(self.actor(step["as"]))
        wanted = step.get("error")
        try:
            answer = json.loads(self.desk.call(self.workspace, actor, step["run"], given))
        except CasekitError as error:
            if error.kind != wanted:
                raise
            told = {name: getattr(error, name) for name in ("kind", "details", "retryable")}
            return {"error": {"message": str(error), **told}}
        if wanted:
            raise AssertionError(f"it should have failed as `{wanted}`, but gave {answer}")
        if "save" in step:
            self.saved[step["save"]] = answer
        return {"answer": answer}

    def actor(self, performer: str | dict[str, str]) -> dict[str, Any]:
        if isinstance(performer, str):
            return {"type": performer}
        [(kind, reference)] = performer.items()
        return {"type": kind, "id": self.resolve(reference)}

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
            seconds = int(relative[1] or 0)
            time = EPOCH + timedelta(milliseconds=self.clock.milliseconds, seconds=seconds)
            return time.isoformat(timespec="milliseconds").replace("+00:00", "Z")
        return given


class _Normal:
    """Takes away what differs from run to run: ids are numbered, times relative to the start."""

    def __init__(self, start: int) -> None:
        self.start = start
        self.ids: dict[str, int] = {}

    def of(self, value: Any, name: str = "") -> Any:
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
            return f"time:{_milliseconds(text) - self.start:+}"
        return ID.sub(self.number, text)

    def number(self, found: re.Match[str]) -> str:
        return f"id:{self.ids.setdefault(found[0].lower(), len(self.ids) + 1)}"


def _milliseconds(time: str) -> int:
    # Python 3.10 does not read the `Z`.
    since = datetime.fromisoformat(time.replace("Z", "+00:00")) - EPOCH
    return since // timedelta(milliseconds=1)
