"""The keywords that look at one value and at no sub-schema: kinds, bounds, lists of values, patterns, formats (morpheus 18)."""

from __future__ import annotations

from math import fmod, isinf

from iop.codec.base64 import parse_base64
from iop.codec.json import parse_json
from iop.errors import DataError, DecodeError, SchemaError
from iop.ledger.coeus_schema.format import FORMATS
from iop.ledger.coeus_schema.likeness import (
    compute_double,
    compute_likeness,
    compute_top_likeness,
    is_integer,
    is_number,
)
from iop.ledger.coeus_schema.pattern import Pattern
from iop.ledger.coeus_schema.verdict import INVALID

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from iop.codec.json import Json
    from iop.ledger.coeus_schema.schema import Run
    from iop.ledger.coeus_schema.verdict import Check, Compiler, Members, Tree
    from iop.ledger.coeus_schema.work import Work

_EPSILON = 2.0**-52  # of a double
_COUNT_MAX = (1 << 64) - 1

_KINDS: dict[str, Callable[[Json], bool]] = {
    "array": lambda data: isinstance(data, list),
    "boolean": lambda data: isinstance(data, bool),
    "integer": is_integer,
    "null": lambda data: data is None,
    "number": is_number,
    "object": lambda data: isinstance(data, dict),
    "string": lambda data: isinstance(data, str),
}
_COUNTED: dict[str, type] = {"Items": list, "Length": str, "Properties": dict}


def compile_type(members: Members, _tree: Tree, _work: Work) -> Check | None:
    """`type`: a kind or a list of kinds."""
    names = members["type"]
    if isinstance(names, str):
        names = [names]
    if not isinstance(names, list) or not names:
        raise SchemaError("malformed type")
    if not all(isinstance(name, str) and name in _KINDS for name in names):
        raise SchemaError("malformed type")
    kinds = [_KINDS[name] for name in dict.fromkeys(names)]
    return lambda data, _run: 0 if any(is_kind(data) for is_kind in kinds) else INVALID


def compile_enum(members: Members, _tree: Tree, work: Work) -> Check | None:
    """`enum`: one of the values."""
    values = members["enum"]
    if not isinstance(values, list) or not values:
        raise SchemaError("malformed enum")
    return _make_choice(values, work)


def compile_const(members: Members, _tree: Tree, work: Work) -> Check | None:
    """`const`: the value."""
    return _make_choice([members["const"]], work)


def _make_choice(values: list[Json], work: Work) -> Check:
    choices: set[str | float] = set()
    for value in values:
        likeness = compute_top_likeness(value)
        work.spend(_measure(likeness))
        choices.add(likeness)

    def check(data: Json, run: Run) -> int:
        likeness = compute_top_likeness(data)
        run.work.spend(_measure(likeness))
        return 0 if likeness in choices else INVALID

    return check


def _measure(likeness: str | float) -> int:
    return 1 + len(likeness) // 8 if isinstance(likeness, str) else 1


def make_limit(keyword: str) -> Compiler:
    """The compiler of `maximum`, `minimum` and their exclusive forms; numbers compare as doubles."""
    upper = keyword.endswith("aximum")
    strict = keyword.startswith("exclusive")

    def compile_limit(members: Members, _tree: Tree, _work: Work) -> Check | None:
        if not is_number(members[keyword]):
            raise SchemaError(f"malformed {keyword}")
        bound = compute_double(members[keyword])

        def check(data: Json, _run: Run) -> int:
            if not is_number(data):
                return 0
            number = compute_double(data)
            if number == bound:
                return INVALID if strict else 0
            return 0 if (number < bound) is upper else INVALID

        return check

    return compile_limit


def make_count(keyword: str) -> Compiler:
    """The compiler of `maxItems`, `minLength` and the like; lengths of texts are characters."""
    upper = keyword.startswith("max")
    kind = _COUNTED[keyword[3:]]

    def compile_count(members: Members, _tree: Tree, _work: Work) -> Check | None:
        bound = members[keyword]
        if not is_integer(bound) or bound < 0:
            raise SchemaError(f"malformed {keyword}")
        size = min(int(bound), _COUNT_MAX)

        def check(data: Json, _run: Run) -> int:
            if not isinstance(data, kind) or len(data) == size:  # type: ignore[arg-type]
                return 0
            return 0 if (len(data) < size) is upper else INVALID  # type: ignore[arg-type]

        return check

    return compile_count


def compile_multiple(members: Members, _tree: Tree, _work: Work) -> Check | None:
    """`multipleOf`, on doubles; the original's test for fractions lets every negative remainder pass."""
    factor = members["multipleOf"]
    if not is_number(factor) or factor <= 0:
        raise SchemaError("malformed multipleOf")
    step = compute_double(factor)

    def check(data: Json, _run: Run) -> int:
        if not is_number(data):
            return 0
        number = compute_double(data)
        if number.is_integer() and step.is_integer():
            return 0 if fmod(number, step) == 0 else INVALID
        ratio = number / step
        if isinf(ratio):
            return INVALID
        return 0 if fmod(ratio, 1.0) < _EPSILON else INVALID

    return check


def compile_required(members: Members, _tree: Tree, _work: Work) -> Check | None:
    """`required`: names of members that have to be there."""
    names = members["required"]
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise SchemaError("malformed required")

    def check(data: Json, run: Run) -> int:
        if not isinstance(data, dict):
            return 0
        run.work.spend(len(names))
        return 0 if all(name in data for name in names) else INVALID

    return check


def compile_unique(members: Members, _tree: Tree, _work: Work) -> Check | None:
    """`uniqueItems`: no two items alike."""
    if not isinstance(members["uniqueItems"], bool):
        raise SchemaError("malformed uniqueItems")
    if not members["uniqueItems"]:
        return None

    def check(data: Json, run: Run) -> int:
        if not isinstance(data, list):
            return 0
        seen = set()
        for item in data:
            likeness = compute_likeness(item)
            run.work.spend(_measure(likeness))
            seen.add(likeness)
        return 0 if len(seen) == len(data) else INVALID

    return check


def compile_pattern(members: Members, _tree: Tree, work: Work) -> Check | None:
    """`pattern`: an expression found somewhere in the text."""
    text = members["pattern"]
    if not isinstance(text, str):
        raise SchemaError("malformed pattern")
    pattern = compile_expression(text, work)
    return lambda data, run: (
        0 if not isinstance(data, str) or pattern.is_found(data, run.work) else INVALID
    )


def compile_expression(text: str, work: Work) -> Pattern:
    """The pattern of a text. Raises SchemaError: not an expression, or one that is not understood; LimitError."""
    try:
        return Pattern(text, work)
    except DecodeError as exc:
        raise SchemaError(exc.message) from exc


def compile_format(members: Members, _tree: Tree, _work: Work) -> Check | None:
    """`format`: a form that texts have to have; unknown ones ask nothing."""
    name = members["format"]
    if not isinstance(name, str):
        raise SchemaError("malformed format")
    has_form = FORMATS.get(name)
    if has_form is None:
        return None

    def check(data: Json, run: Run) -> int:
        if not isinstance(data, str):
            return 0
        run.work.spend(1 + len(data) // 4)
        return 0 if has_form(data) else INVALID

    return check


def compile_content(members: Members, _tree: Tree, _work: Work) -> Check | None:
    """`contentEncoding` base64 and `contentMediaType` application/json; there are no others."""
    encoding = members.get("contentEncoding", "base64")
    media = members.get("contentMediaType", "application/json")
    if encoding != "base64" or media != "application/json":
        raise SchemaError("malformed contentEncoding or contentMediaType")

    def check(data: Json, run: Run) -> int:
        if not isinstance(data, str):
            return 0
        run.work.spend(1 + len(data) // 4)
        try:
            if "contentEncoding" in members:
                data = str(parse_base64(data), "utf-8")
            if "contentMediaType" in members:
                parse_json(data)
        except (DataError, UnicodeDecodeError):
            return INVALID
        return 0

    return check
