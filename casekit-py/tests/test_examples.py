"""The examples do what they say."""

from __future__ import annotations

import asyncio
import json
import os
import random
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import pytest
import uvicorn
from fastapi import FastAPI
from support import a_case, opened

import casekit
from casekit.testing import ManualClock

EXAMPLES = Path(__file__).parents[1] / "examples"


@pytest.fixture
def service(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[httpx.Client]:
    monkeypatch.setenv("DESK_URL", f"sqlite:///{tmp_path / 'desk.db'}")
    import fastapi_service

    config = uvicorn.Config(
        fastapi_service.app, port=0, log_level="warning", timeout_graceful_shutdown=1
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        assert thread.is_alive()
        time.sleep(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=20) as client:
        yield client
    server.should_exit = True
    thread.join(20)
    assert not thread.is_alive()


def test_the_service_of_fastapi(service: httpx.Client, tmp_path: Path) -> None:
    import fastapi_service

    assert service.get("/health").json() == {"desk": "well"}
    # Another program writes to the same file: whoever follows the events hears of it.
    desk = casekit.connect(f"sqlite:///{tmp_path / 'desk.db'}")
    system = desk.system(fastapi_service.WORKSPACE)
    anna = {"x-agent": str(system.create_agent("Anna", email="anna@example.org").id)}
    carla = system.create_customer(name="Carla", emails=["carla@example.com"])
    as_carla = {"x-customer": str(carla.id)}

    given = {"subject": "My printer", "text": "It is on fire."}
    made = service.post("/my/cases", json=given, headers=as_carla)
    assert made.status_code == 201
    number = made.json()["number"]
    load = service.get("/load", headers=anna).json()
    assert [case["number"] for case in load["needs_attention"]["cases"]] == [number]
    reply = service.post(f"/cases/{number}/reply", json={"text": "Unplug it!"}, headers=anna)
    assert reply.status_code == 201
    thread = service.get(f"/my/cases/{number}", headers=as_carla).text
    assert "Unplug it!" in thread and "anna@example.org" not in thread

    assert service.get("/events", headers={**anna, "last-event-id": "-1"}).status_code == 422
    assert service.get("/events", headers={"x-agent": str(UUID(int=1))}).status_code == 403
    missing = service.get("/cases/404", headers=anna)
    assert (missing.status_code, missing.json()["kind"]) == (404, "not_found")

    seen = 0
    for _ in range(2):
        # The second time, after a lost connection, it begins where the first time ended.
        headers = {**anna, "last-event-id": str(seen)}
        with service.stream("GET", "/events", headers=headers) as stream:
            lines = stream.iter_lines()
            for event in (read(lines) for _ in range(2)):
                assert event["seq"] == seen + 1
                seen = event["seq"]
    assert seen == 4


def test_services_that_start_at_once_share_a_new_desk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DESK_URL", f"sqlite:///{tmp_path / 'desk.db'}")
    import fastapi_service

    async def serve() -> str:
        app = FastAPI()
        async with fastapi_service.lifespan(app):
            system = app.state.desk.system(fastapi_service.WORKSPACE)
            return str((await system.get_workspace()).name)

    async def run() -> None:
        assert await asyncio.gather(*(serve() for _ in range(8))) == ["Acme"] * 8

    asyncio.run(run())


def read(lines: Iterator[str]) -> dict[str, Any]:
    for line in lines:
        if line.startswith("data: "):
            event: dict[str, Any] = json.loads(line.removeprefix("data: "))
            return event
    raise AssertionError("the stream ended")


def test_the_app_of_django(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    url = f"sqlite:///{tmp_path / 'desk.db'}"
    monkeypatch.setenv("DESK_URL", url)
    monkeypatch.setenv("DJANGO_SETTINGS_MODULE", "django_desk.settings")
    import django
    from django.test import Client

    django.setup()
    from django_desk import settings
    from django_desk.desk import desks

    # The first requests come at once.
    with ThreadPoolExecutor(8) as pool:
        assert len(set(map(id, pool.map(lambda _: desks.desk(), range(8))))) == 1
    client = Client()
    form = {"name": "Carla", "email": "carla@example.com", "subject": "Fire", "text": "Help!"}
    made = client.post("/contact", form)
    assert (made.status_code, made.json()) == (201, {"number": 1})
    refused = client.post("/contact", {**form, "email": "carla"})
    assert refused.status_code == 422 and "carla" in refused.json()["message"]
    system = desks.system()
    anna = system.create_agent("Anna", email="anna@example.org")
    headers = {"X-Agent": str(anna.id)}
    found = client.get("/cases/1", headers=headers).json()
    assert (found["subject"], found["origin"]) == ("Fire", "form")
    assert client.get("/cases/2", headers=headers).status_code == 404
    assert client.get("/cases/1").status_code == 401
    assert client.get("/cases/1", headers={"X-Agent": "anna"}).status_code == 422
    assert client.get("/cases/1", headers={"X-Agent": str(UUID(int=1))}).status_code == 403
    assert client.post("/contact", {"name": "Carla"}).status_code == 422
    assert client.post("/contact", {**form, "text": "a" * 2**20}).status_code == 413

    # The command is a process of its own on the same file.
    def closes(days: int) -> str:
        command = [
            sys.executable,
            "-m",
            "django_desk.manage",
            "close_answered",
            "--days",
            str(days),
        ]
        environment = {**os.environ, "PYTHONPATH": str(EXAMPLES)}
        done = subprocess.run(
            command, env=environment, capture_output=True, text=True, check=True, cwd=tmp_path
        )
        return done.stdout.strip()

    assert closes(0) == "0 cases closed"  # Carla waits.
    desks.agent(anna.id).reply(1, message="We come.")
    system.open_case(casekit.Contact(name="Ada", email="ada@example.com"))  # Nobody said anything.
    assert closes(5) == "0 cases closed"
    assert closes(0) == "1 cases closed"
    assert system.get_case(1).status == "closed"
    assert str(system.workspace) == settings.DESK_WORKSPACE
    desks.desk().close()


def test_the_backlog_is_plotted(tmp_path: Path) -> None:
    import plot_backlog

    clock = ManualClock()
    url = f"sqlite:///{tmp_path / 'desk.db'}"
    desk, system = opened(url, clock=clock)
    chance = random.Random(7)
    for number in range(40):
        clock.advance(timedelta(hours=chance.uniform(0, 8)))
        case = a_case(system, f"Lamp {number}")
        if chance.random() < 0.8:
            clock.advance(timedelta(hours=chance.uniform(0, 5)))
            said = system.create_agent(f"A{number}", email=f"a{number}@example.org")
            desk.agent(system.workspace, said.id).reply(case.number, message="Unplug it!")
        if chance.random() < 0.6:
            system.close_case(case.number)
    cases = list(system.cases())
    times, counts = plot_backlog.backlog(cases)
    assert times == sorted(times)
    assert counts[-1] == sum(case.status == "active" for case in cases)
    replies = plot_backlog.first_replies(cases)
    assert replies and all(0 <= hours <= 5 for hours in replies)
    desk.close()

    out = tmp_path / "backlog.png"
    program = [sys.executable, str(EXAMPLES / "plot_backlog.py"), url]
    subprocess.run([*program, str(system.workspace), str(out)], check=True)
    picture = out.read_bytes()
    assert picture.startswith(b"\x89PNG") and len(picture) > 10_000
