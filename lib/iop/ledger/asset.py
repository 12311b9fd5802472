"""Assets of the layer-2 kinds as bytes.

A Morpheus asset travels as the JSON text that ECMAScript writes after reading it: members in the order they came (whole
numbers as names first), numbers as doubles print there. It must be ASCII, because the original node writes the length in
bytes and reads it back in characters (morpheus 16.5). A Coeus asset travels in canonical form (morpheus ch. 18).
"""

from __future__ import annotations

from iop.codec.canonical import encode_canonical
from iop.codec.json import Real, encode_json, parse_json
from iop.errors import DecodeError, LimitError
from iop.value import remember

TYPE_CHECKING = False
if TYPE_CHECKING:
    from iop.codec.json import Json
    from iop.did.operation import BeforeProof, Signed
    from iop.ledger.wire import Transaction

    Attempts = tuple[BeforeProof | Signed, ...]

MAX_BYTES = 2**20  # the original reader's limit, morpheus 16.4
_SAFE = 2**53  # integers up to here are doubles exactly
_MAX_INDEX = 2**32 - 2  # the largest ECMAScript array index


def encode_morpheus(asset: Json) -> bytes:
    """UTF-8 of the text ECMAScript would write. Raises DataError, LimitError beyond 1 MiB. Non-ASCII is left in."""
    data = encode_json(normalize_asset(asset)).encode()
    if len(data) > MAX_BYTES:
        raise LimitError(f"asset of at most {MAX_BYTES} bytes expected, got {len(data)}")
    return data


def parse_morpheus(data: bytes) -> Json:
    """The asset of such bytes. Raises DecodeError: not JSON, not an object, not ASCII; LimitError beyond 1 MiB."""
    if len(data) > MAX_BYTES:
        raise LimitError(f"asset of at most {MAX_BYTES} bytes expected, got {len(data)}")
    check_ascii(data)
    return parse_json(data)


def check_ascii(data: bytes) -> None:
    """Raises DecodeError, in the words of the original node, when an asset's bytes are not all ASCII."""
    if not data.isascii():
        units = len(data.decode(errors="replace").encode("utf-16-le")) // 2
        raise DecodeError(f"Unexpected non-whitespace character after JSON at position {units}")


def attempts_of(tx: Transaction) -> Attempts:
    """What a Morpheus transaction tries on the DID registry, read once. Raises SchemaError, DecodeError."""
    from iop.did.operation import parse_asset

    found: Attempts | None = getattr(tx, "attempts", None)
    if found is None:
        found = parse_asset(tx.asset)
        remember(tx, "attempts", found)
    return found


def encode_coeus(asset: Json) -> bytes:
    """Canonical bytes. Raises DataError, LimitError beyond 1 MiB."""
    data = encode_canonical(asset).encode()
    if len(data) > MAX_BYTES:
        raise LimitError(f"asset of at most {MAX_BYTES} bytes expected, got {len(data)}")
    return data


def parse_coeus(data: bytes) -> Json:
    """The asset of canonical bytes. Raises DecodeError for anything that is not its own canonical form, LimitError."""
    from iop.ledger.coeus.bundle import asset_to_record, parse_asset

    return asset_to_record(parse_asset(data))


def normalize_coeus(asset: Json) -> Json:
    """The record of a Coeus asset as its bytes hold it: unknown members gone. Raises DataError with the original's text."""
    from iop.ledger.coeus.bundle import asset_from_record, asset_to_record

    return asset_to_record(asset_from_record(normalize_asset(asset)))


def normalize_asset(node: Json) -> Json:
    """What JSON.parse followed by JSON.stringify leaves of a value: numbers become doubles, index names come first."""
    if isinstance(node, dict):
        out = {name: normalize_asset(member) for name, member in node.items()}
        if any(_is_index(name) for name in out):
            indexes = sorted((name for name in out if _is_index(name)), key=int)
            out = {name: out[name] for name in [*indexes, *(n for n in out if not _is_index(n))]}
        return out
    if isinstance(node, list | tuple):
        return [normalize_asset(item) for item in node]
    if isinstance(node, float) or (isinstance(node, int) and not -_SAFE <= node <= _SAFE):
        number = float(node)
        return (
            int(number)
            if number.is_integer() and abs(number) <= _SAFE
            else Real(encode_number(number))
        )
    return node


def encode_number(number: float) -> str:
    """ECMAScript's text of a finite double (ECMA-262, Number::toString)."""
    if number == 0:
        return "0"
    sign = "-" if number < 0 else ""
    mantissa, _, exponent = repr(abs(number)).partition("e")
    whole, _, fraction = mantissa.partition(".")
    point = len(whole) + int(exponent or "0")
    digits = whole + fraction
    point -= len(digits) - len(digits.lstrip("0"))
    digits = digits.strip("0")
    size = len(digits)
    if size <= point <= 21:
        return sign + digits + "0" * (point - size)
    if 0 < point <= 21:
        return f"{sign}{digits[:point]}.{digits[point:]}"
    if -6 < point <= 0:
        return f"{sign}0.{'0' * -point}{digits}"
    tail = f".{digits[1:]}" if size > 1 else ""
    return f"{sign}{digits[0]}{tail}e{'+' if point > 0 else '-'}{abs(point - 1)}"


def _is_index(name: str) -> bool:
    if not (name.isascii() and name.isdigit() and len(name) <= 10):
        return False
    return (name == "0" or name[0] != "0") and int(name) <= _MAX_INDEX
