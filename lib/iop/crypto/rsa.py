"""RSA signatures of others, over `cryptography`: PKCS#1 v1.5 and PSS (RFC 8017), verification only.

A public key is the DER form of PKCS#1 RSAPublicKey. Moduli of 2048 to 8192 bits are read; nothing here signs.
"""

from __future__ import annotations

from iop.errors import DecodeError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

MIN_BITS = 2048
MAX_BITS = 8192
_MAX_DER = 2 * MAX_BITS // 8


def _load(public: bytes) -> RSAPublicKey:
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicNumbers

    modulus, exponent = parse_public_key(public)
    return RSAPublicNumbers(exponent, modulus).public_key()


def encode_public_key(modulus: int, exponent: int) -> bytes:
    """DER of RSAPublicKey (RFC 8017 A.1.1). DecodeError when modulus or exponent is out of range."""
    if not MIN_BITS <= modulus.bit_length() <= MAX_BITS or not modulus & 1:
        raise DecodeError(
            f"an RSA modulus has {MIN_BITS}..{MAX_BITS} bits and is odd, got {modulus.bit_length()}"
        )
    if not 3 <= exponent < 1 << 64 or not exponent & 1:
        raise DecodeError("an RSA exponent is odd and in 3..2^64, got another")
    return _wrap(0x30, _encode_integer(modulus) + _encode_integer(exponent))


def parse_public_key(data: bytes) -> tuple[int, int]:
    """Modulus and exponent of a DER RSAPublicKey. DecodeError on anything but the canonical form."""
    if len(data) > _MAX_DER:
        raise DecodeError(f"an RSA public key has at most {_MAX_DER} bytes, got {len(data)}")
    start, end = _parse_header(data, 0, 0x30)
    first, second = _parse_header(data, start, 0x02)
    third, fourth = _parse_header(data, second, 0x02)
    modulus = int.from_bytes(data[first:second], "big")
    exponent = int.from_bytes(data[third:fourth], "big")
    # One way to write it: what does not come out again was padded, negative or followed by something.
    if end != len(data) or encode_public_key(modulus, exponent) != data:
        raise DecodeError("an RSA public key that is not in DER")
    return modulus, exponent


def _parse_header(data: bytes, offset: int, tag: int) -> tuple[int, int]:
    """First byte of the content and the byte after it."""
    if data[offset : offset + 1] != bytes([tag]) or len(data) < offset + 2:
        raise DecodeError(f"expected DER tag {tag:02x} at byte {offset}")
    size, body = data[offset + 1], offset + 2
    if size & 0x80:
        body += size & 0x7F
        size = int.from_bytes(data[offset + 2 : body], "big")
    if body + size > len(data):
        raise DecodeError(f"DER content at byte {offset} does not fit")
    return body, body + size


def _wrap(tag: int, content: bytes) -> bytes:
    size = len(content)
    if size < 0x80:
        return bytes([tag, size]) + content
    width = (size.bit_length() + 7) // 8
    return bytes([tag, 0x80 | width]) + size.to_bytes(width, "big") + content


def _encode_integer(number: int) -> bytes:
    return _wrap(0x02, number.to_bytes(number.bit_length() // 8 + 1, "big"))


def is_valid(public: bytes, message: bytes, signature: bytes, *, digest: str, pss: bool) -> bool:
    """True when the signature holds under SHA-`digest` ("256", "384", "512"); the salt of PSS is as long as the digest."""
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import padding

    algorithm = {"256": hashes.SHA256(), "384": hashes.SHA384(), "512": hashes.SHA512()}[digest]
    fill: padding.AsymmetricPadding
    if pss:
        fill = padding.PSS(mgf=padding.MGF1(algorithm), salt_length=algorithm.digest_size)
    else:
        fill = padding.PKCS1v15()
    try:
        _load(public).verify(signature, message, fill, algorithm)
    except (InvalidSignature, DecodeError):
        return False
    return True
