"""The desk of this process, opened when it is first needed.

Servers that fork do so before that, so each process has its own.
"""

from __future__ import annotations

from functools import lru_cache
from threading import Lock
from uuid import UUID

from django.conf import settings

import casekit

_opening = Lock()


def desk() -> casekit.Desk:
    # The first requests can come at once, and a cache does not make the others wait for the first.
    with _opening:
        return _opened()


@lru_cache(maxsize=1)
def _opened() -> casekit.Desk:
    desk = casekit.connect(settings.DESK_URL)
    _prepare(desk.system(settings.DESK_WORKSPACE))
    return desk


def _prepare(system: casekit.StaffSession) -> None:
    """Creates the workspace, unless it is there, or another process of the site is just doing it."""
    try:
        system.get_workspace()
    except casekit.NotFound:
        try:
            system.create_workspace("Acme")
        except casekit.CasekitError:
            system.get_workspace()


def system() -> casekit.StaffSession:
    return desk().system(settings.DESK_WORKSPACE)


def agent(id: UUID | str) -> casekit.StaffSession:
    return desk().agent(settings.DESK_WORKSPACE, id)
