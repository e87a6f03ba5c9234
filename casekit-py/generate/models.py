"""The models: classes, enums and names for types."""

import re

from schema import Form, Node, Schema, doc, pascal, tag, target
from text import docstring, head
from typed import declared, type_of

IMPORTS = """
from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, NewType, TypeAlias
from uuid import UUID

from msgspec import UNSET, UnsetType

from casekit._base import Given, Got, TextEnum
"""


def module(schema: Schema) -> str:
    return Models(schema).text()


class Models:
    def __init__(self, schema: Schema) -> None:
        self.schema = schema
        self.names: list[str] = []
        self.ids: list[str] = []
        self.enums: list[str] = []
        self.classes: list[str] = []
        self.aliases: dict[str, str] = {}

    def text(self) -> str:
        for name in sorted(self.schema.definitions):
            if name not in self.nested():
                self.definition(name)
        exported = "\n".join(f'    "{name}",' for name in sorted(self.names))
        parts = [
            head("What is recorded, and what operations take and give."),
            IMPORTS,
            f"__all__ = [\n{exported}\n]\n",
            *self.ids,
            *self.enums,
            *self.classes,
            *self.ordered_aliases(),
        ]
        return "\n\n".join(parts)

    def ordered_aliases(self) -> list[str]:
        """Each after those that it names."""
        waiting = dict(self.aliases)
        ordered = []
        while waiting:
            for name, text in list(waiting.items()):
                kind = text.splitlines()[0].partition("=")[2]
                if not any(other in re.findall(r"\w+", kind) for other in waiting):
                    ordered.append(text)
                    del waiting[name]
        return ordered

    def nested(self) -> set[str]:
        """Unions that are only ever inside of a variant of another, which then has all their members."""
        return {
            target(variant)
            for node in self.schema.definitions.values()
            for variant in node.get("oneOf", ())
            if "$ref" in variant and self.schema.form(target(variant)) is Form.TAGGED
        }

    def definition(self, name: str) -> None:
        node = self.schema.definitions[name]
        match self.schema.form(name):
            case Form.ID:
                self.ids.append(f'{name} = NewType("{name}", UUID)\n' + docstring(doc(node), ""))
                self.names.append(name)
            case Form.ALIAS:
                self.alias(name, type_of(node, given=name in self.schema.given), doc(node))
            case Form.ENUM:
                values = [(variant["const"], doc(variant)) for variant in node["oneOf"]]
                self.enum(name, values, doc(node))
            case Form.STRUCT:
                self.struct(name, node, doc(node), given=name in self.schema.given)
            case Form.ONE_OF_MEMBERS:
                self.one_of_members(name, node)
            case Form.TAGGED:
                self.tagged(name, node)

    def alias(self, name: str, kind: str, told: str) -> None:
        self.aliases[name] = f"{name}: TypeAlias = {kind}\n" + docstring(told, "")
        self.names.append(name)

    def enum(self, name: str, values: list[tuple[str, str]], told: str) -> None:
        members = "\n".join(
            f'    {value.upper()} = "{value}"\n' + docstring(told) for value, told in values
        )
        self.enums.append(f"class {name}(TextEnum):\n{docstring(told)}\n{members}")
        self.names.append(name)

    def struct(
        self,
        name: str,
        node: Node,
        told: str,
        *,
        given: bool,
        tagged: tuple[str, str] | None = None,
    ) -> None:
        lines = []
        for member in self.schema.members(node):
            if "const" in member.node:
                continue
            kind, default = declared(
                self.schema, member.node, required=member.required, given=given
            )
            lines.append(field(member.name, kind, default, member.doc))
        self.written(name, lines, told, given=given, tagged=tagged)

    def written(
        self,
        name: str,
        lines: list[str],
        told: str,
        *,
        given: bool,
        tagged: tuple[str, str] | None = None,
    ) -> None:
        options = "frozen=True, kw_only=True"
        if tagged:
            options += f', tag_field="{tagged[0]}", tag="{tagged[1]}"'
        base = "Given" if given else "Got"
        body = docstring(told) + "".join(f"\n{line}" for line in lines)
        self.classes.append(f"class {name}({base}, {options}):\n{body}")
        self.names.append(name)

    def one_of_members(self, name: str, node: Node) -> None:
        """`{"status": …}` or `{"tag": …}`: a class of which one member is given."""
        lines = []
        for variant in node["oneOf"]:
            [(member, inner)] = variant["properties"].items()
            kind = type_of(inner, given=True)
            lines.append(field(member, f"{kind} | UnsetType", "UNSET", doc(variant)))
        told = doc(node).split(": in JSON")[0].removesuffix(".")
        self.written(name, lines, f"{told}. Exactly one member is given.", given=True)

    def tagged(self, name: str, node: Node) -> None:
        variants = []
        given = name in self.schema.given
        for variant in node["oneOf"]:
            tagged = tag(variant)
            assert tagged
            variant_name = named(pascal(tagged[1]), name)
            variants.append(variant_name)
            inner = self.schema.definitions[target(variant)] if "$ref" in variant else variant
            if "oneOf" in inner:
                self.all_members(variant_name, target(variant), doc(variant), tagged)
            else:
                self.struct(variant_name, inner, doc(variant), given=given, tagged=tagged)
        self.alias(name, " | ".join(variants), doc(node))

    def all_members(self, name: str, union: str, told: str, tagged: tuple[str, str]) -> None:
        """A variant that is a union itself: a class with the members of all its variants."""
        node = self.schema.definitions[union]
        tags: list[tuple[str, str]] = []
        kinds: dict[str, dict[str, None]] = {}
        docs: dict[str, str] = {}
        member = ""
        for variant in node["oneOf"]:
            inner = tag(variant)
            assert inner
            member, value = inner
            tags.append((value, doc(variant)))
            for found in self.schema.members(variant):
                if found.name != member:
                    kind = type_of(found.node, given=False).removesuffix(" | None")
                    kinds.setdefault(found.name, {})[kind] = None
                    docs.setdefault(found.name, "")
                    said = f"`{value}`: {found.doc}"
                    docs[found.name] = f"{docs[found.name]}\n\n{said}".strip()
        enum = f"{union}{pascal(member)}"
        self.enum(enum, tags, doc(node))
        lines = [field(member, enum, None, "What it was; this says which other members there are.")]
        for key, found_kinds in kinds.items():
            # An id in one variant and a text in another cannot be told apart: both are text.
            kind = " | ".join([*(["str"] if "str" in found_kinds else found_kinds), "None"])
            lines.append(field(key, kind, "None", docs[key]))
        self.written(name, lines, told, given=False, tagged=tagged)


def named(variant: str, union: str) -> str:
    """The agent among authors is an `AgentAuthor`, and as customers see it a `PortalAgentAuthor`."""
    if union.startswith("Portal"):
        return f"Portal{variant}{union.removeprefix('Portal')}"
    return variant + union


def field(name: str, kind: str, default: str | None, told: str) -> str:
    value = "" if default is None else f" = {default}"
    return f"    {name}: {kind}{value}\n" + (docstring(told) if told else "")
