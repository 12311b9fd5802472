"""The keywords of schemas: each compiles to a check, or is malformed and spoils the whole schema (morpheus 18).

A compiler takes the schema's members, the tree of its sub-schemas and the purse; it gives the check, or None when there is nothing to
check. A check takes a value and the run, and gives flags: 0 for yes. Checks do not stop at the first refusal, since a reference that
cannot be resolved counts even in a branch that is refused.
"""

from __future__ import annotations

from iop.errors import SchemaError
from iop.ledger.coeus_schema.format import is_url_reference
from iop.ledger.coeus_schema.limit import (
    compile_const,
    compile_content,
    compile_enum,
    compile_expression,
    compile_format,
    compile_multiple,
    compile_pattern,
    compile_required,
    compile_type,
    compile_unique,
    make_count,
    make_limit,
)
from iop.ledger.coeus_schema.verdict import INVALID, MISSING

TYPE_CHECKING = False
if TYPE_CHECKING:
    from iop.codec.json import Json
    from iop.ledger.coeus_schema.schema import Node, Run
    from iop.ledger.coeus_schema.verdict import Check, Compiler, Members, Tree
    from iop.ledger.coeus_schema.work import Work


def compile_ref(reference: Json) -> str:
    """The text of a `$ref`. Raises SchemaError."""
    if not isinstance(reference, str) or not is_url_reference(reference):
        raise SchemaError("malformed $ref")
    return reference


def _is_schema(value: Json) -> bool:
    return isinstance(value, dict | bool)


def _take(members: Members, keyword: str) -> Json:
    """The value of a keyword that has to be a schema."""
    if not _is_schema(members[keyword]):
        raise SchemaError(f"malformed {keyword}")
    return members[keyword]


def _find(tree: Tree, *names: str) -> Node | None:
    """The sub-schema at a path of plain names."""
    node: Node | None = None
    for name in names:
        # The original looks it up by URL, where a grave accent is encoded twice and therefore never found.
        node = None if "`" in name else tree.get(encode_name(name))
        if node is None:
            return None
        tree = node.tree
    return node


def encode_name(name: str) -> str:
    """A member's name as it stands in a reference: `~` and `/` escaped, then percent-encoded."""
    return encode_fragment(name.replace("~", "~0").replace("/", "~1"), ' "#<>%')


def encode_fragment(text: str, special: str = ' "<>`') -> str:
    """Text of a URL's fragment: `special`, controls and what is not ASCII percent-encoded."""
    if text.isalnum() and text.isascii():
        return text
    return "".join(
        [
            char
            if "\x20" <= char < "\x7f" and char not in special
            else "".join([f"%{byte:02X}" for byte in char.encode("utf-8", "replace")])
            for char in text
        ]
    )


def _compile_properties(members: Members, tree: Tree, work: Work) -> Check | None:
    properties = members.get("properties", {})
    patterns = members.get("patternProperties", {})
    others = members.get("additionalProperties", True)
    if not (isinstance(properties, dict) and isinstance(patterns, dict) and _is_schema(others)):
        raise SchemaError("malformed properties")
    if not all(_is_schema(value) for value in [*properties.values(), *patterns.values()]):
        raise SchemaError("malformed properties")
    named = {name: _find(tree, "properties", name) for name in properties}
    matched = [
        (compile_expression(text, work), _find(tree, "patternProperties", text))
        for text in patterns
    ]
    rest = _find(tree, "additionalProperties")

    def check(data: Json, run: Run) -> int:
        if not isinstance(data, dict):
            return 0
        flags = 0
        run.work.spend(len(data))
        for name, value in data.items():
            passed = name in named
            if passed:
                flags |= run.apply(named[name], value)
            for pattern, node in matched:
                if pattern.is_found(name, run.work):
                    flags |= run.apply(node, value)
                    passed = passed or node is not None
            if passed or others is True:
                continue
            flags |= INVALID if others is False else run.apply(rest, value)
        return flags

    return check


def _compile_items(members: Members, tree: Tree, _work: Work) -> Check | None:
    items = members.get("items")
    others = members.get("additionalItems", True)
    if not _is_schema(others):
        raise SchemaError("malformed additionalItems")
    if "items" not in members:
        return None
    rest = _find(tree, "additionalItems")
    if _is_schema(items):
        every = _find(tree, "items")

        def check_every(data: Json, run: Run) -> int:
            flags = 0
            if isinstance(data, list):
                if every is None:
                    return MISSING
                for item in data:
                    flags |= run.apply(every, item)
            return flags

        return check_every
    if not isinstance(items, list) or not all(_is_schema(item) for item in items):
        raise SchemaError("malformed items")
    each = [_find(tree, "items", str(at)) for at in range(len(items))]

    def check_each(data: Json, run: Run) -> int:
        flags = 0
        if isinstance(data, list):
            for node, item in zip(each, data, strict=False):
                flags |= run.apply(node, item)
            if len(data) > len(each) and others is not True:
                if others is False:
                    return flags | INVALID
                for item in data[len(each) :]:
                    flags |= run.apply(rest, item)
        return flags

    return check_each


def _compile_branches(members: Members, tree: Tree, keyword: str) -> list[Node | None]:
    branches = members[keyword]
    if not isinstance(branches, list) or not branches or not all(map(_is_schema, branches)):
        raise SchemaError(f"malformed {keyword}")
    return [_find(tree, keyword, str(at)) for at in range(len(branches))]


def _compile_all(members: Members, tree: Tree, _work: Work) -> Check | None:
    branches = _compile_branches(members, tree, "allOf")

    def check(data: Json, run: Run) -> int:
        flags = 0
        for branch in branches:
            flags |= run.apply(branch, data)
        return flags

    return check


def _compile_any(members: Members, tree: Tree, _work: Work) -> Check | None:
    branches = _compile_branches(members, tree, "anyOf")

    def check(data: Json, run: Run) -> int:
        flags = 0
        for branch in branches:
            found = run.apply(branch, data)
            flags |= found & MISSING
            if branch is not None and not found & INVALID:
                return flags
        return flags | INVALID

    return check


def _compile_one(members: Members, tree: Tree, _work: Work) -> Check | None:
    branches = _compile_branches(members, tree, "oneOf")

    def check(data: Json, run: Run) -> int:
        flags = valid = 0
        for branch in branches:
            found = run.apply(branch, data)
            flags |= found & MISSING
            valid += branch is not None and not found & INVALID
        return flags if valid == 1 else flags | INVALID

    return check


def _compile_not(members: Members, tree: Tree, _work: Work) -> Check | None:
    _take(members, "not")
    node = _find(tree, "not")

    def check(data: Json, run: Run) -> int:
        if node is None:
            return MISSING
        return 0 if run.apply(node, data) & INVALID else INVALID

    return check


def _compile_contains(members: Members, tree: Tree, _work: Work) -> Check | None:
    _take(members, "contains")
    node = _find(tree, "contains")

    def check(data: Json, run: Run) -> int:
        if not isinstance(data, list):
            return 0
        if node is None:
            return MISSING
        for item in data:
            if not run.apply(node, item) & INVALID:
                return 0
        return INVALID

    return check


def _compile_names(members: Members, tree: Tree, _work: Work) -> Check | None:
    _take(members, "propertyNames")
    node = _find(tree, "propertyNames")

    def check(data: Json, run: Run) -> int:
        flags = 0
        if isinstance(data, dict):
            if node is None:
                return MISSING
            for name in data:
                flags |= run.apply(node, name)
        return flags

    return check


def _compile_condition(members: Members, tree: Tree, _work: Work) -> Check | None:
    if "if" not in members:
        return None
    condition, yes, no = (_find(tree, name) for name in ("if", "then", "else"))

    def check(data: Json, run: Run) -> int:
        if condition is None:
            return MISSING
        name, node = ("else", no) if run.apply(condition, data) & INVALID else ("then", yes)
        return run.apply(node, data) if name in members else 0

    return check


def _compile_dependencies(members: Members, tree: Tree, _work: Work) -> Check | None:
    dependencies = members["dependencies"]
    if not isinstance(dependencies, dict):
        raise SchemaError("malformed dependencies")
    schemas: dict[str, Node | None] = {}
    needed: dict[str, list[str]] = {}
    for name, value in dependencies.items():
        if _is_schema(value):
            schemas[name] = _find(tree, "dependencies", name)
        elif isinstance(value, list) and all(isinstance(item, str) for item in value):
            needed[name] = value
        else:
            raise SchemaError("malformed dependencies")

    def check(data: Json, run: Run) -> int:
        if not isinstance(data, dict):
            return 0
        run.work.spend(len(schemas) + len(needed))
        flags = 0
        for name, node in schemas.items():
            if name in data:
                flags |= run.apply(node, data)
        for name, others in needed.items():
            if name in data:
                run.work.spend(len(others))
                if not all(other in data for other in others):
                    flags |= INVALID
        return flags

    return check


KEYWORDS: dict[str, Compiler] = {
    "additionalItems": _compile_items,
    "additionalProperties": _compile_properties,
    "allOf": _compile_all,
    "anyOf": _compile_any,
    "const": compile_const,
    "contains": _compile_contains,
    "contentEncoding": compile_content,
    "contentMediaType": compile_content,
    "dependencies": _compile_dependencies,
    "else": _compile_condition,
    "enum": compile_enum,
    "exclusiveMaximum": make_limit("exclusiveMaximum"),
    "exclusiveMinimum": make_limit("exclusiveMinimum"),
    "format": compile_format,
    "if": _compile_condition,
    "items": _compile_items,
    "maxItems": make_count("maxItems"),
    "maxLength": make_count("maxLength"),
    "maxProperties": make_count("maxProperties"),
    "maximum": make_limit("maximum"),
    "minItems": make_count("minItems"),
    "minLength": make_count("minLength"),
    "minProperties": make_count("minProperties"),
    "minimum": make_limit("minimum"),
    "multipleOf": compile_multiple,
    "not": _compile_not,
    "oneOf": _compile_one,
    "pattern": compile_pattern,
    "patternProperties": _compile_properties,
    "properties": _compile_properties,
    "propertyNames": _compile_names,
    "required": compile_required,
    "then": _compile_condition,
    "type": compile_type,
    "uniqueItems": compile_unique,
}
