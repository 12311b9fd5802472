"""What a request may ask for, judged as the original's validator judges it and refused in its words (Joi 15).

A `Rule` takes a value (text from a query string or path, or a JSON value from a body) and gives what it means; it raises `Unfit`
with a reason for each thing that is wrong. `check_members` judges a whole object by the rules of its members: the first member that
does not fit is told, in the order of the rules; unknown members are told all at once. `shape_of` tells a rule as JSON Schema.
"""

from __future__ import annotations

import re

from iop.codec.jcs import encode_number
from iop.codec.json import parse_json
from iop.errors import DecodeError, LimitError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

    from iop.codec.json import Json

    Rule = Callable[[Json, str], Any]
    Rules = Mapping[str, Rule]

_HEX = frozenset("0123456789abcdefABCDEF")
_DIGITS = frozenset("0123456789")
_ALPHANUMERIC = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789")
_NAME = frozenset("abcdefghijklmnopqrstuvwxyz0123456789!@$&_.")
_MAX_SAFE = 2**53 - 1
# as ECMA-262 reads \s and \d
_NUMBER = re.compile(
    r"[\s\ufeff]*([+-]?[0-9]+(?:\.[0-9]+)?(?:e([+-]?[0-9]+))?)[\s\ufeff]*", re.IGNORECASE
)
_LONGEST_NUMBER = 400  # characters; longer ones are not safe numbers anyhow
_INFINITY = float("inf")
_ZEROS = re.compile(r"^(-?)0+([1-9])")
_POINT_ZEROS = re.compile(r"\.0+$")
_EXPONENT_ZEROS = re.compile(r"\.?0+e")


def shaped(shape: dict[str, Any]) -> Callable[[Rule], Rule]:
    """Note on a rule what it takes, as JSON Schema."""

    def note(rule: Rule) -> Rule:
        rule.iop_shape = shape  # type: ignore[attr-defined]
        return rule

    return note


def shape_of(rule: Rule) -> dict[str, Any]:
    """What a rule takes, as JSON Schema."""
    shape: dict[str, Any] = rule.iop_shape  # type: ignore[attr-defined]
    return shape


class Unfit(Exception):  # noqa: N818 - it is a verdict, not a fault of ours
    """A value that does not fit: the validator's reasons, one or several."""

    def __init__(self, *reasons: str) -> None:
        super().__init__(*reasons)
        self.reasons = reasons


def check_members(
    given: Mapping[str, Json], rules: Rules, defaults: Mapping[str, Json] | None = None
) -> dict[str, Any]:
    """The values of an object's members, in the order they were given; defaults come last. Raises Unfit."""
    fit: dict[str, Any] = dict(given)
    for name, rule in rules.items():
        if name in given:
            try:
                fit[name] = rule(given[name], name)
            except Unfit as unfit:
                reasons = ", ".join(unfit.reasons)
                raise Unfit(f'child "{name}" fails because [{reasons}]') from None
        elif defaults is not None and name in defaults:
            fit[name] = defaults[name]
    unknown = [f'"{name}" is not allowed' for name in given if name not in rules]
    if unknown:
        raise Unfit(*unknown)
    return fit


def shape_of_members(rules: Rules) -> dict[str, Any]:
    """What `check_members` takes, as JSON Schema."""
    members = {name: shape_of(rule) for name, rule in rules.items()}
    return {"type": "object", "properties": members, "additionalProperties": False}


def number(
    least: int | None = None,
    most: int | None = None,
    *,
    positive: bool = False,
    whole: bool = True,
    digits: int | None = None,
) -> Rule:
    """A number between two limits. digits: rounded to so many after the point."""
    limits = {"minimum": least, "maximum": most, "exclusiveMinimum": 0 if positive else None}
    shape: dict[str, Any] = {"type": "integer" if whole else "number"}

    @shaped(shape | {name: limit for name, limit in limits.items() if limit is not None})
    def rule(given: Json, label: str) -> int | float:
        found = _read_number(given, label)
        if digits is not None and isinstance(found, float):
            found = _tidy(_round(found * 10**digits) / 10**digits)
        if whole and not isinstance(found, int):
            raise Unfit(f'"{label}" must be an integer')
        if positive and found <= 0:
            raise Unfit(f'"{label}" must be a positive number')
        if least is not None and found < least:
            raise Unfit(f'"{label}" must be larger than or equal to {least}')
        if most is not None and found > most:
            raise Unfit(f'"{label}" must be less than or equal to {most}')
        return found

    return rule


def one_of(*valid: int | str) -> Rule:
    """One of some values; a number among them may be given as text."""
    listed = ", ".join(str(item) for item in valid)
    only_text = all(isinstance(item, str) for item in valid)

    @shaped({"enum": list(valid)})
    def rule(given: Json, label: str) -> int | str:
        if isinstance(given, str) and given in valid:
            return given
        found = _read_text(given, label) if only_text else _read_number(given, label)
        if found not in valid:
            raise Unfit(f'"{label}" must be one of [{listed}]')
        return found  # type: ignore[return-value]

    return rule


@shaped({"type": "boolean"})
def flag(given: Json, label: str) -> bool:
    """True or false."""
    if isinstance(given, bool):
        return given
    word = given.lower() if isinstance(given, str) else ""
    if word not in ("true", "false"):
        raise Unfit(f'"{label}" must be a boolean')
    return word == "true"


def text(
    *,
    hexadecimal: bool = False,
    alphanumeric: bool = False,
    name: bool = False,
    slug: bool = False,
    size: int | None = None,
    most: int | None = None,
    most_bytes: int | None = None,
) -> Rule:
    """Text that is not empty, of an alphabet, of a size or up to one (in UTF-16 units, or in bytes of UTF-8)."""
    letters = {"[0-9a-fA-F]": hexadecimal, "[0-9a-zA-Z]": alphanumeric, "[a-z0-9!@$&_.]": name}
    alphabet = next((found for found, asked in letters.items() if asked), "")
    alphabet = alphabet or ("[0-9a-zA-Z_-]" if slug else "")
    shape: dict[str, Any] = {"type": "string", "minLength": size or 1}
    shape |= {"pattern": f"^{alphabet}+$"} if alphabet else {}
    longest = size or most or most_bytes

    @shaped(shape | ({} if longest is None else {"maxLength": longest}))
    def rule(given: Json, label: str) -> str:
        found = _read_text(given, label)
        if alphanumeric and not _ALPHANUMERIC.issuperset(found):
            raise Unfit(f'"{label}" must only contain alpha-numeric characters')
        if hexadecimal and not _HEX.issuperset(found):
            raise Unfit(f'"{label}" must only contain hexadecimal characters')
        for asked, alphabet, pattern in (
            (name, _NAME, "/^[a-z0-9!@$&_.]+$/"),
            (slug, _ALPHANUMERIC | {"_", "-"}, "/^[a-zA-Z0-9_-]+$/"),
        ):
            if asked and not alphabet.issuperset(found):
                raise Unfit(
                    f'"{label}" with value "{found}" fails to match the required pattern: {pattern}'
                )
        units = _count_units(found)
        if size is not None and units != size:
            raise Unfit(f'"{label}" length must be {size} characters long')
        limit, length = (most, units) if most_bytes is None else (most_bytes, _count_bytes(found))
        if limit is not None and length > limit:
            raise Unfit(f'"{label}" length must be less than or equal to {limit} characters long')
        return found

    return rule


def any_of(*rules: Rule) -> Rule:
    """The first rule that fits; the reasons of all when none does."""

    @shaped({"anyOf": [shape_of(each) for each in rules]})
    def rule(given: Json, label: str) -> Any:
        reasons: list[str] = []
        for each in rules:
            try:
                return each(given, label)
            except Unfit as unfit:
                reasons += unfit.reasons
        raise Unfit(*reasons)

    return rule


@shaped({"type": "string", "pattern": "^[0-9]{1,20}$"})
def height_text(given: Json, label: str) -> str:
    """Up to 20 decimal digits: a height, or an id of the original's first blocks."""
    found = _read_text(given, label)
    if len(found) > 20:
        raise Unfit(f'"{label}" length must be less than or equal to 20 characters long')
    if not _DIGITS.issuperset(found):
        raise Unfit(
            f'"{label}" with value "{found}" fails to match the decimal non-negative integer pattern'
        )
    return found


@shaped({"type": "string", "pattern": "^[0-9a-fA-F]{64}$"})
def block_id_text(given: Json, label: str) -> str:
    """64 hex digits."""
    found = _read_text(given, label)
    if _count_units(found) != 64:
        raise Unfit(f'"{label}" length must be 64 characters long')
    if not _HEX.issuperset(found):
        raise Unfit(f'"{label}" must only contain hexadecimal characters')
    return found


@shaped({"anyOf": [{"type": "string", "format": form} for form in ("ipv4", "ipv6")]})
def ip(given: Json, label: str) -> str:
    """An address of IPv4 or IPv6, with or without the length of its network."""
    import ipaddress

    found = _read_text(given, label)
    try:
        ipaddress.ip_interface("" if "%" in found else found)
    except ValueError:
        raise Unfit(f'"{label}" must be a valid ip address with a optional CIDR') from None
    return found


def order_by(*fields: str) -> Rule:
    """`field:asc` or `field:desc` as (field, is descending). What is no text at all is told to match the format."""

    @shaped(
        {"enum": [f"{field}:{way}" for field in dict.fromkeys(fields) for way in ("asc", "desc")]}
    )
    def rule(given: Json, label: str) -> tuple[str, bool]:
        parts = given.split(":") if isinstance(given, str) else []
        if len(parts) != 2:
            raise Unfit(f'"{label}" needs to match format <iteratee>:<direction>')
        if parts[1] not in ("asc", "desc"):
            raise Unfit(f'"{label}" needs to have a direction of either "asc" or "desc"')
        if parts[0] not in fields:
            listed = ", ".join(fields)
            raise Unfit(f'"{label}" needs to have an iteratee included in: [{listed}]')
        return parts[0], parts[1] == "desc"

    return rule


def between(limit: Rule) -> Rule:
    """An object of `from` and `to`, both optional."""
    rules = {"from": limit, "to": limit}

    @shaped(shape_of_members(rules))
    def rule(given: Json, label: str) -> dict[str, Any]:
        return check_members(object_of(given, label), rules)

    return rule


@shaped({"type": "object"})
def object_of(given: Json, label: str) -> dict[str, Json]:
    """A JSON object, also as text."""
    if isinstance(given, str) and given.lstrip()[:1] == "{":
        given = _reparse(given)
    if not isinstance(given, dict):
        raise Unfit(f'"{label}" must be an object')
    return given


def list_of(item: Rule, most: int) -> Rule:
    """A JSON array of 1 to `most` different values, also as text."""
    shape = {"type": "array", "items": shape_of(item), "minItems": 1, "maxItems": most}

    @shaped(shape | {"uniqueItems": True})
    def rule(given: Json, label: str) -> list[Any]:
        if isinstance(given, str) and given.lstrip()[:1] == "[":
            given = _reparse(given)
        if not isinstance(given, list):
            raise Unfit(f'"{label}" must be an array')
        found: list[Any] = []
        for place, each in enumerate(given):
            try:
                found.append(item(each, str(place)))
            except Unfit as unfit:
                reasons = ", ".join(unfit.reasons)
                raise Unfit(f'"{label}" at position {place} fails because [{reasons}]') from None
        known = set()
        for place, each in enumerate(found):
            if each in known:
                raise Unfit(f'"{label}" position {place} contains a duplicate value')
            known.add(each)
        if not found:
            raise Unfit(f'"{label}" must contain at least 1 items')
        if len(found) > most:
            raise Unfit(f'"{label}" must contain less than or equal to {most} items')
        return found

    return rule


def _read_text(given: Json, label: str) -> str:
    if not isinstance(given, str):
        raise Unfit(f'"{label}" must be a string')
    if not given:
        raise Unfit(f'"{label}" is not allowed to be empty')
    return given


def _read_number(given: Json, label: str) -> int | float:
    """A number that a double holds exactly. Text whose digits a double would print otherwise is not safe."""
    found: int | float
    if isinstance(given, str):
        match = _NUMBER.fullmatch(given)
        if match is None:
            raise Unfit(f'"{label}" must be a number')
        written = match[1]
        if len(written) > _LONGEST_NUMBER or not _is_exact(written, match[2]):
            raise Unfit(f'"{label}" must be a safe number')
        found = _tidy(float(written))
    elif isinstance(given, int | float) and not isinstance(given, bool):
        found = _tidy(given)
    else:
        raise Unfit(f'"{label}" must be a number')
    if abs(found) > _MAX_SAFE:
        raise Unfit(f'"{label}" must be a safe number')
    return found


def _is_exact(written: str, exponent: str | None) -> bool:
    """Whether a double, printed as ECMA-262 prints it, gives the text back (zeros that say nothing aside)."""
    double = float(written)
    if "e" in written and exponent is not None:
        try:
            shown = f"{_show(double / 10.0 ** int(exponent))}e{exponent}"
        except (OverflowError, ZeroDivisionError):
            return False
        return _trim_exponent(shown) == _trim_exponent(written)
    return _show(double) == _trim_decimal(written)


def _show(double: float) -> str:
    if double in (_INFINITY, -_INFINITY) or double != double:  # noqa: PLR0124 - NaN
        return "NaN"
    return encode_number(double)


def _trim_decimal(written: str) -> str:
    written = _ZEROS.sub(r"\1\2", _POINT_ZEROS.sub("", written.removeprefix("+"), count=1), count=1)
    return written.rstrip("0") if "." in written else written


def _trim_exponent(written: str) -> str:
    written = _EXPONENT_ZEROS.sub("e", written, count=1).replace("e+", "e", 1).removeprefix("+")
    return _ZEROS.sub(r"\1\2", written, count=1)


def _tidy(found: float) -> int | float:
    """A whole number as int: there is but one kind of number where these rules come from."""
    whole = int(found)
    return whole if whole == found else found


def _round(found: float) -> int:
    """To the nearest whole number, halves up."""
    import math

    return math.floor(found + 0.5)


def _count_units(found: str) -> int:
    return len(found) if found.isascii() else len(found.encode("utf-16-le", "surrogatepass")) // 2


def _count_bytes(found: str) -> int:
    return len(found.encode(errors="replace"))


def _reparse(given: str) -> Json:
    try:
        return parse_json(given)
    except (DecodeError, LimitError):
        return given
