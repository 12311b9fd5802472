"""Runners for the public standards' files about CBOR (RFC 8949)."""

from __future__ import annotations

from iop.codec import cbor
from iop.conform.case import compare, compare_refusal, compare_result
from iop.conform.standards_codec import check_file, list_cases

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from iop.conform.case import Case


def run_map_order(document: dict[str, Any]) -> Iterator[Case]:
    """Maps come out in the order of their encoded keys, however they went in."""
    yield from check_file(document, "deterministic_hex keys_in_order why")
    for label, case in list_cases(document):
        data = bytes.fromhex(case["deterministic_hex"])
        keys = [bytes.fromhex(key) for key in case["keys_in_order"]]
        yield compare_result(f"{label} keys", keys, _encode_keys, data)
        for turn in range(len(keys)):
            yield compare_result(f"{label} from another order {turn}", data, _reorder, data, turn)


def run_reject(document: dict[str, Any]) -> Iterator[Case]:
    """What a strict reader refuses, and what it takes."""
    yield from check_file(document, "hex deterministic reason")
    for label, case in list_cases(document):
        data = bytes.fromhex(case["hex"])
        if case["deterministic"]:
            yield compare_result(label, data, _rewrite, data)
        else:
            yield compare_refusal(label, cbor.parse_cbor, data)


def run_appendix_a(document: dict[str, Any]) -> Iterator[Case]:
    """The examples of RFC 8949: strict where they round trip, any well-formed encoding otherwise."""
    yield from check_file(document, "hex roundtrip decoded diagnostic")
    for label, case in list_cases(document):
        data = bytes.fromhex(case["hex"])
        stated = ("decoded" in case) != ("diagnostic" in case)
        yield compare(f"{label} stated", stated, expected=True)
        if "decoded" in case:
            yield compare_result(f"{label} value", _tell(case["decoded"]), _tell_data, data)
        if "diagnostic" in case:
            yield compare_result(f"{label} diagnostic", case["diagnostic"], _diagnose, data)
        if case["roundtrip"]:
            yield compare_result(f"{label} round trip", data, _rewrite, data)
        else:
            yield compare_refusal(f"{label} strictly", cbor.parse_cbor, data)


def encode_diagnostic(item: Any) -> str:
    """Diagnostic notation (RFC 8949 8) of scalars and tags."""
    if isinstance(item, cbor.Simple):
        return "undefined" if item == cbor.UNDEFINED else f"simple({item.number})"
    if isinstance(item, cbor.Tag):
        return f"{item.number}({encode_diagnostic(item.value)})"
    if isinstance(item, bytes):
        return f"h'{item.hex()}'"
    if isinstance(item, float):
        shown = repr(item)
        return {"inf": "Infinity", "-inf": "-Infinity", "nan": "NaN"}.get(shown, shown)
    return f'"{item}"' if isinstance(item, str) else repr(item)


def _rewrite(data: bytes) -> bytes:
    return cbor.encode_cbor(cbor.parse_cbor(data))


def _encode_keys(data: bytes) -> list[bytes]:
    return [cbor.encode_cbor(key) for key in cbor.parse_cbor(data)]


def _reorder(data: bytes, turn: int) -> bytes:
    pairs = list(cbor.parse_cbor(data).items())
    return cbor.encode_cbor(dict(reversed(pairs[turn:] + pairs[:turn])))


def _diagnose(data: bytes) -> str:
    return encode_diagnostic(cbor.parse_cbor(data, strict=False))


def _tell_data(data: bytes) -> Any:
    return _tell(cbor.parse_cbor(data, strict=False))


def _tell(found: Any) -> Any:
    """The value with each scalar's kind beside it: 1 is not 1.0, 0.0 not -0.0, true not 1."""
    if isinstance(found, dict):
        return [(name, _tell(member)) for name, member in found.items()]
    if isinstance(found, list):
        return [_tell(item) for item in found]
    return (type(found).__name__, repr(found))
