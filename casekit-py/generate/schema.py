"""The description of all operations, in the terms of the generator."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum, auto
from typing import Any

Node = dict[str, Any]


class Form(Enum):
    """What a definition becomes in Python."""

    ID = auto()
    """A type of its own for a UUID."""
    ALIAS = auto()
    """Another name for a type."""
    ENUM = auto()
    """A string enum."""
    STRUCT = auto()
    """A class."""
    TAGGED = auto()
    """A union of classes, told apart by a member that is constant in each."""
    ONE_OF_MEMBERS = auto()
    """A class of which exactly one member is given."""


@dataclass(frozen=True)
class Member:
    """A member of an object."""

    name: str
    node: Node
    required: bool

    @property
    def doc(self) -> str:
        return doc(self.node)


@dataclass(frozen=True)
class Operation:
    name: str
    audience: str
    given: str
    answer: Node


class Schema:
    def __init__(self, description: Node) -> None:
        self.definitions: dict[str, Node] = description["$defs"]
        self.operations = [
            Operation(found["name"], found["audience"], target(found["input"]), found["output"])
            for found in description["operations"]
        ]
        inputs = [self.definitions[found.given] for found in self.operations]
        self.given = self._reached(inputs) | {found.given for found in self.operations}
        """The definitions that people write; what they only read has other conveniences."""

        self.inputs = {found.given: found.name for found in self.operations}

    def plain(self, told: str) -> str:
        """Operations are called by the name that they have here."""

        def name(found: re.Match[str]) -> str:
            return f"`{self.inputs.get(found[1], found[1])}`"

        return re.sub(r"`(\w+)`", name, told)

    def form(self, name: str) -> Form:
        node = self.definitions[name]
        variants = node.get("oneOf")
        if variants and all("const" in variant for variant in variants):
            return Form.ENUM
        if variants and all(tag(variant) for variant in variants):
            return Form.TAGGED
        if variants and all(len(variant.get("properties", ())) == 1 for variant in variants):
            return Form.ONE_OF_MEMBERS
        if (node.get("type") == "object" and "properties" in node) or self.is_empty(node):
            return Form.STRUCT
        if node.get("format") == "uuid":
            return Form.ID
        if not variants:
            return Form.ALIAS
        raise ValueError(f"`{name}` has a form that the generator does not know: {node}")

    @staticmethod
    def is_empty(node: Node) -> bool:
        return node.get("type") == "object" and node.get("additionalProperties") is False

    def members(self, node: Node) -> list[Member]:
        """The members of an object: those that must be given first, in the order of their declaration."""
        properties: dict[str, Node] = node.get("properties", {})
        required: list[str] = node.get("required", [])
        first = [Member(name, properties[name], True) for name in required]
        rest = [
            Member(name, properties[name], False) for name in properties if name not in required
        ]
        return first + rest

    def _reached(self, nodes: list[Node]) -> set[str]:
        reached: set[str] = set()
        waiting = list(nodes)
        while waiting:
            for name in references(waiting.pop()):
                if name not in reached:
                    reached.add(name)
                    waiting.append(self.definitions[name])
        return reached


def references(node: Any) -> Iterator[str]:
    """The names of all definitions to which a node refers."""
    if isinstance(node, dict):
        if "$ref" in node:
            yield target(node)
        for value in node.values():
            yield from references(value)
    elif isinstance(node, list):
        for value in node:
            yield from references(value)


def target(node: Node) -> str:
    """The name of the definition to which a node refers."""
    reference: str = node["$ref"]
    return reference.rpartition("/")[2]


def tag(variant: Node) -> tuple[str, str] | None:
    """The member by which a variant of a union is told from others, and its value."""
    for name, node in variant.get("properties", {}).items():
        if "const" in node:
            return name, node["const"]
    return None


def doc(node: Node) -> str:
    """What people are told, without the marks of Rust's documentation."""
    text: str = node.get("description", "")
    text = re.sub(r"\[`(?:struct@)?([^`]+)`\]", r"`\1`", text)
    text = re.sub(r"\bnull\b", "None", text)
    return text.replace("::", ".")


def pascal(name: str) -> str:
    return "".join(part.capitalize() for part in name.split("_"))
