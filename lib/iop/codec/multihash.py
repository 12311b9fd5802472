"""Multihash: a digest that names its function and length (multiformats multihash)."""

from __future__ import annotations

from iop.codec.multicodec import CODES, NAMES
from iop.codec.varint import encode_varint, parse_varint
from iop.errors import DecodeError, UsageError

_LONGEST = 128  # bytes of digest
_PLAIN = {
    "sha1": "sha1",
    "sha2-224": "sha224",
    "sha2-256": "sha256",
    "sha2-384": "sha384",
    "sha2-512": "sha512",
    "sha3-224": "sha3_224",
    "sha3-256": "sha3_256",
    "sha3-384": "sha3_384",
    "sha3-512": "sha3_512",
}


def encode_multihash(name: str, digest: bytes) -> bytes:
    """Code of the function, length, digest. UsageError for a name the multicodec table does not have."""
    if name not in CODES:
        raise UsageError(f"no multicodec is named {name!r}")
    return encode_varint(CODES[name]) + encode_varint(len(digest)) + digest


def parse_multihash(data: bytes) -> tuple[str, bytes]:
    """Name of the function and digest. Raises DecodeError: unknown code, length that does not match."""
    code, end = parse_varint(data)
    size, end = parse_varint(data, end)
    name = NAMES.get(code)
    if name is None:
        raise DecodeError(f"multihash function {code:#x} is not known")
    if size != len(data) - end or size > _LONGEST:
        raise DecodeError(f"multihash announces {size} bytes of digest, got {len(data) - end}")
    return name, data[end:]


def compute_multihash(name: str, data: bytes) -> bytes:
    """Multihash of data by SHA-1, SHA-2, SHA-3, BLAKE2b or BLAKE2s. UsageError for another function."""
    import hashlib

    family, _, bits = name.partition("-")
    if name in _PLAIN:
        digest = hashlib.new(_PLAIN[name], data).digest()
    elif family == "blake2b" and name in CODES:
        digest = hashlib.blake2b(data, digest_size=int(bits) // 8).digest()
    elif family == "blake2s" and name in CODES:
        digest = hashlib.blake2s(data, digest_size=int(bits) // 8).digest()
    else:
        raise UsageError(f"no multihash function here is named {name!r}")
    return encode_multihash(name, digest)
