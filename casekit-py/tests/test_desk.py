"""A desk, blocking: what sessions do, on every store that there is."""

from __future__ import annotations

import copy
import pickle
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta, timezone
from pathlib import Path
from uuid import UUID

import pytest
from support import ADA, a_case, desk_at, opened, stores, url_of

import casekit
from casekit import (
    Case,
    CaseFilter,
    Conflict,
    CustomerAuthor,
    HappeningBody,
    MessageBody,
    NotFound,
    Priority,
    Role,
    Status,
    Taken,
)
from casekit.testing import CountedIds, ManualClock


@stores
def test_a_case_is_opened_read_and_worked_on(store: str, tmp_path: Path) -> None:
    with desk_at(url_of(store, tmp_path)) as (desk, system):
        anna = system.create_agent("Anna", email="anna@example.org", role=Role.AGENT)
        case = a_case(system)
        agent = desk.agent(system.workspace, anna.id)
        assert agent.take_case(case.number).assignee == anna.id
        said = agent.reply(case.id, message="Pull the plug!", seen=case.version + 1)
        assert isinstance(said.entry.body, MessageBody)
        assert [entry.visibility for entry in agent.thread(case.number)][1:] == ["public"] * 3
        customer = desk.customer(system.workspace, case.customer)
        bodies = [entry.body for entry in customer.iter_my_thread(case.id)]
        assert [body.text for body in bodies if isinstance(body, casekit.PortalMessageBody)] == [
            "The lamp does not light up.",
            "Pull the plug!",
        ]


def test_models_are_frozen_readable_and_equal() -> None:
    _, system = opened()
    case = a_case(system)
    assert isinstance(case, Case)
    assert case == system.get_case(case.number) and case is not system.get_case(case.number)
    assert isinstance(case.id, UUID)
    assert case.opened_at.tzinfo == timezone.utc
    assert case.priority is Priority.NORMAL and {"normal": 3}[case.priority] == 3
    assert f"{case.priority}" == "normal"
    assert "number=1" in repr(case) and repr(case).startswith("Case(")
    with pytest.raises(AttributeError):
        case.subject = "Other"  # type: ignore[misc]
    assert copy.deepcopy(case) == pickle.loads(pickle.dumps(case)) == case
    author = system.read_thread(case.id, limit=2).entries[1].author
    match author:
        case CustomerAuthor(name=name):
            assert name == "Ada"
        case _:
            pytest.fail(f"{author}")
    assert hash(author) == hash(copy.copy(author))


def test_a_part_that_is_absent_is_not_the_same_as_none() -> None:
    _, system = opened()
    case = system.open_case(ADA, subject="Lamp", language="de")
    same = system.patch_case(case.id, seen=case.version, flagged=True)
    assert (same.flagged, same.language) == (True, "de")
    assert system.patch_case(case.id, seen=same.version, language=None).language is None


def test_what_the_system_recorded_has_its_parts() -> None:
    _, system = opened()
    case = a_case(system)
    system.close_case(case.id, reason="Sold the lamp.")
    happened = [entry.body for entry in system.thread(case.id)]
    closed = [body for body in happened if isinstance(body, HappeningBody)][-1]
    assert (closed.what, closed.reason) == ("closed", "Sold the lamp.")
    assert closed.note is None


@stores
def test_pages_are_iterated_to_the_end(store: str, tmp_path: Path) -> None:
    with desk_at(url_of(store, tmp_path)) as (_, system):
        for number in range(7):
            a_case(system, f"Lamp {number}")
        numbers = [case.number for case in system.cases(page_size=3)]
        assert sorted(numbers) == list(range(1, 8))
        closed = CaseFilter(status=Status.CLOSED)
        assert list(system.cases(filter=CaseFilter(all=[closed]))) == []
        assert {hit.case.number for hit in system.search("lamp", page_size=2)} == set(numbers)
        assert len(system.find_cases(limit=3).cases) == 3


def test_an_error_is_of_its_kind_and_says_what_it_is_about() -> None:
    _, system = opened()
    case = a_case(system)
    with pytest.raises(NotFound, match="case `404` was not found") as missing:
        system.get_case(404)
    assert (missing.value.kind, missing.value.retryable) == ("not_found", False)
    system.patch_case(case.id, seen=case.version, subject="Two")
    with pytest.raises(Conflict) as conflict:
        system.patch_case(case.id, seen=case.version, subject="Three")
    assert conflict.value.details
    assert conflict.value.details["field"] == "subject"
    assert conflict.value.details["current"] == "Two"
    system.create_agent("Anna", email="anna@example.org")
    with pytest.raises(Taken, match="anna@example.org") as taken:
        system.create_agent("Anna", email="anna@example.org")
    loaded = pickle.loads(pickle.dumps(taken.value))
    assert (type(loaded), str(loaded), loaded.details) == (
        Taken,
        str(taken.value),
        taken.value.details,
    )


def test_a_customer_s_session_has_no_operation_of_staff_nor_the_other_way_round() -> None:
    def names(kind: type) -> set[str]:
        return {name for name in vars(kind) if not name.startswith("_")}

    staff, customer = names(casekit.StaffSession), names(casekit.CustomerSession)
    assert not staff & customer
    assert "get_case" in staff and "my_case" in customer
    assert staff == names(casekit.aio.StaffSession)
    assert customer == names(casekit.aio.CustomerSession)


@stores
def test_threads_work_at_once_and_nothing_is_lost_or_doubled(store: str, tmp_path: Path) -> None:
    with desk_at(url_of(store, tmp_path)) as (_, system):
        with ThreadPoolExecutor(8) as pool:
            cases = list(pool.map(lambda n: a_case(system, f"Lamp {n}"), range(80)))
        assert sorted(case.number for case in cases) == list(range(1, 81))


HOLD_THE_LOCK = """
import sqlite3, sys
held = sqlite3.connect(sys.argv[1], isolation_level=None)
held.execute("BEGIN IMMEDIATE")
print("held", flush=True)
sys.stdin.readline()
held.execute("COMMIT")
"""


def test_a_blocking_call_lets_other_threads_run(tmp_path: Path) -> None:
    # The call waits in Rust for a lock of the file, which another thread of Python has another program give back.
    path, calling = tmp_path / "desk.db", threading.Event()
    _, system = opened(f"sqlite:///{path}")
    program = [sys.executable, "-c", HOLD_THE_LOCK, str(path)]
    with subprocess.Popen(
        program, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as other:
        assert other.stdout and other.stdout.readline() == "held\n"

        def give_back() -> None:
            assert calling.wait(10)
            other.communicate("\n")

        thread = threading.Thread(target=give_back)
        thread.start()
        # From here on only a call that lets go of the interpreter lets the other thread see this.
        calling.set()
        assert a_case(system).number == 1
        thread.join(10)


def test_with_the_same_clock_and_ids_everything_is_the_same(tmp_path: Path) -> None:
    def run(url: str) -> Case:
        clock = ManualClock()
        with casekit.connect(url, clock=clock, ids=CountedIds()) as desk:
            system = desk.system(desk.new_id())
            system.create_workspace("Lamps")
            case = a_case(system)
            clock.advance(timedelta(hours=1))
            return system.close_case(case.id)

    first = run("memory://")
    assert str(first.id).startswith("019b8d62-7a80-7000-8000-")
    assert first.closing and first.closing.at - first.opened_at == timedelta(hours=1)
    assert first == run("memory://") == run(f"sqlite:///{tmp_path / 'desk.db'}")


def test_what_was_written_is_there_when_the_file_is_opened_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with desk_at("sqlite:///desk.db") as (_, system):
        case = a_case(system)
    assert (tmp_path / "desk.db").is_file()
    with casekit.connect("sqlite:///desk.db") as desk:
        assert desk.system(str(system.workspace)).get_case(case.number) == case
        desk.health()


def test_an_absolute_file_has_four_slashes(tmp_path: Path) -> None:
    with desk_at(f"sqlite:///{tmp_path / 'deep.db'}"):
        assert (tmp_path / "deep.db").is_file()


@stores
def test_events_are_iterated_and_resumed(store: str, tmp_path: Path) -> None:
    with desk_at(url_of(store, tmp_path)) as (desk, system):
        for number in range(3):
            a_case(system, f"Lamp {number}")
        seen = []
        for event in desk.events(system.workspace):
            seen.append(event)
            if len(seen) == 2:
                break
        assert [event.seq for event in seen] == [1, 2]
        assert seen[0].operation == "create_workspace"
        rest = list(desk.events(system.workspace, after=seen[-1].seq, timeout=0.1))
        assert [event.seq for event in rest] == list(range(3, 3 + len(rest)))
        assert rest[-1].case is not None

        timer = threading.Timer(0.2, lambda: system.tag_case(1, add=["late"]))
        timer.start()
        following = next(desk.events(system.workspace, after=rest[-1].seq, timeout=20))
        assert following.operation == "tag_case"
        timer.join()


def test_what_waits_for_events_ends_when_the_desk_is_closed() -> None:
    desk, system = opened()
    ended: list[BaseException] = []

    def follow() -> None:
        try:
            list(desk.events(system.workspace))
        except casekit.CasekitError as error:
            ended.append(error)

    thread = threading.Thread(target=follow)
    thread.start()
    desk.close()
    thread.join(10)
    assert not thread.is_alive()
    assert [str(error) for error in ended] == ["the desk is closed"]
