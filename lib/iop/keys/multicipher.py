"""Keys, key ids and signatures of the two suites, and their one-line text form (morpheus 1 and 2).

Text is type letter, suite letter, multibase: `pez…` is a public key ("p") of ed25519 ("e") in base58btc ("z"). Writers use
base58btc; readers take every multibase and print back base58btc. Values hold the raw bytes without the version byte that
ids and signatures carry in their text form.
"""

from __future__ import annotations

from iop.codec.base58 import encode_base58
from iop.codec.multibase import parse_multibase
from iop.crypto import ed25519, secp256k1
from iop.crypto.hash import blake2b, hash160, sha256
from iop.errors import DataError, DecodeError, LimitError
from iop.value import value

ED25519 = "e"
SECP256K1 = "s"
SUITES = {ED25519: "ed25519", SECP256K1: "secp256k1"}

# Characters of the longest honest text: 65 bytes in base 2 are 520 digits.
TEXT_LIMIT = 1024
ID_KEY = b"open social graph"

PUBLIC_SIZES = {ED25519: 32, SECP256K1: 33}
ID_SIZES = {ED25519: 16, SECP256K1: 20}
SIGNATURE_SIZE = 64
SECRET_SIZE = 32
VERSION = b"\x01"


def _check_form(suite: str, data: bytes, size: int | None, noun: str) -> None:
    if suite not in SUITES:
        raise DataError(f"Unknown crypto suite '{suite}'")
    if len(data) != size:
        raise DataError(f"{SUITES[suite]} {noun} has {size} bytes, got {len(data)}")


@value
class PublicKey:
    """Public key: 32 bytes of ed25519, or the 33-byte compressed point of secp256k1."""

    suite: str
    data: bytes

    def __check__(self) -> None:
        _check_form(self.suite, self.data, PUBLIC_SIZES.get(self.suite), "public key")

    def __str__(self) -> str:
        return f"p{self.suite}z{encode_base58(self.data)}"


@value
class KeyId:
    """Hash of a public key: 16 bytes for ed25519, 20 for secp256k1."""

    suite: str
    data: bytes

    def __check__(self) -> None:
        _check_form(self.suite, self.data, ID_SIZES.get(self.suite), "key id")

    def __str__(self) -> str:
        return f"i{self.suite}z{encode_base58(VERSION + self.data)}"


@value
class Signature:
    """Signature: R, S of ed25519, or r, s (big endian) of secp256k1; 64 bytes."""

    suite: str
    data: bytes

    def __check__(self) -> None:
        _check_form(self.suite, self.data, SIGNATURE_SIZE, "signature")

    def __str__(self) -> str:
        return f"s{self.suite}z{encode_base58(VERSION + self.data)}"


@value
class SecretKey:
    """Secret key of 32 bytes: the seed of ed25519, or a number in 1..n-1 of secp256k1. It has no text form."""

    suite: str
    data: bytes

    def __check__(self) -> None:
        _check_form(self.suite, self.data, SECRET_SIZE, "secret key")

    def __repr__(self) -> str:
        return f"SecretKey({SUITES[self.suite]}, {len(self.data)} bytes)"

    def public(self) -> PublicKey:
        """The public key. Raises DataError for a secp256k1 secret outside 1..n-1."""
        if self.suite == ED25519:
            return PublicKey(ED25519, ed25519.compute_public_key(self.data))
        return PublicKey(SECP256K1, secp256k1.compute_public_key(self.data))


def _parse_bytes(text: str, letter: str, noun: str) -> tuple[str, bytes]:
    """Suite letter and bytes of a text; the checks stand in the order of the original (morpheus 1)."""
    if not text.startswith(letter):
        raise DecodeError(f"{noun} must start with '{letter}'")
    if len(text) > TEXT_LIMIT:
        raise LimitError(f"key text of {len(text)} characters, at most {TEXT_LIMIT}")
    if len(text) < 2:
        raise DecodeError("No crypto suite found")
    if len(text) < 3:
        raise DecodeError("Invalid base string")
    data = parse_multibase(text[2:])
    suite = text[1]
    if suite not in SUITES:
        raise DecodeError(f"Unknown crypto suite '{suite}'")
    return suite, data


def _cut_version(data: bytes) -> bytes:
    if data[:1] != VERSION:
        raise DecodeError("Only identifier version 1 is supported")
    return data[1:]


def check_public_bytes(suite: str, data: bytes) -> None:
    """Nothing if `data` is a public key that the original accepts, else DecodeError with its text.

    ed25519 points that are not canonical, or of small order, are accepted as they stand (morpheus 2).
    """
    if suite == ED25519:
        if len(data) != 32:
            raise DecodeError("signature error: PublicKey must be 32 bytes in length")
        if not ed25519.is_point(data):
            raise DecodeError("signature error: Cannot decompress Edwards point")
    else:
        if len(data) != 33:
            raise DecodeError("Invalid input length")
        if not secp256k1.is_public_key(data):
            raise DecodeError("Invalid public key")


def parse_public_key(text: str) -> PublicKey:
    """The public key of a `p…` text. Raises DecodeError with the original's text."""
    suite, data = _parse_bytes(text, "p", "Public keys")
    check_public_bytes(suite, data)
    return PublicKey(suite, data)


def parse_key_id(text: str) -> KeyId:
    """The key id of an `i…` text. Raises DecodeError with the original's text."""
    suite, data = _parse_bytes(text, "i", "Identifiers")
    size = ID_SIZES[suite] + 1
    if len(data) != size:
        raise DecodeError(f"Identifier length is not {size}")
    return KeyId(suite, _cut_version(data))


def parse_signature(text: str) -> Signature:
    """The signature of an `s…` text. Raises DecodeError with the original's text.

    Numbers that no signer makes are refused here and not at verification: r or s not below the group order (secp256k1), any of
    the three top bits of S (ed25519).
    """
    suite, data = _parse_bytes(text, "s", "Signatures")
    if len(data) != SIGNATURE_SIZE + 1:
        raise DecodeError(f"Signature length is not {SIGNATURE_SIZE + 1}")
    data = _cut_version(data)
    if suite == ED25519:
        if data[63] & 0xE0:
            raise DecodeError("signature error")
    elif max(int.from_bytes(data[:32]), int.from_bytes(data[32:])) >= secp256k1.ORDER:
        raise DecodeError("Invalid signature")
    return Signature(suite, data)


def parse_auth(text: str) -> KeyId | PublicKey:
    """An authentication: a key id or a public key. The one error text does not tell which of them was meant (morpheus 10)."""
    try:
        return parse_key_id(text) if text.startswith("i") else parse_public_key(text)
    except DecodeError as exc:
        raise DecodeError("data did not match any variant of untagged enum Authentication") from exc


def compute_key_id(public: PublicKey) -> KeyId:
    """The key id of a public key: keyed BLAKE2b-128 (ed25519), or RIPEMD160 of SHA-256 (secp256k1)."""
    if public.suite == ED25519:
        return KeyId(ED25519, blake2b(public.data, key=ID_KEY, size=16))
    return KeyId(SECP256K1, hash160(public.data))


def is_same_auth(a: KeyId | PublicKey, b: KeyId | PublicKey) -> bool:
    """True if both name one key: equal bytes, or the key hashes to the id (morpheus 1)."""
    if isinstance(a, PublicKey) is isinstance(b, PublicKey):
        return a == b
    key, key_id = (a, b) if isinstance(a, PublicKey) else (b, a)
    assert isinstance(key, PublicKey)
    return key.suite == key_id.suite and compute_key_id(key) == key_id


def sign(secret: SecretKey, message: bytes) -> Signature:
    """Deterministic signature over a message: RFC 8032, or RFC 6979 with low S over its SHA-256."""
    if secret.suite == ED25519:
        return Signature(ED25519, ed25519.sign(secret.data, message))
    return Signature(SECP256K1, secp256k1.sign_ecdsa(secret.data, sha256(message)))


def is_valid(
    public: PublicKey, message: bytes, signature: Signature, *, strict: bool = True
) -> bool:
    """True if the signature is the key's over the message; suites must agree.

    `strict=False` gives the original's verdicts for ed25519, which lets keys of small order verify; consensus uses that.
    secp256k1 accepts high S either way.
    """
    if public.suite != signature.suite:
        return False
    if public.suite == ED25519:
        verify = ed25519.is_valid if strict else ed25519.is_valid_dalek
        return verify(public.data, message, signature.data)
    return secp256k1.is_valid_ecdsa(public.data, sha256(message), signature.data)
