"""Bech32 and Bech32m texts, and segregated witness addresses in them (BIP 173, BIP 350)."""

from __future__ import annotations

from iop.errors import DataError, DecodeError

LONGEST = 90  # characters
_DIGITS = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
_VALUES = {digit: index for index, digit in enumerate(_DIGITS)}
_GENERATOR = (0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)
CONSTANTS = {"bech32": 1, "bech32m": 0x2BC830A3}
_CHECK_SIZE = 6


def encode_bech32(prefix: str, data: bytes, encoding: str = "bech32m") -> str:
    """Text of bytes under a human-readable prefix; `encoding` is bech32 or bech32m.

    Raises DataError: a prefix outside 1..83 characters of U+0021 to U+007E or in upper case, over 90 characters in all.
    """
    return encode_words(prefix, _regroup(data, 8, 5, pad=True), encoding)


def parse_bech32(text: str, encoding: str = "bech32m") -> tuple[str, bytes]:
    """Prefix in lower case and bytes. Raises DecodeError: wrong character, mixed case, checksum, padding."""
    prefix, words = parse_words(text, encoding)
    return prefix, bytes(_regroup(words, 5, 8, pad=False))


def encode_words(prefix: str, words: list[int], encoding: str) -> str:
    """Text of 5-bit words under a prefix, with the checksum of the encoding."""
    if (
        not 1 <= len(prefix) <= 83
        or any(not "!" <= c <= "~" for c in prefix)
        or prefix != prefix.lower()
    ):
        raise DataError("a bech32 prefix is 1 to 83 visible ASCII characters without upper case")
    if len(prefix) + 1 + len(words) + _CHECK_SIZE > LONGEST:
        raise DataError(f"bech32 text would be longer than {LONGEST} characters")
    state = _compute_state([*_expand(prefix), *words, *[0] * _CHECK_SIZE]) ^ CONSTANTS[encoding]
    check = [state >> 5 * (5 - i) & 31 for i in range(_CHECK_SIZE)]
    return prefix + "1" + "".join([_DIGITS[word] for word in (*words, *check)])


def parse_words(text: str, encoding: str) -> tuple[str, list[int]]:
    """Prefix in lower case and 5-bit words without the checksum. Raises DecodeError."""
    if len(text) > LONGEST:
        raise DecodeError(f"bech32 text is longer than {LONGEST} characters: {len(text)}")
    if any(not "!" <= c <= "~" for c in text):
        raise DecodeError("bech32 text holds a character outside visible ASCII")
    lower = text.lower()
    if text not in (lower, text.upper()):
        raise DecodeError("bech32 text mixes upper and lower case")
    prefix, separator, rest = lower.rpartition("1")
    if not separator:
        raise DecodeError("bech32 text has no separator")
    if not prefix:
        raise DecodeError("bech32 prefix is empty")
    if len(rest) < _CHECK_SIZE:
        raise DecodeError("bech32 text is too short for its checksum")
    try:
        words = [_VALUES[digit] for digit in rest]
    except KeyError as exc:
        raise DecodeError(f"{exc.args[0]!r} is not a bech32 digit") from exc
    if _compute_state([*_expand(prefix), *words]) != CONSTANTS[encoding]:
        raise DecodeError(f"{encoding} checksum does not match")
    return prefix, words[:-_CHECK_SIZE]


def encode_segwit(prefix: str, version: int, program: bytes) -> str:
    """Address of a witness program (BIP 350): version 0 in bech32, 1 to 16 in bech32m. Raises DataError."""
    _check_program(version, program)
    encoding = "bech32m" if version else "bech32"
    return encode_words(prefix, [version, *_regroup(program, 8, 5, pad=True)], encoding)


def parse_segwit(text: str, prefix: str, *, bip173: bool = False) -> tuple[int, bytes]:
    """Witness version and program of an address under `prefix`.

    bip173: the superseded rule, bech32 for all versions. Raises DecodeError.
    """
    if bip173:
        found, words = parse_words(text, "bech32")
    else:
        # The version is the first word, whichever encoding turns out to be right.
        version_digit = text.lower().rpartition("1")[2][:1]
        found, words = parse_words(text, "bech32" if version_digit == "q" else "bech32m")
    if found != prefix:
        raise DecodeError(f"address is for {found!r}, expected {prefix!r}")
    if not words:
        raise DecodeError("segwit address holds no data")
    program = bytes(_regroup(words[1:], 5, 8, pad=False))
    _check_program(words[0], program)
    return words[0], program


def _check_program(version: int, program: bytes) -> None:
    if not 0 <= version <= 16:
        raise DecodeError(f"witness version must be in 0..16, got {version}")
    if not 2 <= len(program) <= 40:
        raise DecodeError(f"witness program must have 2 to 40 bytes, got {len(program)}")
    if version == 0 and len(program) not in (20, 32):
        raise DecodeError(
            f"witness program of version 0 must have 20 or 32 bytes, got {len(program)}"
        )


def _expand(prefix: str) -> list[int]:
    codes = prefix.encode()
    return [*[c >> 5 for c in codes], 0, *[c & 31 for c in codes]]


def _compute_state(words: list[int]) -> int:
    state = 1
    for word in words:
        top = state >> 25
        state = (state & 0x1FFFFFF) << 5 ^ word
        for i, factor in enumerate(_GENERATOR):
            if top >> i & 1:
                state ^= factor
    return state


def _regroup(words: bytes | list[int], old: int, new: int, *, pad: bool) -> list[int]:
    """Groups of `old` bits as groups of `new` bits; without `pad` the rest must be short and zero."""
    held = bits = 0
    out = []
    for word in words:
        held = held << old | word
        bits += old
        while bits >= new:
            bits -= new
            out.append(held >> bits)
            held &= (1 << bits) - 1
    if pad:
        if bits:
            out.append(held << new - bits)
    elif bits >= old or held:
        raise DecodeError("bech32 padding is longer than 4 bits or not zero")
    return out
