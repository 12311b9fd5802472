"""Strict JSON (RFC 8259) that keeps numbers as they were written.

Reading goes through CPython's own scanner, taken directly: importing the `json` package would load `re` as well, which costs
a filter a fifth of its start-up.
"""

from __future__ import annotations

from itertools import accumulate

from iop.codec.number import I64_MIN, U64_MAX, compute_double, encode_double
from iop.errors import DataError, DecodeError, LimitError

try:
    from _json import encode_basestring, make_scanner
except ImportError:  # an interpreter without the accelerator
    from json.decoder import JSONArray, JSONObject, scanstring  # type: ignore[attr-defined]
    from json.encoder import encode_basestring
    from json.scanner import make_scanner

    _PARTS = {"parse_object": JSONObject, "parse_array": JSONArray, "parse_string": scanstring}
else:
    _PARTS = {}

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, TypeAlias

    Json: TypeAlias = Any  # None, bool, int, Real, str, list and dict with str keys

DEEPEST = 127  # containers within one another, morpheus 6.1
encode_string: Callable[[str], str] = (
    encode_basestring  # escapes `"`, `\\`, below U+0020; adds quotes
)
_STEPS = bytes.maketrans(b"[{]}", b"\x01\x01\xff\xff")  # in, in, out, out as signed bytes
_NO_BRACKETS = bytes(set(range(256)) - set(b"[{]}"))
_BLANK = " \t\n\r"
_INTEGER_DIGITS = 18  # this many always fit an i64
_BITS_MAX = 4096  # of an integer; its digits stay below the interpreter's own limit
_LONGEST_INTEGER = 20  # characters of the longest i64 or u64


class Real(float):
    """A JSON number that is not an integer of 64 bits: a float that remembers its `text`."""

    __slots__ = ("text",)
    text: str

    def __new__(cls, text: str) -> Real:
        """The number of a JSON number text. Raises DecodeError when no double can hold it."""
        number = float(text)
        if number in (_INFINITY, -_INFINITY):
            # The original's reader rounds differently at the very edge (morpheus 6.2 (3)).
            number = compute_double(text)
        made = super().__new__(cls, number)
        made.text = text
        return made

    def __reduce__(self) -> tuple[type[Real], tuple[str]]:
        return Real, (self.text,)

    def __deepcopy__(self, _memo: object) -> Real:
        return self


_INFINITY = float("inf")


def _make_integer(text: str) -> int | Real:
    size = len(text)
    if size <= _INTEGER_DIGITS:
        return int(text) if text != "-0" else Real(text)
    if size <= _LONGEST_INTEGER and I64_MIN <= (number := int(text)) <= U64_MAX:
        return number
    return Real(text)


def _refuse_constant(text: str) -> None:
    raise DecodeError(f"{text} is not JSON")


def _make_object(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
    made = dict(pairs)
    if len(made) != len(pairs):
        seen: set[str] = set()
        for name, _ in pairs:
            if name in seen:
                raise DecodeError(f"member {name!r} occurs twice in one object")
            seen.add(name)
    return made


class _Scan:
    """What the scanner asks its owner for."""

    strict = True
    object_hook = None
    parse_float = Real
    parse_int = staticmethod(_make_integer)
    parse_constant = staticmethod(_refuse_constant)
    object_pairs_hook: Any = None


class _UniqueScan(_Scan):
    object_pairs_hook = staticmethod(_make_object)


def _make_scan(owner: Any) -> Callable[[str, int], tuple[Json, int]]:
    owner.memo = {}
    for name, part in _PARTS.items():
        setattr(owner, name, staticmethod(part))
    scan: Callable[[str, int], tuple[Json, int]] = make_scanner(owner())
    return scan


_scan = _make_scan(_Scan)
_scan_unique = _make_scan(_UniqueScan)


def parse_json(data: bytes | str, *, unique_names: bool = False) -> Json:
    """The value of a JSON text (RFC 8259; UTF-8, no byte order mark, no lone surrogates).

    Integers within i64 or u64 become int, every other number `Real`. Of equal names in an object the last wins, unless
    `unique_names` makes them an error. Raises DecodeError with line and column, LimitError beyond 127 levels of nesting.
    """
    if isinstance(data, str):
        text = data
        if not text.isascii():
            _check_text(text)
    else:
        try:
            text = str(data, "utf-8")
        except UnicodeDecodeError as exc:
            raise DecodeError(f"not UTF-8 at byte {exc.start}") from exc
    start = len(text) - len(text.lstrip(_BLANK))
    try:
        found, end = _scan_text(_scan_unique if unique_names else _scan, text, start)
    except StopIteration as exc:
        raise _report(text, exc.value, "expected a JSON value") from exc
    except RecursionError as exc:
        raise LimitError(f"recursion limit exceeded: more than {DEEPEST} levels") from exc
    except ValueError as exc:
        # JSONDecodeError, which cannot be named without importing the package it lives in.
        position = getattr(exc, "pos", 0)
        raise _report(text, position, str(getattr(exc, "msg", exc)).lower()) from exc
    if end != len(text) and text[end:].strip(_BLANK):
        raise _report(
            text, end + len(text[end:]) - len(text[end:].lstrip(_BLANK)), "trailing characters"
        )
    if text.count("[") + text.count("{") > DEEPEST:
        _check_depth(text)
    if "\\ud" in text or "\\uD" in text:
        _check_surrogates(text)
    return found


def _scan_text(
    scan: Callable[[str, int], tuple[Json, int]], text: str, start: int
) -> tuple[Json, int]:
    try:
        return scan(text, start)
    except SystemError:
        # The C scanner names its error after a module it expects to be loaded; only a broken text pays for loading it.
        import json.decoder  # noqa: F401

        return scan(text, start)


def encode_json(value: Json) -> str:
    """Compact JSON text: member order kept, nothing but the necessary escaped, numbers as written.

    A `Real` prints its text, another float its shortest digits (morpheus 6.2 (4)). Raises DataError: NaN, infinity, a name
    that is not a string, a type JSON does not have, a lone surrogate, more nesting than the interpreter can follow.
    """
    try:
        text = _encode(value)
    except RecursionError as exc:
        raise LimitError("value is nested too deeply") from exc
    if not text.isascii():
        _check_text(text)
    return text


def encode_plain(value: Json) -> str:
    """As `encode_json`, several times as fast, for what is made of dictionaries, lists, texts, i64 and None only.

    The caller vouches for that, and for texts without lone surrogates: other types come out as somebody else would write them.
    """
    return "".join(_plain_parts(value, 0))


def _encode(value: Json) -> str:
    kind = type(value)
    if kind is str:
        return encode_string(value)
    if isinstance(value, dict):
        try:
            members = [
                f"{encode_string(name)}:{encode_string(member) if type(member) is str else _encode(member)}"
                for name, member in value.items()
            ]
        except TypeError as exc:
            for name in value:
                if not isinstance(name, str):
                    what = type(name).__name__
                    raise DataError(f"a JSON member name must be a string, got {what}") from exc
            raise
        return "{" + ",".join(members) + "}"
    if isinstance(value, list | tuple):
        return "[" + ",".join([_encode(item) for item in value]) + "]"
    if value is None:
        return "null"
    if kind is bool:
        return "true" if value else "false"
    if isinstance(value, int):
        if value.bit_length() > _BITS_MAX:
            raise LimitError(f"integer of {value.bit_length()} bits is too large for JSON text")
        return int.__repr__(value)
    if kind is Real:
        return str(value.text)
    if isinstance(value, float):
        return encode_double(value)
    if isinstance(value, str):
        return encode_string(str(value))
    raise DataError(f"JSON has no {kind.__name__}")


def _make_plain_parts() -> Callable[[Json, int], tuple[str, ...]]:
    """CPython's own encoder: no reference check, no default, no indent, order kept, names not skipped, no NaN."""
    try:
        import _json
    except ImportError:
        return lambda value, _: (encode_json(value),)
    make: Any = _json.make_encoder
    parts: Callable[[Json, int], tuple[str, ...]] = make(
        None, None, encode_basestring, None, ":", ",", False, False, False
    )
    return parts


_plain_parts = _make_plain_parts()


def _check_text(text: str) -> None:
    try:
        text.encode()
    except UnicodeEncodeError as exc:
        raise _report(text, exc.start, "lone surrogate") from exc


# Both checks read the text and not the value: what a later equal name replaced has to be well-formed too.


def _check_depth(text: str) -> None:
    outside = "".join(text.replace("\\\\", "").replace('\\"', "").split('"')[::2])
    steps = outside.encode("ascii", "ignore").translate(_STEPS, _NO_BRACKETS)
    if max(accumulate(memoryview(steps).cast("b")), default=0) > DEEPEST:
        raise LimitError(f"recursion limit exceeded: more than {DEEPEST} levels")


def _check_surrogates(text: str) -> None:
    start = text.find("\\")
    while start >= 0:
        size = 2
        if text[start + 1] == "u":
            size = 6
            if (first := int(text[start + 2 : start + 6], 16)) & 0xF800 == 0xD800:
                size = 12
                tail = text[start + 6 : start + 12]
                paired = (
                    first < 0xDC00 and tail[:2] == "\\u" and int(tail[2:6], 16) & 0xFC00 == 0xDC00
                )
                if not paired:
                    raise _report(text, start, f"lone surrogate escape \\u{first:04x}")
        start = text.find("\\", start + size)


def _report(text: str, position: int, what: str) -> DecodeError:
    line = text.count("\n", 0, position) + 1
    column = position - text.rfind("\n", 0, position)
    return DecodeError(f"{what} at line {line} column {column}", line=line, column=column)
