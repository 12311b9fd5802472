"""A small JSON-schema judge that stops at the first fault and words it as the original node's validator does.

Schemas are plain data in the subset the transaction forms use; the words of a fault (`data.amount should pass "bignumber"
keyword validation`) reach users through the pool's answers, so they are kept. Inside `anyOf` the faults of all branches are
listed before the one of `anyOf` itself.
"""

from __future__ import annotations

from iop.codec.json import encode_json
from iop.ledger.integer import parse_integer, show
from iop.value import value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from iop.codec.json import Json

    Schema = dict[str, Any]
    Rule = Callable[[Any, Schema, Any, str, Any, "Context"], list[str]]

MAX_BIGNUMBER = 2**63 - 1
# By identity: schemas are constants. The schema stands beside its plan so that the identity stays its own.
_PLANS: dict[int, tuple[Schema, tuple[tuple[Rule, Any], ...]]] = {}


@value
class Context:
    """What keywords look at beside the data: address byte, vendor field bytes and payments allowed, named schemas."""

    byte: int
    vendor_length: int
    payment_limit: int
    definitions: dict[str, Schema]


def find_faults(schema: Schema, data: Json, context: Context) -> list[str]:
    """The first fault of `data` in words (several when alternatives failed), or an empty list."""
    return _judge(schema, data, "data", None, context)


def _judge(schema: Schema, data: Json, path: str, parent: Json, context: Context) -> list[str]:
    expected = schema.get("type")
    if expected is not None and not _is_type(expected, data):
        shown = expected if isinstance(expected, str) else ",".join(expected)
        faults = [f"{path} should be {shown}"]
        # alternatives are judged to the end of the first group of keywords, and text has none of its own here
        if expected == "string" and "const" in schema:
            faults += _const(schema["const"], schema, data, path, parent, context)
        if expected == "string" and "enum" in schema:
            faults += _enum(schema["enum"], schema, data, path, parent, context)
        return faults
    for rule, argument in _plan(schema):
        faults = rule(argument, schema, data, path, parent, context)
        if faults:
            return faults
    return []


def _plan(schema: Schema) -> tuple[tuple[Rule, Any], ...]:
    """The schema's rules and their arguments in the order of evaluation, worked out once."""
    planned = _PLANS.get(id(schema))
    if planned is None:
        plan = tuple(
            (rule, schema[keyword]) for keyword, rule in _RULES.items() if keyword in schema
        )
        planned = _PLANS[id(schema)] = (schema, plan)
    return planned[1]


def _is_type(expected: str | tuple[str, ...], data: Json) -> bool:
    if isinstance(expected, tuple):
        return any(_is_type(each, data) for each in expected)
    if expected in ("number", "integer"):
        is_number = isinstance(data, int | float) and not isinstance(data, bool)
        return is_number and (expected == "number" or data == int(data))
    return isinstance(data, _TYPES[expected])


_TYPES: dict[str, Any] = {
    "string": str,
    "object": dict,
    "array": list,
    "boolean": bool,
    "null": type(None),
}


def _is_number(data: Json) -> bool:
    return isinstance(data, int | float) and not isinstance(data, bool)


def _maximum(limit: Any, _: Schema, data: Json, path: str, parent: Json, __: Any) -> list[str]:
    if callable(limit):
        limit = limit(parent)
    if limit is None or not _is_number(data) or data <= limit:
        return []
    return [f"{path} should be <= {limit}"]


def _minimum(limit: Any, _: Schema, data: Json, path: str, __: Json, ___: Any) -> list[str]:
    return [f"{path} should be >= {limit}"] if _is_number(data) and data < limit else []


def _max_length(limit: Any, _: Schema, data: Json, path: str, __: Json, ___: Any) -> list[str]:
    is_longer = isinstance(data, str) and len(data) > limit
    return [f"{path} should NOT be longer than {limit} characters"] if is_longer else []


def _min_length(limit: Any, _: Schema, data: Json, path: str, __: Json, ___: Any) -> list[str]:
    is_shorter = isinstance(data, str) and len(data) < limit
    return [f"{path} should NOT be shorter than {limit} characters"] if is_shorter else []


def _pattern(pattern: Any, _: Schema, data: Json, path: str, __: Json, ___: Any) -> list[str]:
    """A pattern is its text, for the message, and a predicate that does the same."""
    text, matches = pattern
    if not isinstance(data, str) or matches(data):
        return []
    return [f'{path} should match pattern "{text}"']


def _vendor(name: Any, _: Schema, data: Json, path: str, __: Json, context: Context) -> list[str]:
    is_longer = isinstance(data, str) and len(data.encode()) > context.vendor_length
    return [f'{path} should match format "{name}"'] if is_longer else []


def _max_items(limit: Any, _: Schema, data: Json, path: str, parent: Json, __: Any) -> list[str]:
    if callable(limit):
        limit = limit(parent)
    if limit is None or not isinstance(data, list) or len(data) <= limit:
        return []
    return [f"{path} should NOT have more than {limit} items"]


def _min_items(limit: Any, _: Schema, data: Json, path: str, parent: Json, __: Any) -> list[str]:
    if callable(limit):
        limit = limit(parent)
    if limit is None or not isinstance(data, list) or (_is_number(limit) and len(data) >= limit):
        return []
    return [f"{path} should NOT have fewer than {show(limit)} items"]


def _items(inner: Any, _: Schema, data: Json, path: str, __: Json, context: Context) -> list[str]:
    if isinstance(data, list):
        for index, item in enumerate(data):
            faults = _judge(inner, item, f"{path}[{index}]", data, context)
            if faults:
                return faults
    return []


def _unique(wanted: Any, _: Schema, data: Json, path: str, __: Json, ___: Any) -> list[str]:
    if not (wanted and isinstance(data, list)):
        return []
    last: dict[str, int] = {}
    twin = None
    for index, item in enumerate(data):
        text = encode_json(item)
        if text in last:
            twin = last[text], index
        last[text] = index
    if twin is None:
        return []
    return [
        f"{path} should NOT have duplicate items (items ## {twin[0]} and {twin[1]} are identical)"
    ]


def _required(names: Any, schema: Schema, data: Json, path: str, __: Json, ___: Any) -> list[str]:
    """Names that `properties` describes are missed there, in its order and without the dot."""
    if isinstance(data, dict):
        described = schema.get("properties", {})
        for name in names:
            if name not in described and name not in data:
                return [f"{path} should have required property '.{name}'"]
    return []


def _properties(
    inner: Any, schema: Schema, data: Json, path: str, __: Json, context: Context
) -> list[str]:
    if not isinstance(data, dict):
        return []
    required = schema.get("required", ())
    for name, sub in inner.items():
        if name in data:
            faults = _judge(sub, data[name], f"{path}.{name}", data, context)
            if faults:
                return faults
        elif name in required:
            return [f"{path} should have required property '{name}'"]
    return []


def _ref(name: Any, _: Schema, data: Json, path: str, parent: Json, context: Context) -> list[str]:
    return _judge(context.definitions[name], data, path, parent, context)


def _const(wanted: Any, _: Schema, data: Json, path: str, __: Json, ___: Any) -> list[str]:
    return [] if _is_same(data, wanted) else [f"{path} should be equal to constant"]


def _enum(wanted: Any, _: Schema, data: Json, path: str, __: Json, ___: Any) -> list[str]:
    if any(_is_same(data, each) for each in wanted):
        return []
    return [f"{path} should be equal to one of the allowed values"]


def _is_same(data: Json, wanted: Json) -> bool:
    return bool(data == wanted) and isinstance(data, bool) == isinstance(wanted, bool)


def _any_of(
    branches: Any, _: Schema, data: Json, path: str, parent: Json, context: Context
) -> list[str]:
    faults: list[str] = []
    for branch in branches:
        found = _judge(branch, data, path, parent, context)
        if not found:
            return []
        faults += found
    return [*faults, f"{path} should match some schema in anyOf"]


def _one_of(
    branches: Any, _: Schema, data: Json, path: str, parent: Json, context: Context
) -> list[str]:
    faults: list[str] = []
    passed = 0
    for branch in branches:
        found = _judge(branch, data, path, parent, context)
        faults += found
        passed += not found
        if passed > 1:
            break
    return [] if passed == 1 else [*faults, f"{path} should match exactly one schema in oneOf"]


def _all_of(
    branches: Any, _: Schema, data: Json, path: str, parent: Json, context: Context
) -> list[str]:
    for branch in branches:
        faults = _judge(branch, data, path, parent, context)
        if faults:
            return faults
    return []


def _if(
    clauses: Any, _: Schema, data: Json, path: str, parent: Json, context: Context
) -> list[str]:
    """Condition, what holds then, what holds else."""
    condition, then, otherwise = clauses
    holds = not _judge(condition, data, path, parent, context)
    return _judge(then if holds else otherwise, data, path, parent, context)


def _bignumber(limits: Any, _: Schema, data: Json, path: str, __: Json, ___: Any) -> list[str]:
    is_given = bool(data) or data == [] or (data == 0 and data is not False)
    number = parse_integer(data) if is_given else None
    if number is not None and limits["minimum"] <= number <= limits.get("maximum", MAX_BIGNUMBER):
        return []
    return [f'{path} should pass "bignumber" keyword validation']


def _network(
    wanted: Any, _: Schema, data: Json, path: str, __: Json, context: Context
) -> list[str]:
    if wanted and _is_same(data, context.byte):
        return []
    return [f'{path} should pass "network" keyword validation']


def _transaction_type(
    wanted: Any, _: Schema, data: Json, path: str, parent: Json, context: Context
) -> list[str]:
    is_right = _is_same(data, wanted)
    payments = None
    if data == 6 and (not parent.get("typeGroup") or parent["typeGroup"] == 1):
        asset = parent.get("asset")
        payments = asset.get("payments") if isinstance(asset, dict) else None
    if payments or payments in ([], {}):
        is_right = isinstance(payments, list | str) and len(payments) <= context.payment_limit
    return [] if is_right else [f'{path} should pass "transactionType" keyword validation']


# In the order in which the original's validator evaluates them.
_RULES: dict[str, Rule] = {
    "maximum": _maximum,
    "minimum": _minimum,
    "maxLength": _max_length,
    "minLength": _min_length,
    "pattern": _pattern,
    "format": _vendor,
    "maxItems": _max_items,
    "minItems": _min_items,
    "items": _items,
    "uniqueItems": _unique,
    "required": _required,
    "properties": _properties,
    "$ref": _ref,
    "const": _const,
    "enum": _enum,
    "anyOf": _any_of,
    "oneOf": _one_of,
    "allOf": _all_of,
    "if": _if,
    "bignumber": _bignumber,
    "network": _network,
    "transactionType": _transaction_type,
}


def to_json_schema(schema: Any) -> Any:
    """A schema of ours as JSON Schema with the original's keywords; what only code can say is left out."""
    if isinstance(schema, dict):
        shown = {name: to_json_schema(part) for name, part in schema.items()}
        return {name: part for name, part in shown.items() if part is not None}
    if (
        isinstance(schema, tuple) and schema and callable(schema[-1])
    ):  # a pattern and what judges it
        return schema[0] if isinstance(schema[0], str) else None
    if isinstance(schema, list | tuple):
        return [to_json_schema(part) for part in schema]
    return None if callable(schema) else schema
