"""Bearer tokens signed by a multicipher key (morpheus 15).

`base64url(header).base64url(claims).base64url(signature text)` without padding; the header names the key, the claims hold
expiry, start and a content id. A token says that its key was there, nothing about rights.
"""

from __future__ import annotations

from iop.claim.shape import (
    DROPPED,
    OMITTED,
    Member,
    Shape,
    describe,
    read_record,
    read_text,
    refuse,
)
from iop.claim.signed import Signer
from iop.codec.base64 import encode_base64url, parse_base64url
from iop.codec.json import encode_json, parse_json
from iop.errors import DataError, DecodeError, LimitError, SchemaError, VerifyError
from iop.keys.multicipher import PublicKey, SecretKey, is_valid, parse_public_key, parse_signature
from iop.value import value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from iop.codec.json import Json

ALGORITHM = "Multicipher"
TIME_TO_LIVE = 300  # seconds
OLD_LEEWAY_MS = 60_000  # what releases up to 0.0.14 forgave on both sides
LONGEST = 1 << 20  # characters: a content id may be a whole request body
_FARTHEST = 8_210_298_412_799  # seconds: the last year the original's calendar knows
_EARLIEST = -8_334_632_851_200


@value
class Token:
    """What a valid token says. Times are whole seconds since 1970; `content_id` is any text, or None."""

    public: PublicKey
    created_at: int
    time_to_live: int
    content_id: str | None = None


def sign_token(
    secret: SecretKey | Signer,
    now_ms: int,
    content_id: str | None = None,
    time_to_live: int = TIME_TO_LIVE,
) -> str:
    """A token that starts now (milliseconds since 1970, cut to the second) and lives that many seconds."""
    signer = secret if isinstance(secret, Signer) else Signer(secret)
    start = now_ms // 1000
    claims: dict[str, Json] = {"exp": start + time_to_live, "nbf": start}
    if content_id is not None:
        claims["jti"] = content_id
    header = {"alg": ALGORITHM, "kid": str(signer.public)}
    signed = ".".join(encode_base64url(encode_json(part).encode()) for part in (header, claims))
    signature = str(signer.sign(signed.encode()))
    return f"{signed}.{encode_base64url(signature.encode())}"


def parse_token(text: str, now_ms: int, *, old_peer: bool = False, strict: bool = True) -> Token:
    """What a token says, after its signature and its times were checked.

    old_peer: forgive 60 s on both sides and take base64 with padding or stray last bits, as releases up to 0.0.14 did.
    strict: the stricter rule for ed25519 signatures (`iop.keys.multicipher.is_valid`).
    Raises DecodeError or SchemaError for what does not parse and VerifyError for a wrong signature or time, in the order and
    with the texts of the original (without line and column); LimitError beyond 2^20 characters.
    """
    if len(text) > LONGEST:
        raise LimitError(f"token of {len(text)} characters, at most {LONGEST}")
    parts = text.split(".", 3)
    if len(parts) != 3:
        raise DecodeError("Invalid token structure")
    decoded = [_parse_part(part, lenient=old_peer) for part in parts]
    header = _parse_header(decoded[0])
    if header.get("kid") is None:
        raise SchemaError("Publickey is missing from JWT kid header")
    public = parse_public_key(header["kid"])
    if header["alg"] != ALGORITHM:
        raise SchemaError(
            f"Token algorithm ({header['alg'][:80]}) differs from expected ({ALGORITHM})"
        )
    try:
        signature = parse_signature(str(decoded[2], "utf-8"))
    except (DataError, UnicodeDecodeError) as exc:
        raise DecodeError(f"Malformed token signature: {exc}") from exc
    if not is_valid(public, text.rpartition(".")[0].encode(), signature, strict=strict):
        raise VerifyError("Signature has failed verification")
    claims = _parse_claims(decoded[1])
    leeway = OLD_LEEWAY_MS if old_peer else 0
    expiry = _expect(claims, "exp")
    if now_ms - leeway > expiry * 1000:
        raise VerifyError("Token has expired")
    start = _expect(claims, "nbf")
    if now_ms + leeway < start * 1000:
        raise VerifyError("Token is not yet ready")
    return Token(public, start, expiry - start, claims.get("jti"))


def _parse_part(text: str, *, lenient: bool) -> bytes:
    try:
        if lenient:
            text = text.rstrip("=")
            if len(text) % 4 > 1:
                text = _clear_stray_bits(text)
        return parse_base64url(text)
    except DataError as exc:
        raise DecodeError("invalid base64 decoding") from exc


def _clear_stray_bits(text: str) -> str:
    """The text with the bits of its last digit that belong to no byte set to zero."""
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    place = alphabet.find(text[-1])
    keep = 0x30 if len(text) % 4 == 2 else 0x3C
    return text if place < 0 else text[:-1] + alphabet[place & keep]


def _read_seconds(given: Json) -> int:
    if not isinstance(given, int) or isinstance(given, bool):
        raise refuse(given, "UTC timestamp")
    if not _EARLIEST <= given <= _FARTHEST:
        raise SchemaError(f"invalid value: {describe(given)}, expected UTC timestamp")
    return given


_HEADER = Shape(
    "CompleteHeader",
    (
        Member("alg", read_text),
        Member("cty", read_text, DROPPED),
        Member("jku", read_text, DROPPED),
        Member("kid", read_text, DROPPED),
        Member("x5u", read_text, DROPPED),
        Member("typ", read_text, DROPPED),
    ),
)
_CLAIMS = Shape(
    "Claims",
    (
        Member("exp", _read_seconds, OMITTED),
        Member("nbf", _read_seconds, OMITTED),
        Member("iat", _read_seconds, OMITTED),
        Member("jti", read_text, DROPPED),
    ),
)


def _parse_header(data: bytes) -> dict[str, Any]:
    try:
        header = read_record(_HEADER, parse_json(data, unique_names=True))
    except DataError as exc:
        raise DecodeError(f"Malformed token header: {exc}") from exc
    # The crate of the original also knows CBOR claims; only JSON is written by anybody.
    if header.get("cty") is not None and header["cty"].lower() != "json":
        raise SchemaError(f"Unsupported content type: {header['cty'][:80]}")
    return header


def _parse_claims(data: bytes) -> dict[str, Any]:
    try:
        return read_record(_CLAIMS, parse_json(data, unique_names=True))
    except DataError as exc:
        raise DecodeError(f"Cannot deserialize claims: {exc}") from exc


def _expect(claims: dict[str, Any], name: str) -> int:
    if name not in claims:
        raise SchemaError(f"Claim `{name}` requested during validation is not present in the token")
    seconds: int = claims[name]
    return seconds
