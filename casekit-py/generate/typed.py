"""Types and defaults, as Python writes them."""

from typing import Any

from schema import Form, Node, Schema, target

UNSET = "UNSET"


def is_nullable(node: Node) -> bool:
    kinds = node.get("type")
    if isinstance(kinds, list) and "null" in kinds:
        return True
    return any(part.get("type") == "null" for part in node.get("anyOf", ()))


def type_of(node: Node | bool, *, given: bool) -> str:
    """The type of a value: wide where people give it, exact where they get it."""
    if node is True or not isinstance(node, dict):
        return "Any"
    if "$ref" in node:
        return target(node)
    if "anyOf" in node:
        parts = [type_of(part, given=given) for part in node["anyOf"]]
        return " | ".join(sorted(dict.fromkeys(parts), key=lambda part: part == "None"))
    kinds = node.get("type")
    if kinds is None:
        return "Any"
    parts = [
        _plain(kind, node, given=given) for kind in ([kinds] if isinstance(kinds, str) else kinds)
    ]
    return " | ".join(parts)


def _plain(kind: str, node: Node, *, given: bool) -> str:
    match kind:
        case "string":
            return {"uuid": "UUID", "date-time": "datetime"}.get(node.get("format", ""), "str")
        case "integer":
            return "int"
        case "number":
            return "float"
        case "boolean":
            return "bool"
        case "null":
            return "None"
        case "array":
            item = type_of(node["items"], given=given)
            if not given:
                return f"tuple[{item}, ...]"
            return f"{'Collection' if node.get('uniqueItems') else 'Sequence'}[{item}]"
        case "object":
            value = type_of(node.get("additionalProperties", True), given=given)
            return f"{'Mapping' if given else 'dict'}[str, {value}]"
    raise ValueError(f"the generator does not know the type `{kind}`")


def declared(schema: Schema, node: Node, *, required: bool, given: bool) -> tuple[str, str | None]:
    """The type of a member or argument, and its default; none if it must be given."""
    kind = type_of(node, given=given)
    if required:
        return kind, None
    if not given:
        return _left_out(schema, node, kind)
    if "default" in node:
        default = _literal(schema, node, node["default"])
        return (kind, default) if default != UNSET else (f"{kind} | UnsetType", UNSET)
    return f"{kind} | UnsetType", UNSET


def _left_out(schema: Schema, node: Node, kind: str) -> tuple[str, str | None]:
    """The default of a member of an answer, which may leave it out when there is nothing to tell."""
    if is_nullable(node):
        return kind, "None"
    if kind == "Any":
        return kind, "None"
    if kind == "bool":
        return kind, "False"
    if kind.startswith("tuple["):
        return kind, "()"
    if kind.startswith("dict["):
        return kind, "{}"
    if "default" in node:
        # Answers have it always.
        return kind, None
    if "$ref" in node and schema.form(target(node)) is Form.STRUCT:
        return f"{kind} | None", "None"
    raise ValueError(f"the generator does not know what stands for an absent `{kind}`")


def _literal(schema: Schema, node: Node, value: Any) -> str:
    if value == []:
        return "()"
    if value is None or isinstance(value, bool | int | float):
        return repr(value)
    if isinstance(value, str):
        name = target(node) if "$ref" in node else ""
        if name and schema.form(name) is Form.ENUM:
            return f"{name}.{value.upper()}"
        return '""' if value == "" else repr(value)
    return UNSET
