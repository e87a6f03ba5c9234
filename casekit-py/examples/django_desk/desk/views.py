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
    agent = desks.agent(request.headers["X-Agent"])
    try:
        return answer(agent.get_case(number))
    except casekit.NotFound as error:
        return answer({"message": str(error)}, 404)


# Forms from elsewhere post here, without Django's token.
@csrf_exempt
@require_POST
def contact(request: HttpRequest) -> HttpResponse:
    """The contact form of the site opens a case."""
    given = request.POST
    person = casekit.Contact(name=given["name"], email=given["email"])
    try:
        case = desks.system().open_case(
            person,
            subject=given["subject"],
            message=casekit.customer_says(given["text"]),
            origin=casekit.Medium.FORM,
        )
    except casekit.Invalid as error:
        return answer({"message": str(error)}, 422)
    return answer({"number": case.number}, 201)
