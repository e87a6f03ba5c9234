"""Short ways to say what is said often."""

from __future__ import annotations

from casekit.models import FirstMessage, NewMessage, Speaker

__all__ = ["customer_says", "staff_says"]


def customer_says(message: NewMessage | str) -> FirstMessage:
    """The message of the customer with which a case is opened."""
    return FirstMessage(by=Speaker.CUSTOMER, message=_message(message))


def staff_says(message: NewMessage | str) -> FirstMessage:
    """The message of staff with which a case is opened."""
    return FirstMessage(by=Speaker.STAFF, message=_message(message))


def _message(given: NewMessage | str) -> NewMessage:
    return NewMessage(text=given) if isinstance(given, str) else given
