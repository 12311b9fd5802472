"""Multibase: text whose first character names its base (morpheus 1; multiformats multibase).

Read and written are the bases of the Rust crate that the original software uses. Bases of one letter case are read in any
case, as there; unused bits must be zero, and padding stands exactly where the base has it.
"""

from __future__ import annotations

from iop.codec.base58 import BITCOIN, LONGEST, Base58
from iop.codec.radix import Radix
from iop.errors import DecodeError, LimitError, UsageError

_LOWER = "abcdefghijklmnopqrstuvwxyz"
_DIGITS = "0123456789"
_HEX32 = _DIGITS + _LOWER[:22]
_RFC32 = _LOWER + "234567"
_RFC64 = _LOWER.upper() + _LOWER + _DIGITS
_FLICKR = "123456789abcdefghijkmnopqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ"


class _Bits:
    """A base of 2**bits digits: bytes as a bit string, cut into digits, zeros filled in at the end."""

    __slots__ = ("_delete", "_digits", "_padded", "_table", "bits")

    def __init__(self, digits: str, *, padded: bool = False, any_case: bool = False) -> None:
        self.bits = len(digits).bit_length() - 1
        self._digits = digits
        self._padded = padded
        known = digits.encode()
        values = bytes(range(len(digits)))
        if any_case:
            known = digits.lower().encode() + digits.upper().encode()
            values *= 2
        self._delete = known
        self._table = bytes.maketrans(known, values)

    def encode(self, data: bytes) -> str:
        bits = self.bits
        spare = -len(data) * 8 % bits
        number = int.from_bytes(data, "big") << spare
        count = (len(data) * 8 + spare) // bits
        if not count:
            return ""
        # Powers of two print in linear time through binary, octal and hexadecimal text.
        binary = f"{number:0{count * bits}b}"
        digits = self._digits
        text = "".join([digits[int(binary[i : i + bits], 2)] for i in range(0, len(binary), bits)])
        return text + "=" * self._compute_padding(count) if self._padded else text

    def parse(self, text: str) -> bytes:
        if self._padded:
            bare = text.rstrip("=")
            if len(text) - len(bare) != self._compute_padding(len(bare)):
                raise DecodeError("Invalid base string")
            text = bare
        try:
            raw = text.encode("ascii")
        except UnicodeEncodeError as exc:
            raise DecodeError("Invalid base string") from exc
        if raw.translate(None, self._delete):
            raise DecodeError("Invalid base string")
        bits = self.bits
        size, spare = divmod(len(raw) * bits, 8)
        values = raw.translate(self._table)
        number = int("0" + "".join([f"{value:0{bits}b}" for value in values]), 2)
        if spare >= bits or number & (1 << spare) - 1:
            raise DecodeError("Invalid base string")
        return (number >> spare).to_bytes(size, "big")

    def _compute_padding(self, count: int) -> int:
        group = 4 if self.bits == 6 else 8
        return -count % group


class _Identity:
    """Code U+0000: the text's own UTF-8 bytes."""

    __slots__ = ()

    def encode(self, data: bytes) -> str:
        try:
            return data.decode()
        except UnicodeDecodeError as exc:
            raise DecodeError("identity multibase holds UTF-8 only") from exc

    def parse(self, text: str) -> bytes:
        return text.encode()


def _make_bases() -> dict[str, tuple[str, _Bits | _Identity | Radix | Base58]]:
    base36 = _DIGITS + _LOWER
    upper = str.upper
    return {
        "identity": ("\0", _Identity()),
        "base2": ("0", _Bits("01")),
        "base8": ("7", _Bits("01234567")),
        "base10": ("9", Radix("base10", _DIGITS, LONGEST)),
        "base16": ("f", _Bits("0123456789abcdef", any_case=True)),
        "base16upper": ("F", _Bits("0123456789ABCDEF", any_case=True)),
        "base32hex": ("v", _Bits(_HEX32, any_case=True)),
        "base32hexupper": ("V", _Bits(upper(_HEX32), any_case=True)),
        "base32hexpad": ("t", _Bits(_HEX32, padded=True, any_case=True)),
        "base32hexpadupper": ("T", _Bits(upper(_HEX32), padded=True, any_case=True)),
        "base32": ("b", _Bits(_RFC32, any_case=True)),
        "base32upper": ("B", _Bits(upper(_RFC32), any_case=True)),
        "base32pad": ("c", _Bits(_RFC32, padded=True, any_case=True)),
        "base32padupper": ("C", _Bits(upper(_RFC32), padded=True, any_case=True)),
        "base32z": ("h", _Bits("ybndrfg8ejkmcpqxot1uwisza345h769")),
        "base36": ("k", Radix("base36", base36, LONGEST, any_case=True)),
        "base36upper": ("K", Radix("base36", upper(base36), LONGEST, any_case=True)),
        "base58btc": ("z", BITCOIN),
        "base58flickr": ("Z", Radix("base58flickr", _FLICKR, LONGEST)),
        "base64": ("m", _Bits(_RFC64 + "+/")),
        "base64pad": ("M", _Bits(_RFC64 + "+/", padded=True)),
        "base64url": ("u", _Bits(_RFC64 + "-_")),
        "base64urlpad": ("U", _Bits(_RFC64 + "-_", padded=True)),
    }


BASES = _make_bases()  # name → code character and codec
_BY_CODE = dict(BASES.values())


def encode_multibase(data: bytes, base: str = "base58btc") -> str:
    """Code character and digits. UsageError for a base without that name, LimitError for long data in bases 10, 36, 58."""
    try:
        code, codec = BASES[base]
    except KeyError as exc:
        raise UsageError(
            f"no multibase is named {base!r}", hint=f"one of {' '.join(BASES)}"
        ) from exc
    return code + codec.encode(data)


def parse_multibase(text: str) -> bytes:
    """Bytes of multibase text.

    Raises DecodeError with the original's words: `Invalid base string` (empty, or digits that do not fit), `Unknown base
    code: y`; LimitError for long text in bases 10, 36, 58.
    """
    if not text:
        raise DecodeError("Invalid base string")
    codec = _BY_CODE.get(text[0])
    if codec is None:
        raise DecodeError(f"Unknown base code: {text[0]}")
    try:
        return codec.parse(text[1:])
    except LimitError:
        raise
    except (DecodeError, UnicodeEncodeError) as exc:
        raise DecodeError("Invalid base string") from exc
