"""An embeddable help desk: cases, threads and history in your own program."""

from casekit._native import CasekitError, Desk

__all__ = ["CasekitError", "Desk"]
