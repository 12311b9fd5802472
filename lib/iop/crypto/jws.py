"""JSON Web Signatures (RFC 7515), compact and JSON serialisation, attached, detached and unencoded (RFC 7797).

Reading is strict: canonical base64url, unique header names, no unknown `crit`, `b64: false` only with `crit`. The algorithm is
chosen among those of the key (`iop.crypto.jwa`) and of the caller's list, never by the header alone; `none` does not exist.
"""

from __future__ import annotations

from iop.codec.base64 import encode_base64url, parse_base64url
from iop.codec.json import encode_json, parse_json
from iop.crypto import jwa
from iop.errors import DataError, DecodeError, LimitError, SchemaError, VerifyError
from iop.value import value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from iop.crypto.jwk import Jwk

LONGEST = 64 << 20  # characters of a whole signature text
LONGEST_HEADER = 1 << 16
MOST_SIGNATURES = 64
# Names that `crit` may not list, because every implementation knows them (RFC 7515 4.1.11).
_REGISTERED = frozenset(
    ("alg", "jku", "jwk", "kid", "x5u", "x5c", "x5t", "x5t#S256", "typ", "cty", "crit")
)
_UNDERSTOOD = frozenset(("b64",))


@value
class Jws:
    """One signature, parsed and not yet checked.

    `header` joins the protected and the unprotected members; `protected` is the protected part as it was transported and `payload`
    the bytes that were signed, decoded.
    """

    header: dict[str, Any]
    protected: str
    payload: bytes
    signature: bytes
    unencoded: bool = False

    @property
    def algorithm(self) -> str:
        """The `alg` the header claims."""
        name = self.header["alg"]
        assert isinstance(name, str)
        return name

    def encode_signed(self) -> bytes:
        """The octets under the signature (RFC 7515 5.1, RFC 7797 3)."""
        payload = self.payload if self.unencoded else encode_base64url(self.payload).encode()
        return self.protected.encode() + b"." + payload


def _parse_header(protected: str) -> dict[str, Any]:
    if len(protected) > LONGEST_HEADER:
        raise LimitError(
            f"a JWS header has at most {LONGEST_HEADER} characters, got {len(protected)}"
        )
    header = parse_json(parse_base64url(protected), unique_names=True) if protected else {}
    if not isinstance(header, dict):
        raise SchemaError(f"a JWS header is an object, got {type(header).__name__}")
    return header


def _check_header(protected: dict[str, Any], header: dict[str, Any]) -> bool:
    """True when the payload is unencoded. Raises SchemaError for headers that must not be read past."""
    if not isinstance(header.get("alg"), str) or not header["alg"]:
        raise SchemaError("a JWS header names its algorithm in 'alg'")
    if "crit" in header:
        critical = protected.get("crit")
        if not isinstance(critical, list) or not critical:
            raise SchemaError("'crit' of a JWS is a list that is protected and not empty")
        seen: set[str] = set()
        for name in critical:
            if not isinstance(name, str) or name in seen or name in _REGISTERED:
                raise SchemaError("'crit' of a JWS lists extension names, each once")
            if name not in _UNDERSTOOD:
                raise SchemaError(
                    f"'crit' of a JWS asks for {name[:32]!r}, which nobody here knows"
                )
            if name not in protected:
                raise SchemaError(f"'crit' of a JWS lists {name!r}, which is absent")
            seen.add(name)
    if "b64" not in header:
        return False
    encoded = protected.get("b64")
    if not isinstance(encoded, bool):
        raise SchemaError("'b64' of a JWS is true or false, and protected")
    if not encoded and "b64" not in protected.get("crit", ()):
        raise SchemaError("'b64' of a JWS is false without standing in 'crit'")
    return not encoded


def _take_payload(text: str | None, *, unencoded: bool, detached: bytes | None) -> bytes:
    if detached is not None:
        if text:
            raise DecodeError("a JWS with a payload of its own cannot take a detached one")
        return detached
    if text is None:
        raise DecodeError("a JWS without payload needs it from elsewhere")
    return text.encode() if unencoded else parse_base64url(text)


def parse_jws(text: str, *, payload: bytes | None = None) -> Jws:
    """The parts of a compact JWS `header.payload.signature` (RFC 7515 7.1), nothing verified.

    `payload` is the detached content (RFC 7515 appendix F); the middle part is then empty. Raises DataError (DecodeError,
    SchemaError, LimitError) when the text is not exactly of that form.
    """
    if len(text) > LONGEST:
        raise LimitError(f"a JWS has at most {LONGEST} characters, got {len(text)}")
    if not text.isascii():
        raise DecodeError("a compact JWS is ASCII")
    if text.count(".") != 2:
        raise DecodeError(f"a compact JWS has two dots, got {text.count('.')}")
    protected, middle, last = text.split(".")
    header = _parse_header(protected)
    unencoded = _check_header(header, header)
    content = _take_payload(middle, unencoded=unencoded, detached=payload)
    return Jws(header, protected, content, parse_base64url(last), unencoded)


def parse_jws_json(document: object, *, payload: bytes | None = None) -> tuple[Jws, ...]:
    """The signatures of a JWS in general or flattened JSON serialisation (RFC 7515 7.2), nothing verified.

    Raises DataError when the shape is another, the members of both forms are mixed, or a header name stands in both headers.
    """
    if not isinstance(document, dict):
        raise SchemaError(f"a JWS in JSON is an object, got {type(document).__name__}")
    flat = "signature" in document
    if flat == ("signatures" in document):
        raise SchemaError("a JWS in JSON has either 'signature' or 'signatures'")
    entries = [document] if flat else document["signatures"]
    if not isinstance(entries, list) or not 1 <= len(entries) <= MOST_SIGNATURES:
        raise SchemaError(f"'signatures' of a JWS is a list of 1..{MOST_SIGNATURES} objects")
    if not flat and not {"protected", "header"}.isdisjoint(document):
        raise SchemaError("a JWS with 'signatures' has its headers inside of them")
    content = document.get("payload")
    if content is not None and not isinstance(content, str):
        raise SchemaError("'payload' of a JWS is a text")
    parsed = tuple(_parse_entry(entry, content, payload) for entry in entries)
    if len({entry.unencoded for entry in parsed}) != 1:
        raise SchemaError("all signatures of a JWS agree on 'b64'")
    return parsed


def _parse_entry(entry: object, content: str | None, detached: bytes | None) -> Jws:
    if not isinstance(entry, dict):
        raise SchemaError(f"a signature of a JWS is an object, got {type(entry).__name__}")
    protected, last, open_header = (
        entry.get("protected", ""),
        entry.get("signature"),
        entry.get("header", {}),
    )
    if not isinstance(protected, str) or not isinstance(last, str):
        raise SchemaError("'protected' and 'signature' of a JWS are texts")
    if not isinstance(open_header, dict):
        raise SchemaError("'header' of a JWS is an object")
    header = _parse_header(protected)
    if not header.keys().isdisjoint(open_header):
        raise SchemaError("a header name of a JWS stands both protected and unprotected")
    joined = header | open_header
    unencoded = _check_header(header, joined)
    data = _take_payload(content, unencoded=unencoded, detached=detached)
    return Jws(joined, protected, data, parse_base64url(last), unencoded)


def is_valid(jws: Jws, key: Jwk, *, algorithms: Sequence[str] = jwa.PROFILE) -> bool:
    """True when the signature is the key's, with an algorithm that both the key and `algorithms` allow."""
    if jws.algorithm not in algorithms:
        return False
    return jwa.is_valid(jws.algorithm, key, jws.encode_signed(), jws.signature)


def check_jws(
    text: str,
    key: Jwk,
    *,
    payload: bytes | None = None,
    algorithms: Sequence[str] = jwa.PROFILE,
) -> Jws:
    """The parts of a compact JWS whose signature holds. DataError when it does not parse, VerifyError when it is wrong."""
    jws = parse_jws(text, payload=payload)
    if not is_valid(jws, key, algorithms=algorithms):
        raise VerifyError("the JWS is not signed by this key with an allowed algorithm")
    return jws


def sign_jws(
    key: Jwk,
    payload: bytes,
    header: dict[str, Any] | None = None,
    *,
    algorithm: str = "",
    detached: bool = False,
) -> str:
    """A compact JWS. `header` holds further protected members; `alg` comes first and defaults to the key's first algorithm.

    `b64: false` in the header signs the payload as it stands (RFC 7797); attached it must then be text without a dot.
    DataError when the key cannot sign, SchemaError when the header is one that `parse_jws` would refuse.
    """
    names = jwa.list_algorithms(key)
    if not names:
        raise DataError(f"a {key.kind} key signs nothing")
    members: dict[str, Any] = {"alg": algorithm or names[0], **(header or {})}
    if algorithm and members["alg"] != algorithm:
        raise SchemaError("'alg' of the header differs from the algorithm asked for")
    unencoded = _check_header(members, members)
    protected = encode_base64url(encode_json(members).encode())
    jws = Jws(members, protected, payload, b"", unencoded)
    signature = encode_base64url(jwa.sign(jws.algorithm, key, jws.encode_signed()))
    middle = "" if detached else _encode_payload(payload, unencoded=unencoded)
    return f"{protected}.{middle}.{signature}"


def _encode_payload(payload: bytes, *, unencoded: bool) -> str:
    if not unencoded:
        return encode_base64url(payload)
    # Printable ASCII without the dot (RFC 7797 5.2): everything else has to travel detached.
    if not all(0x20 <= byte < 0x7F and byte != 0x2E for byte in payload):
        raise DataError("an unencoded payload with dots or control characters travels detached")
    return payload.decode("ascii")
