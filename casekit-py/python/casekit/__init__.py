"""An embeddable help desk: cases, threads and history in your own program.

    with casekit.connect("sqlite:///desk.db") as desk:
        case = desk.agent(workspace, anna).get_case(42)

`casekit.aio` has the same for asyncio, `casekit.ports` what a host can replace, `casekit.testing` what tests need.
"""

from casekit import aio, errors, models, ports, stores, testing
from casekit._desk import Desk, connect
from casekit._operations import CustomerSession, StaffSession
from casekit._short import customer_says, staff_says
from casekit.errors import *  # noqa: F403
from casekit.models import *  # noqa: F403

__all__ = [
    "CustomerSession",
    "Desk",
    "StaffSession",
    "aio",
    "connect",
    "customer_says",
    "errors",
    "models",
    "ports",
    "staff_says",
    "stores",
    "testing",
]
__all__ += errors.__all__
__all__ += models.__all__
