"""JSON Web Encryption (RFC 7516) addressed to an elliptic key: reading what others send, ECDH-ES alone or with AES key wrap.

Algorithms: ECDH-ES, ECDH-ES+A128KW, +A192KW, +A256KW (RFC 7518 4.6, X25519 and X448 by RFC 8037 3.2); content in A128GCM, A192GCM, A256GCM,
A128CBC-HS256, A192CBC-HS384, A256CBC-HS512 (RFC 7518 5). Compressed content (`zip`) is refused. Nothing here encrypts.
"""

from __future__ import annotations

from iop.codec.base64 import parse_base64url
from iop.codec.json import parse_json
from iop.crypto import nist, secp256k1, x25519
from iop.crypto.hash import sha256
from iop.crypto.jwk import Jwk, from_record
from iop.errors import DataError, DecodeError, LimitError, SchemaError, VerifyError
from iop.value import value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

LONGEST = 64 << 20  # characters of a whole text
LONGEST_HEADER = 1 << 16
# Content encryption → bytes of its key.
CONTENT = {
    "A128GCM": 16,
    "A192GCM": 24,
    "A256GCM": 32,
    "A128CBC-HS256": 32,
    "A192CBC-HS384": 48,
    "A256CBC-HS512": 64,
}
# Key management → bytes of the wrapping key, 0 when the agreed key is the content key itself.
MANAGEMENT = {"ECDH-ES": 0, "ECDH-ES+A128KW": 16, "ECDH-ES+A192KW": 24, "ECDH-ES+A256KW": 32}


@value
class Jwe:
    """An encrypted message to one recipient, parsed; `ad` are the octets its tag covers besides the content."""

    header: dict[str, Any]
    encrypted_key: bytes
    nonce: bytes
    sealed: bytes
    tag: bytes
    ad: bytes


def parse_jwe(text: str) -> Jwe:
    """The parts of a compact JWE (RFC 7516 7.1). DataError when the text is not of that form."""
    if len(text) > LONGEST:
        raise LimitError(f"a JWE has at most {LONGEST} characters, got {len(text)}")
    parts = text.split(".")
    if len(parts) != 5:
        raise DecodeError(f"a compact JWE has four dots, got {len(parts) - 1}")
    protected = parts[0]
    key, nonce, sealed, tag = (parse_base64url(part) for part in parts[1:])
    return Jwe(_parse_header(protected), key, nonce, sealed, tag, protected.encode("ascii"))


def parse_jwe_json(document: object) -> Jwe:
    """The parts of a JWE to one recipient in general or flattened JSON serialisation (RFC 7516 7.2). DataError otherwise."""
    if not isinstance(document, dict):
        raise SchemaError(f"a JWE in JSON is an object, got {type(document).__name__}")
    recipient = document
    if "recipients" in document:
        given = document["recipients"]
        if not isinstance(given, list) or len(given) != 1 or not isinstance(given[0], dict):
            raise SchemaError("'recipients' of a JWE is a list of one object here")
        if "encrypted_key" in document or "header" in document:
            raise SchemaError("a JWE with 'recipients' has its keys inside of them")
        recipient = given[0]
    protected = _take(document, "protected")
    header = _parse_header(protected, {})
    for extra in (document.get("unprotected", {}), recipient.get("header", {})):
        if not isinstance(extra, dict) or not header.keys().isdisjoint(extra):
            raise SchemaError("the headers of a JWE are objects without common names")
        header = header | extra
    _check_header(header)
    aad = _take(document, "aad")
    parse_base64url(aad)
    return Jwe(
        header,
        parse_base64url(_take(recipient, "encrypted_key")),
        parse_base64url(_take(document, "iv")),
        parse_base64url(_take(document, "ciphertext")),
        parse_base64url(_take(document, "tag")),
        f"{protected}.{aad}".encode() if "aad" in document else protected.encode(),
    )


def _take(record: dict[str, Any], name: str) -> str:
    given = record.get(name, "")
    if not isinstance(given, str) or len(given) > LONGEST or not given.isascii():
        raise SchemaError(f"{name!r} of a JWE is ASCII text of at most {LONGEST} characters")
    return given


def _parse_header(protected: str, absent: dict[str, Any] | None = None) -> dict[str, Any]:
    if len(protected) > LONGEST_HEADER:
        raise LimitError(f"a JWE header has at most {LONGEST_HEADER} characters")
    if not protected and absent is not None:
        return absent
    header = parse_json(parse_base64url(protected), unique_names=True)
    if not isinstance(header, dict):
        raise SchemaError(f"a JWE header is an object, got {type(header).__name__}")
    if absent is None:
        _check_header(header)
    return header


def _check_header(header: dict[str, Any]) -> None:
    if "crit" in header or "zip" in header:
        raise SchemaError("a JWE with 'crit' or 'zip' is not read here")
    for name, known in (("alg", MANAGEMENT), ("enc", CONTENT)):
        given = header.get(name)
        if not isinstance(given, str) or given not in known:
            raise SchemaError(f"{name!r} of a JWE is one of {', '.join(known)}")


def compute_content_key(jwe: Jwe, key: Jwk) -> bytes:
    """The content encryption key: agreed, and unwrapped where the header says so.

    `key` holds the recipient's secret. DataError when header and key do not fit, VerifyError when the wrapped key is not for it.
    """
    if key.secret is None or not key.may("deriveKey"):
        raise DataError("reading a JWE takes the secret of a key for agreement")
    ephemeral = from_record(jwe.header.get("epk"))
    if ephemeral.kind != key.kind:
        raise DataError(f"a JWE for a {ephemeral.kind} key was given one of {key.kind}")
    shared = _agree(key.kind, key.secret, ephemeral.public)
    algorithm, content = jwe.header["alg"], jwe.header["enc"]
    wrapping = MANAGEMENT[algorithm]
    if not wrapping:
        if jwe.encrypted_key:
            raise DecodeError("a JWE by direct agreement has an empty encrypted key")
        return _derive(jwe, shared, content, CONTENT[content])
    from cryptography.hazmat.primitives.keywrap import InvalidUnwrap, aes_key_unwrap

    kek = _derive(jwe, shared, algorithm, wrapping)
    try:
        found = aes_key_unwrap(kek, jwe.encrypted_key)
    except (InvalidUnwrap, ValueError) as exc:
        raise VerifyError("the JWE is not for this key") from exc
    if len(found) != CONTENT[content]:
        raise DecodeError(f"{content} takes a key of {CONTENT[content]} bytes, got {len(found)}")
    return found


def _agree(kind: str, secret: bytes, public: bytes) -> bytes:
    if kind == "X25519":
        return x25519.compute_shared(secret, public)
    if kind == "X448":
        from iop.crypto import curve448

        return curve448.compute_shared(secret, public)
    if kind == "secp256k1":
        return secp256k1.compute_shared(secret, public)
    if kind in nist.WIDTHS:
        return nist.compute_shared(kind, secret, public)
    raise DataError(f"a key of {kind} agrees on nothing")


def _derive(jwe: Jwe, shared: bytes, name: str, size: int) -> bytes:
    """Concat KDF of NIST SP 800-56A with SHA-256, its inputs as RFC 7518 4.6.2 frames them."""
    parts = [name.encode()]
    for party in ("apu", "apv"):
        given = jwe.header.get(party, "")
        if not isinstance(given, str):
            raise SchemaError(f"{party!r} of a JWE is a text")
        parts.append(parse_base64url(given))
    info = b"".join(len(part).to_bytes(4, "big") + part for part in parts)
    info += (8 * size).to_bytes(4, "big")
    rounds = range(1, (size + 31) // 32 + 1)
    return b"".join(sha256(n.to_bytes(4, "big") + shared + info) for n in rounds)[:size]


def decrypt_jwe(jwe: Jwe, key: Jwk) -> bytes:
    """The plain text. VerifyError when the message was tampered with or is for another key, DataError when it is malformed."""
    content_key = compute_content_key(jwe, key)
    if "GCM" in jwe.header["enc"]:
        return _open_gcm(jwe, content_key)
    return _open_cbc(jwe, content_key)


def _open_gcm(jwe: Jwe, key: bytes) -> bytes:
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    if (len(jwe.nonce), len(jwe.tag)) != (12, 16):
        raise DecodeError(
            f"GCM takes 12 bytes of nonce and 16 of tag, got {len(jwe.nonce)} and {len(jwe.tag)}"
        )
    try:
        return AESGCM(key).decrypt(jwe.nonce, jwe.sealed + jwe.tag, jwe.ad)
    except InvalidTag as exc:
        raise VerifyError("the JWE was tampered with or is for another key") from exc


def _open_cbc(jwe: Jwe, key: bytes) -> bytes:
    """AES_CBC_HMAC_SHA2 (RFC 7518 5.2.2.2): the MAC is checked before anything is decrypted."""
    import hmac

    from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
    from cryptography.hazmat.primitives.padding import PKCS7

    half = len(key) // 2
    if (len(jwe.nonce), len(jwe.tag)) != (16, half) or len(jwe.sealed) % 16 or not jwe.sealed:
        raise DecodeError("nonce, tag or length of this JWE are not those of CBC")
    covered = jwe.ad + jwe.nonce + jwe.sealed + (8 * len(jwe.ad)).to_bytes(8, "big")
    mac = hmac.digest(key[:half], covered, f"sha{16 * half}")
    if not hmac.compare_digest(mac[:half], jwe.tag):
        raise VerifyError("the JWE was tampered with or is for another key")
    opener = Cipher(algorithms.AES(key[half:]), modes.CBC(jwe.nonce)).decryptor()
    strip = PKCS7(128).unpadder()
    try:
        return strip.update(opener.update(jwe.sealed) + opener.finalize()) + strip.finalize()
    except ValueError as exc:
        raise VerifyError("the JWE was sealed with a wrong padding") from exc
