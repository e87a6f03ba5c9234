"""The sessions: a method for each operation, and an iterator for each that answers pages."""

from dataclasses import dataclass

from schema import Member, Node, Operation, Schema, doc, references, target
from text import docstring, head
from typed import declared, type_of

SHORTHANDS = {"NewMessage": "text"}
"""Classes that can be given as a text: the member that it stands for."""

ITERATORS = {"search_cases": "search"}
"""Names of iterators that do not follow from that of the operation."""

VERBS = ("find_", "list_", "read_")


@dataclass(frozen=True)
class Style:
    """How one of the two packages is written."""

    about: str
    session: str
    define: str
    wait: str
    iterator: str
    iterator_import: str


BLOCKING = Style(
    about="The operations, blocking.",
    session="casekit._session",
    define="def",
    wait="",
    iterator="Iterator",
    iterator_import="Collection, Iterator, Mapping, Sequence",
)
ASYNCIO = Style(
    about="The operations, for asyncio.",
    session="casekit.aio._session",
    define="async def",
    wait="await ",
    iterator="AsyncIterator",
    iterator_import="AsyncIterator, Collection, Mapping, Sequence",
)

AUDIENCES = {
    "staff": ("StaffSession", "What an agent, or the host's own programs, may do."),
    "customers": ("CustomerSession", "What a customer may do and see."),
}


def module(schema: Schema, style: Style) -> str:
    return Methods(schema, style).text()


class Methods:
    def __init__(self, schema: Schema, style: Style) -> None:
        self.schema = schema
        self.style = style
        self.used: set[str] = set()
        self.decoders: list[str] = []

    def text(self) -> str:
        classes = [self.session(audience) for audience in AUDIENCES]
        self.used |= {found.given for found in self.schema.operations}
        imported = "\n".join(f"    {name}," for name in sorted(self.used))
        style = self.style
        return f"""{head(style.about)}
from __future__ import annotations

from collections.abc import {style.iterator_import}
from datetime import datetime

from msgspec import UNSET, UnsetType
from msgspec.json import Decoder

from {style.session} import Session
from casekit.models import (
{imported}
)

__all__ = ["CustomerSession", "StaffSession"]

{chr(10).join(self.decoders)}


{(chr(10) * 2).join(classes)}
"""

    def session(self, audience: str) -> str:
        name, told = AUDIENCES[audience]
        methods = []
        for operation in self.schema.operations:
            if operation.audience == audience:
                methods.append(self.method(operation))
                if items := self.items(operation):
                    methods.append(self.pages(operation, *items))
        return f"class {name}(Session):\n{docstring(told)}\n" + "\n".join(methods)

    def method(self, operation: Operation) -> str:
        style, node = self.style, self.schema.definitions[operation.given]
        members = self.schema.members(node)
        answer = type_of(operation.answer, given=False)
        self.used |= set(references(operation.answer))
        decoder = f"_{operation.name.upper()}"
        kind = f"Decoder[{answer}]" if answer != "None" else "Decoder[None]"
        self.decoders.append(f"{decoder}: {kind} = Decoder({answer})")
        values = ", ".join(f"{found.name}={self.value(found)}" for found in members)
        return (
            f"    {style.define} {operation.name}({self.signature(members)}) -> {answer}:\n"
            + docstring(self.told(doc(node), members), " " * 8)
            + f"        return {style.wait}self._run(\n"
            f'            "{operation.name}", {operation.given}({values}), {decoder}\n'
            "        )\n"
        )

    def pages(self, operation: Operation, member: str, item: str) -> str:
        style, node = self.style, self.schema.definitions[operation.given]
        members = [found for found in self.schema.members(node) if found.name != "after"]
        shown = [
            Member("page_size", found.node, found.required) if found.name == "limit" else found
            for found in members
        ]
        self.used |= {name for name in references(node) if name in item}
        values = ", ".join(
            f"{found.name}={'page_size' if found.name == 'limit' else found.name}"
            for found in members
        )
        told = f"{doc(node)}\n\nEach one, page after page: see `{operation.name}`."
        loop = (
            f"        after: str | None = None\n"
            f"        while True:\n"
            f"            page = {style.wait}self.{operation.name}({values}, after=after)\n"
            f"            for item in page.{member}:\n"
            f"                yield item\n"
            f"            after = page.next\n"
            f"            if after is None:\n"
            f"                return\n"
        )
        kind = f"{style.iterator}[{item}]"
        return (
            f"    {style.define} {iterator_name(operation.name)}({self.signature(shown)}) -> {kind}:\n"
            + docstring(self.told(told, []), " " * 8)
            + loop
        )

    def items(self, operation: Operation) -> tuple[str, str] | None:
        """The member of a page that has its items, and their type."""
        if "$ref" not in operation.answer:
            return None
        page: Node = self.schema.definitions[target(operation.answer)].get("properties", {})
        if "next" not in page:
            return None
        [(name, node)] = [(n, node) for n, node in page.items() if node.get("type") == "array"]
        item = target(node["items"])
        self.used.add(item)
        return name, item

    def signature(self, members: list[Member]) -> str:
        """The first argument that must be given can be given without its name."""
        parts = ["self"]
        for at, member in enumerate(members):
            kind, default = declared(self.schema, member.node, required=member.required, given=True)
            self.used |= set(references(member.node))
            if self.shorthand(member):
                kind = f"{kind} | str"
            if "*" not in parts and (at == 1 or not member.required):
                parts.append("*")
            parts.append(f"{member.name}: {kind}" + ("" if default is None else f" = {default}"))
        return ", ".join(parts)

    def value(self, member: Member) -> str:
        if not (text := self.shorthand(member)):
            return member.name
        kind = target(member.node)
        return f"{kind}({text}={member.name}) if isinstance({member.name}, str) else {member.name}"

    def shorthand(self, member: Member) -> str | None:
        return SHORTHANDS.get(target(member.node)) if "$ref" in member.node else None

    def told(self, about: str, members: list[Member]) -> str:
        lines = [self.schema.plain(about)]
        lines += [
            f"`{found.name}`: {self.schema.plain(found.doc)}" for found in members if found.doc
        ]
        return "\n\n".join(lines)


def iterator_name(operation: str) -> str:
    """`find_cases` gives a page, `cases` each case."""
    if operation in ITERATORS:
        return ITERATORS[operation]
    for verb in VERBS:
        if operation.startswith(verb):
            return operation.removeprefix(verb)
    return f"iter_{operation}"
