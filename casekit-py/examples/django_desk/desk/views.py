"""Pages of the desk. Each thread of the server calls it; a call lets the others run."""

from __future__ import annotations

import msgspec
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_POST

import casekit

from . import desks


def answer(model: object, status: int = 200) -> HttpResponse:
    return HttpResponse(msgspec.json.encode(model), status=status, content_type="application/json")


@require_GET
def case(request: HttpRequest, number: int) -> HttpResponse:
    """A case for the agent who is logged in: here as a proxy in front of the site says."""
    agent = request.headers.get("X-Agent")
    if agent is None:
        return answer({"message": "log in first"}, 401)
    return answer(desks.agent(agent).get_case(number))


# Forms from elsewhere post here, without Django's token.
@csrf_exempt
@require_POST
def contact(request: HttpRequest) -> HttpResponse:
    """The contact form of the site opens a case."""
    given = request.POST
    missing = [name for name in ("name", "email", "subject", "text") if not given.get(name)]
    if missing:
        return answer({"message": f"please fill in: {', '.join(missing)}"}, 422)
    case = desks.system().open_case(
        casekit.Contact(name=given["name"], email=given["email"]),
        subject=given["subject"],
        message=casekit.customer_says(given["text"]),
        origin=casekit.Medium.FORM,
    )
    return answer({"number": case.number}, 201)
