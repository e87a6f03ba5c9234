"""What the desk refuses becomes an answer that says why."""

from __future__ import annotations

from collections.abc import Callable

import msgspec
from django.http import HttpRequest, HttpResponse

import casekit

STATUS = {
    casekit.NotFound: 404,
    casekit.Denied: 403,
    casekit.Conflict: 409,
    casekit.Taken: 409,
    casekit.Invalid: 422,
    casekit.Limit: 413,
    casekit.Unavailable: 503,
}


class Refusals:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        if not isinstance(error, casekit.CasekitError):
            return None
        content = msgspec.json.encode({"kind": error.kind, "message": str(error)})
        status = STATUS.get(type(error), 500)
        return HttpResponse(content, status=status, content_type="application/json")
