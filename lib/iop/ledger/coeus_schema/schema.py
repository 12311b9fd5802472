"""JSON schemas as the policies of domains use them (morpheus 18): which compile, and which data conform.

Verdicts are consensus, so they follow the original's validator and not the letter of draft 6: draft 7's `if`, `then`, `else`,
`contentMediaType` and `contentEncoding` are known; `format` is checked; **a keyword that is not known makes a schema invalid**, and so
do such members inside the objects of `const`, `examples` and other places that are no schemas; `$ref` hides its neighbours; below a
sub-schema with an `$id` of its own nothing but `$ref` can be resolved; what cannot be resolved is never fetched and never satisfied.

Work is counted in steps (`iop.ledger.coeus_schema.work`), nothing is quadratic, and applications within one another end at 300 levels, so
that no schema can hold a node up or give two nodes different answers. That is why no general validator is used: none promises it.
With `iop.claim.schema` it shares patterns only: keywords, likeness (1 and 1.0 are two here) and counting follow the original.
"""

from __future__ import annotations

from iop.errors import LimitError, SchemaError
from iop.ledger.coeus_schema.format import is_url, is_url_reference
from iop.ledger.coeus_schema.keyword import KEYWORDS, compile_ref, encode_fragment, encode_name
from iop.ledger.coeus_schema.verdict import INVALID, MISSING
from iop.value import value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from iop.codec.json import Json
    from iop.ledger.coeus_schema.verdict import Check
    from iop.ledger.coeus_schema.work import Work

DEPTH_LIMIT = 300  # two interpreter frames each
TREE_LIMIT = 127  # levels of a schema, as of any JSON text

_CONTAINERS = frozenset(("properties", "patternProperties"))
_NOT_SCHEMAS = _CONTAINERS | {"dependencies", "definitions", "anyOf", "allOf", "oneOf"}
_FINAL = frozenset(("default", "enum", "required", "type"))
_BOOLEAN_LISTS = frozenset(("allOf", "anyOf", "items", "oneOf"))
_SILENT = frozenset(
    ("definitions", "$schema", "$id", "default", "title", "description", "format", "examples")
)


class Node:
    """A place in a schema: members by their encoded name, and the checks that a schema there makes."""

    __slots__ = ("checks", "reference", "target", "tree")

    def __init__(self) -> None:
        self.tree: dict[str, Node] = {}
        self.checks: list[Check] = []
        self.reference: str | None = None
        self.target: Node | None = self  # where a reference leads; None if nowhere


class Run:
    """One validation: the purse, and how many applications stand within one another."""

    __slots__ = ("depth", "work")

    def __init__(self, work: Work) -> None:
        self.work = work
        self.depth = 0

    def apply(self, node: Node | None, data: Json) -> int:
        """What a schema says of a value: 0 for yes, else `INVALID`, `MISSING` (something cannot be resolved) or both."""
        node = node and node.target
        if node is None:
            return MISSING
        checks = node.checks
        self.work.spend(1 + len(checks))
        self.depth += 1
        if self.depth > DEPTH_LIMIT:
            raise LimitError(f"schemas apply more than {DEPTH_LIMIT} levels within one another")
        flags = 0
        for check in checks:
            flags |= check(data, self)
        self.depth -= 1
        return flags


class Schema:
    """A schema that compiles."""

    __slots__ = ("_root",)

    def __init__(self, schema: Json, work: Work) -> None:
        """Raises SchemaError if the original refuses to compile the schema, LimitError if the purse is empty."""
        self._root = _Builder(work).build(schema)

    def is_valid(self, data: Json, work: Work) -> bool:
        """True if the data conform and everything that was asked could be resolved. Raises LimitError."""
        return Run(work).apply(self._root, data) == 0


@value
class _Place:
    """Where the walk through a schema stands: what is taken for a schema depends on names alone.

    key: name of the member that holds the value. base: what references are relative to. scoped: below an `$id` that is not the
    root's.
    """

    key: str
    is_schema: bool
    base: Node
    scoped: bool = False
    depth: int = 0


class _Builder:
    """Builds the tree of a schema, then ties its references."""

    def __init__(self, work: Work) -> None:
        self._work = work
        self._ids: dict[str, Node] = {}
        self._references: list[tuple[Node, Node]] = []

    def build(self, schema: Json) -> Node:
        """The root of the tree."""
        if isinstance(schema, bool):
            schema = _from_boolean(schema)
        if not isinstance(schema, dict):
            raise SchemaError("a schema is an object or a boolean")
        root = Node()
        own = schema.get("$id")
        if isinstance(own, str):
            if not is_url(own) or own.partition("#")[2]:
                raise SchemaError("$id has to be an absolute URL without a fragment")
            self._ids[own.removesuffix("#")] = root
        self._fill(root, schema, _Place("", True, root))
        for node, base in self._references:
            node.target = self._resolve(node.reference or "", base)
        for node, _ in self._references:
            _follow(node)
        return root

    def _fill(self, node: Node, value: Json, place: _Place) -> None:
        self._work.spend(1)
        if place.depth > TREE_LIMIT:
            raise SchemaError(f"a schema has at most {TREE_LIMIT} levels")
        key = place.key
        if isinstance(value, dict):
            base, scoped = self._enter(node, value, place)
            for name, member in value.items():
                if not isinstance(member, dict | list | bool):
                    continue
                if key not in _CONTAINERS and name in _FINAL:
                    continue
                is_schema = key in _CONTAINERS or name not in _NOT_SCHEMAS
                below = _Place(name, is_schema, base, scoped, place.depth + 1)
                self._add(node, name, member, below)
            if place.is_schema:
                self._compile(node, value, place)
        elif isinstance(value, list):
            for at, member in enumerate(value):
                if isinstance(member, dict | list) or (
                    isinstance(member, bool) and key in _BOOLEAN_LISTS
                ):
                    below = _Place(str(at), True, place.base, place.scoped, place.depth + 1)
                    self._add(node, str(at), member, below)

    def _add(self, parent: Node, name: str, value: Json, place: _Place) -> None:
        node = Node()
        parent.tree[encode_name(name)] = node
        self._fill(node, _from_boolean(value) if isinstance(value, bool) else value, place)

    def _enter(self, node: Node, value: dict[str, Json], place: _Place) -> tuple[Node, bool]:
        """Reads `$schema` and `$id`; base and scope of what lies below."""
        unchanged = place.base, place.scoped
        if not place.is_schema:
            return unchanged
        dialect = value.get("$schema")
        if isinstance(dialect, str) and not is_url(dialect):
            raise SchemaError("$schema has to be an absolute URL")
        own = value.get("$id")
        if place.depth == 0 or not isinstance(own, str):
            return unchanged
        if not is_url_reference(own):
            raise SchemaError("$id has to be a URL")
        if own in ("", "#"):
            return unchanged
        self._ids[own.removesuffix("#")] = node
        return node, True

    def _compile(self, node: Node, value: dict[str, Json], place: _Place) -> None:
        if "$ref" in value:
            node.reference = compile_ref(value["$ref"])
            self._references.append((node, place.base))
            return
        done = set()
        for name in value:
            compile_keyword = KEYWORDS.get(name)
            if compile_keyword is None:
                if name not in _SILENT:
                    raise SchemaError(f"unknown key: {name[:80]}")
            elif compile_keyword not in done:
                done.add(compile_keyword)
                check = compile_keyword(value, {} if place.scoped else node.tree, self._work)
                if check is not None:
                    node.checks.append(check)

    def _resolve(self, reference: str, base: Node) -> Node | None:
        place, _, fragment = reference.partition("#")
        if fragment and not fragment.startswith("/"):
            plain, slash, fragment = fragment.partition("/")
            place, fragment = f"{place}#{plain}", slash + fragment
        found: Node | None = base
        if place:
            found = self._ids.get(place)
        if fragment and found is not None:
            for part in fragment[1:].split("/"):
                found = found.tree.get(encode_fragment(part))
                if found is None:
                    break
        return found


def _from_boolean(value: bool) -> dict[str, Json]:
    return {} if value else {"not": {}}


def _follow(node: Node) -> None:
    """Shortens a chain of references to its end; one that ends nowhere, or in itself, is satisfied by nothing."""
    chain = [node]
    seen = {id(node)}
    while (end := chain[-1].target) is not None and end.reference is not None:
        if id(end) in seen:
            end = _NEVER
            break
        seen.add(id(end))
        chain.append(end)
    for passed in chain:
        passed.target = end


def _refuse(_data: Json, _run: Run) -> int:
    return INVALID | MISSING


_NEVER = Node()
_NEVER.checks.append(_refuse)
