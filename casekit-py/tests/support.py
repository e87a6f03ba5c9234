"""What the tests share."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

import casekit
from casekit import Case, Contact, Desk, StaffSession, customer_says

SERVERS = {"postgres": "CASEKIT_TEST_POSTGRES_URL", "mysql": "CASEKIT_TEST_MYSQL_URL"}

STORES = [
    "memory",
    "sqlite",
    *(name for name, variable in SERVERS.items() if os.environ.get(variable)),
]
"""The stores that there are: servers only where the environment names one."""


def url_of(store: str, folder: Path) -> str:
    """The address of a store of this kind. A server is not empty: others use it, too."""
    if store == "memory":
        return "memory://"
    if store == "sqlite":
        return f"sqlite:///{folder / 'desk.db'}"
    return os.environ[SERVERS[store]]


def opened(url: str = "memory://", **options: Any) -> tuple[Desk, StaffSession]:
    """A desk with a new workspace in it."""
    desk = casekit.connect(url, **options)
    system = desk.system(uuid4())
    system.create_workspace("Lamps")
    return desk, system


@contextmanager
def desk_at(url: str) -> Iterator[tuple[Desk, StaffSession]]:
    desk, system = opened(url)
    with desk:
        yield desk, system


def a_case(session: StaffSession, subject: str = "Lamp") -> Case:
    said = customer_says("The lamp does not light up.")
    return session.open_case(ADA, subject=subject, message=said)


ADA = Contact(name="Ada", email="ada@example.org")

stores = pytest.mark.parametrize("store", STORES)
