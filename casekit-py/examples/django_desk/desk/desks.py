"""The desk of this process, opened when it is first needed.

Servers that fork do so before that, so each process has its own.
"""

from __future__ import annotations

from functools import lru_cache
from uuid import UUID

from django.conf import settings

import casekit


@lru_cache(maxsize=1)
def desk() -> casekit.Desk:
    opened = casekit.connect(settings.DESK_URL)
    system = opened.system(settings.DESK_WORKSPACE)
    try:
        system.get_workspace()
    except casekit.NotFound:
        system.create_workspace("Acme")
    return opened


def system() -> casekit.StaffSession:
    return desk().system(settings.DESK_WORKSPACE)


def agent(id: UUID | str) -> casekit.StaffSession:
    return desk().agent(settings.DESK_WORKSPACE, id)
