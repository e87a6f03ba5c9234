"""The exceptions: one for each kind of error."""

from schema import Schema, doc, pascal
from text import docstring, head

BODY = '''
from __future__ import annotations

from typing import Any, ClassVar

import msgspec

from casekit.models import ErrorKind, WireError

__all__ = [
{exported}
]


class CasekitError(Exception):
    """What went wrong: match on its class or its `kind`, never on the message, which is for people."""

    kind: ClassVar[ErrorKind]
    """The kind."""
    details: dict[str, Any] | None
    """Facts for programs, such as the field that somebody else changed and its value now."""
    retryable: bool
    """Whether the same call can succeed later."""

    def __init__(
        self, message: str, *, details: dict[str, Any] | None = None, retryable: bool = False
    ) -> None:
        super().__init__(message)
        self.details = details
        self.retryable = retryable


{classes}

_CLASSES: dict[ErrorKind, type[CasekitError]] = {{
    found.kind: found for found in CasekitError.__subclasses__()
}}
_read = msgspec.json.Decoder(WireError).decode


def from_wire(wire: bytes | WireError) -> CasekitError:
    """The exception for an error in JSON or in an answer, such as that of `bulk_cases`."""
    error = _read(wire) if isinstance(wire, bytes) else wire
    found = _CLASSES[error.kind]
    return found(error.message, details=error.details, retryable=error.retryable)
'''


def module(schema: Schema) -> str:
    kinds = [(found["const"], doc(found)) for found in schema.definitions["ErrorKind"]["oneOf"]]
    classes = "\n\n".join(
        f"class {pascal(kind)}(CasekitError):\n{docstring(told)}\n    kind = ErrorKind.{kind.upper()}\n"
        for kind, told in kinds
    )
    names = sorted(["CasekitError", "from_wire", *(pascal(kind) for kind, _ in kinds)])
    exported = "\n".join(f'    "{name}",' for name in names)
    body = BODY.format(exported=exported, classes=classes)
    return head("What can go wrong.") + body
