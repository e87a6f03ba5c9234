"""casekit for asyncio: the same names as in `casekit`, to be awaited.

async with await casekit.aio.connect("sqlite:///desk.db") as desk:
    case = await desk.agent(workspace, anna).get_case(42)
"""

from casekit.aio._desk import Desk, connect
from casekit.aio._operations import CustomerSession, StaffSession

__all__ = ["CustomerSession", "Desk", "StaffSession", "connect"]
