"""What all models have in common."""

from enum import Enum

from msgspec import Struct

__all__ = ["Given", "Got", "TextEnum"]


class Given(Struct, frozen=True, kw_only=True):
    """What people give: a member that is left out says nothing, which is not the same as `None`."""


class Got(Struct, frozen=True, kw_only=True):
    """What people get."""


class TextEnum(str, Enum):
    """A text that is one of a few."""

    def __str__(self) -> str:
        return str(self.value)
