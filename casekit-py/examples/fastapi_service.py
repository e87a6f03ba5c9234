"""A help desk as a web service: `uvicorn fastapi_service:app --timeout-graceful-shutdown 5`.

Without a limit a server that ends would wait for ever for the pages that follow its events.

The desk lives as long as the service; each request gets a session of the person who is logged in, and a page follows
what happens by server-sent events.
"""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated, Any
from uuid import UUID

import msgspec
from fastapi import Depends, FastAPI, Header, Request, Response
from fastapi.sse import EventSourceResponse, ServerSentEvent
from pydantic import BaseModel

import casekit
from casekit import aio

WORKSPACE = UUID("01900000-0000-7000-8000-000000000001")
"""One service serves one workspace here; another would take it from the name of the host or from the log-in."""


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    url = os.environ.get("DESK_URL", "sqlite:///desk.db")
    async with await aio.connect(url) as desk:
        app.state.desk = desk
        await prepare(desk.system(WORKSPACE))
        yield


async def prepare(system: aio.StaffSession) -> None:
    """Creates the workspace, unless it is there, or another process of the service is just doing it."""
    try:
        await system.get_workspace()
    except casekit.NotFound:
        try:
            await system.create_workspace("Acme")
        except casekit.CasekitError:
            await system.get_workspace()


app = FastAPI(lifespan=lifespan)


def desk_of(request: Request) -> aio.Desk:
    desk: aio.Desk = request.app.state.desk
    return desk


def staff(
    desk: Annotated[aio.Desk, Depends(desk_of)], x_agent: Annotated[UUID, Header()]
) -> aio.StaffSession:
    """The session of the agent who is logged in: here as a proxy in front of the service says."""
    return desk.agent(WORKSPACE, x_agent)


def customer(
    desk: Annotated[aio.Desk, Depends(desk_of)], x_customer: Annotated[UUID, Header()]
) -> aio.CustomerSession:
    return desk.customer(WORKSPACE, x_customer)


Desk = Annotated[aio.Desk, Depends(desk_of)]
Staff = Annotated[aio.StaffSession, Depends(staff)]
Customer = Annotated[aio.CustomerSession, Depends(customer)]

STATUS = {
    casekit.NotFound: 404,
    casekit.Denied: 403,
    casekit.Conflict: 409,
    casekit.Taken: 409,
    casekit.Invalid: 422,
    casekit.Limit: 429,
    casekit.Unavailable: 503,
}


@app.exception_handler(casekit.CasekitError)
async def told(request: Request, error: Exception) -> Response:
    assert isinstance(error, casekit.CasekitError)
    content = {"kind": error.kind, "message": str(error), "details": error.details}
    return answer(content, STATUS.get(type(error), 500))


def answer(model: Any, status: int = 200) -> Response:
    """Models are written by msgspec, which made them."""
    return Response(msgspec.json.encode(model), status, media_type="application/json")


class NewCase(BaseModel):
    subject: str
    text: str


class Text(BaseModel):
    text: str


@app.get("/health")
async def health(desk: Desk) -> dict[str, str]:
    await desk.health()
    return {"desk": "well"}


@app.get("/load")
async def load(agent: Staff) -> Response:
    return answer(await agent.get_case_load())


@app.get("/cases/{number}")
async def case(number: int, agent: Staff) -> Response:
    return answer(await agent.get_case(number))


@app.post("/cases/{number}/reply")
async def reply(number: int, given: Text, agent: Staff) -> Response:
    return answer(await agent.reply(number, message=given.text), 201)


@app.post("/my/cases")
async def open_my_case(given: NewCase, person: Customer) -> Response:
    return answer(await person.open_my_case(given.subject, text=given.text), 201)


@app.get("/my/cases/{number}")
async def my_thread(number: int, person: Customer) -> Response:
    return answer(await person.my_thread(number))


async def all_staff(agent: Staff) -> None:
    """Events are for the host. Who may see all of them is for the host to decide: here all of staff."""
    await agent.get_workspace()


@app.get("/events", response_class=EventSourceResponse, dependencies=[Depends(all_staff)])
async def events(
    desk: Desk, last_event_id: Annotated[int, Header(ge=0)] = 0
) -> AsyncIterator[ServerSentEvent]:
    """What happens, as it happens. A browser that was away says by itself what it saw last."""
    async for event in desk.events(WORKSPACE, after=last_event_id):
        written = msgspec.json.encode(event).decode()
        yield ServerSentEvent(raw_data=written, event=event.what, id=str(event.seq))
