"""JSON Schema over hostile schemas and hostile data, in bounded time.

The `jsonschema` package judges, in the dialect that `$schema` names (drafts 3, 4, 6, 7, 2019-09, 2020-12; the last by default).
A schema from strangers could keep it busy for ever, so: references are resolved inside the schema and in the published
meta-schemas, never fetched; patterns go to `iop.claim.pattern`, which is linear; uniqueness is decided by a set, not by pairs;
every keyword that is tried and every pattern that is compiled costs steps from a budget; what is nested too deeply is refused.
`format` is not judged.
With `iop.ledger.coeus_schema` it shares patterns only: that judges one draft as the original does, this the drafts as published.
`unevaluatedItems` and `unevaluatedProperties` are refused, as is a dialect that is not known. A nested `$schema` is ignored.
"""

from __future__ import annotations

from iop.claim.pattern import Pattern
from iop.codec.json import encode_json
from iop.errors import LimitError, SchemaError
from iop.value import value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any

    from iop.codec.json import Json

MAX_STEPS = 200_000  # keyword trials, plus one for every 1024 characters a trial may look at
MAX_FAULTS = 20
_SHOWN = 80  # characters of a demand in a fault
_PLAIN = ("type", "enum", "const")  # what a schema of unwrapped values demands
WRAPPED = "for {nonce, value}"  # how such a fault ends
_LOOKED = 1024
_COMPILED = 16  # steps of a pattern's program that are made for one step of the budget


@value
class Fault:
    """Where data breaks a schema: path (`.a.b.0`), keyword, and what it demands. The data itself is not repeated."""

    path: str
    keyword: str
    reason: str


class Schema:
    """A compiled schema. Not for use by two threads at once: the budget of the running check lives here."""

    __slots__ = ("_left", "_patterns", "_sizes", "_validator")

    def __init__(self, schema: Json) -> None:
        """Raises SchemaError for what is no schema of its dialect or not understood, LimitError for one too costly."""
        if not isinstance(schema, dict | bool):
            raise SchemaError("a JSON schema is an object, true or false")
        self._patterns: dict[str, Pattern] = {}
        self._sizes: dict[int, int] = {}
        self._left = MAX_STEPS
        dialect = _find_dialect(schema)
        bounded = self._bound(dialect)
        faults = self._check(bounded(dialect.META_SCHEMA), schema)
        if faults:
            raise SchemaError(
                f"no valid JSON schema: at {faults[0].path or 'its root'}, {faults[0].reason}"
            )
        self._validator = bounded(schema)

    def find_faults(self, data: Json) -> list[Fault]:
        """The first faults of the data, at most 20; none if it conforms.

        Raises SchemaError for a reference that leads nowhere or outside, LimitError when the budget is used up.
        """
        return self._check(self._validator, data)

    def _check(self, validator: Any, data: Json) -> list[Fault]:
        from referencing.exceptions import (
            CannotDetermineSpecification,
            NoSuchResource,
            Unresolvable,
        )

        self._left = MAX_STEPS
        faults: list[Fault] = []
        try:
            self._sizes = _measure(data)
            for error in validator.iter_errors(data):
                faults.append(_describe(error))
                if len(faults) >= MAX_FAULTS:
                    break
        except RecursionError as exc:
            raise LimitError("the schema nests or refers too deeply") from exc
        except (Unresolvable, NoSuchResource, CannotDetermineSpecification) as exc:
            raise SchemaError("a reference of the schema leads nowhere; none is fetched") from exc
        except ValueError as exc:  # identifiers that are no URI
            raise SchemaError("an identifier or reference of the schema is no URI") from exc
        finally:
            self._sizes = {}
        return faults

    def _spend(self, steps: int) -> None:
        self._left -= steps
        if self._left < 0:
            raise LimitError(f"the schema takes more than {MAX_STEPS} steps on this data")

    def _cost(self, instance: Json) -> int:
        if isinstance(instance, str):
            return 1 + len(instance) // _LOOKED
        if isinstance(instance, dict | list):
            return 1 + self._sizes.get(id(instance), 0) // _LOOKED
        return 1

    def _compile(self, text: str) -> Pattern:
        pattern = self._patterns.get(text)
        if pattern is None:
            pattern = self._patterns[text] = Pattern(text)
            self._spend(pattern.size() // _COMPILED)
        return pattern

    def _bound(self, dialect: Any) -> Any:
        """The dialect's validator class with every keyword counted and the dangerous ones replaced."""
        import attrs
        from jsonschema import validators
        from jsonschema_specifications import REGISTRY

        own: dict[str, Callable[..., Iterator[Any]]] = {
            "pattern": self._judge_pattern,
            "patternProperties": self._judge_pattern_properties,
            "additionalProperties": self._judge_additional,
            "uniqueItems": _judge_unique,
            "unevaluatedItems": _refuse_keyword,
            "unevaluatedProperties": _refuse_keyword,
        }
        counted = {
            name: self._count(own.get(name, judge)) for name, judge in dialect.VALIDATORS.items()
        }
        bounded: Any = validators.extend(dialect, validators=counted)  # type: ignore[no-untyped-call]

        # The stock method turns to another, unbounded class where a sub-schema names a dialect.
        def evolve(validator: Any, **changes: Any) -> Any:
            return attrs.evolve(validator, **changes)

        bounded.evolve = evolve
        return lambda schema: bounded(schema, registry=REGISTRY)

    def _count(self, judge: Callable[..., Any]) -> Callable[..., Any]:
        def counted(validator: Any, demand: Any, instance: Any, schema: Any) -> Any:
            self._spend(self._cost(instance))
            return judge(validator, demand, instance, schema)

        return counted

    def _judge_pattern(
        self, _validator: Any, demand: str, instance: Json, _schema: Any
    ) -> Iterator[Any]:
        from jsonschema.exceptions import ValidationError

        if isinstance(instance, str) and not self._compile(demand).is_found(instance, self._spend):
            yield ValidationError("pattern")

    def _judge_pattern_properties(
        self, validator: Any, demand: dict[str, Any], instance: Json, _schema: Any
    ) -> Iterator[Any]:
        if isinstance(instance, dict):
            for text, schema in demand.items():
                pattern = self._compile(text)
                for name, item in instance.items():
                    if pattern.is_found(name, self._spend):
                        yield from validator.descend(item, schema, path=name, schema_path=text)

    def _judge_additional(
        self, validator: Any, demand: Any, instance: Json, schema: Any
    ) -> Iterator[Any]:
        from jsonschema.exceptions import ValidationError

        if not isinstance(instance, dict):
            return
        known = schema.get("properties", {})
        patterns = [self._compile(text) for text in schema.get("patternProperties", {})]
        for name, item in instance.items():
            if name in known or any(p.is_found(name, self._spend) for p in patterns):
                continue
            if isinstance(demand, dict):
                yield from validator.descend(item, demand, path=name)
            elif demand is False:
                yield ValidationError("additionalProperties")


def _find_dialect(schema: dict[str, Json] | bool) -> Any:
    from jsonschema import validators

    name = schema.get("$schema") if isinstance(schema, dict) else None
    if name is None:
        return validators.Draft202012Validator
    dialects = (
        validators.Draft3Validator,
        validators.Draft4Validator,
        validators.Draft6Validator,
        validators.Draft7Validator,
        validators.Draft201909Validator,
        validators.Draft202012Validator,
    )
    for dialect in dialects:
        known = dialect.META_SCHEMA
        if isinstance(name, str) and name.rstrip("#") == (known.get("$id") or known["id"]).rstrip(
            "#"
        ):
            return dialect
    raise SchemaError(f"the dialect {str(name)[:_SHOWN]!r} of the JSON schema is not known")


def _refuse_keyword(_validator: Any, _demand: Any, _instance: Any, _schema: Any) -> Iterator[Any]:
    raise SchemaError("unevaluatedItems and unevaluatedProperties are not understood")


def _judge_unique(_validator: Any, demand: Any, instance: Json, _schema: Any) -> Iterator[Any]:
    from jsonschema.exceptions import ValidationError

    if demand is True and isinstance(instance, list):
        seen: set[object] = set()
        for item in instance:
            mark = _make_mark(item)
            if mark in seen:
                yield ValidationError("uniqueItems")
                return
            seen.add(mark)


def _make_mark(item: Json) -> object:
    """A hashable that is equal exactly for equal JSON values: 1 and 1.0 are equal, 1 and true are not."""
    if isinstance(item, dict):
        return ("map", frozenset((name, _make_mark(part)) for name, part in item.items()))
    if isinstance(item, list):
        return ("list", tuple(_make_mark(part) for part in item))
    return ("bool", item) if isinstance(item, bool) else item


def _measure(data: Json) -> dict[int, int]:
    """The rough size in characters of every container, by identity. RecursionError for what is nested too deeply."""
    sizes: dict[int, int] = {}

    def measure(item: Json) -> int:
        if isinstance(item, str):
            return len(item) + 2
        if isinstance(item, dict):
            sizes[id(item)] = sum(len(name) + 4 + measure(part) for name, part in item.items()) + 2
        elif isinstance(item, list):
            sizes[id(item)] = sum(2 + measure(part) for part in item) + 2
        else:
            return 8
        return sizes[id(item)]

    measure(data)
    return sizes


def _describe(error: Any) -> Fault:
    path = "".join(f".{part}" for part in error.absolute_path)
    if error.validator is None:
        return Fault(path, "false", "nothing is allowed here")
    keyword = str(error.validator)
    try:
        demand = encode_json(error.validator_value)
    except LimitError:
        demand = "…"
    shown = f" {demand}" if len(demand) <= _SHOWN else ""
    instance = error.instance
    if keyword in _PLAIN and isinstance(instance, dict) and instance.keys() == {"nonce", "value"}:
        return Fault(path, keyword, f"{keyword}{shown} does not hold {WRAPPED}")
    return Fault(path, keyword, f"{keyword}{shown} does not hold")
