"""An embeddable help desk: cases, threads and history in your own program."""

from casekit._native import new_id

__all__ = ["new_id"]
