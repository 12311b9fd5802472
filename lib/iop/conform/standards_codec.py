"""Runners for the public standards' files about text and binary encodings."""

from __future__ import annotations

import struct

from iop.codec import base58, bech32, emoji, multibase, multicodec, multihash, varint
from iop.codec.jcs import encode_jcs, encode_number
from iop.codec.json import parse_json
from iop.conform.case import (
    check_members,
    compare,
    compare_refusal,
    compare_result,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from iop.conform.case import Case

_HEAD = "area source license description fields cases"


def check_file(document: dict[str, Any], known: str) -> Iterator[Case]:
    """Failing cases for members that no runner reads, in the file and in each of its cases."""
    yield from check_members("file", document, _HEAD)
    for label, case in list_cases(document):
        yield from check_members(label, case, known)


def list_cases(document: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Each case with its label."""
    for index, case in enumerate(document["cases"]):
        yield f"cases[{index}]", case


def run_base58(document: dict[str, Any]) -> Iterator[Case]:
    """Plain base58 both ways, and texts to refuse."""
    yield from check_file(document, "hex string valid")
    for label, case in list_cases(document):
        text = case["string"]
        if is_valid(case):
            data = bytes.fromhex(case["hex"])
            yield compare_result(f"{label} parse", data, base58.parse_base58, text)
            yield compare_result(f"{label} encode", text, base58.encode_base58, data)
        else:
            yield compare_refusal(label, base58.parse_base58, text)


def run_base58check(document: dict[str, Any]) -> Iterator[Case]:
    """Base58 with its checksum both ways, and texts to refuse."""
    yield from check_file(document, "string payload valid reason")
    for label, case in list_cases(document):
        text = case["string"]
        if is_valid(case):
            data = bytes.fromhex(case["payload"])
            yield compare_result(f"{label} parse", data, base58.parse_base58check, text)
            yield compare_result(f"{label} encode", text, base58.encode_base58check, data)
        else:
            yield compare_refusal(label, base58.parse_base58check, text)


def run_bech32_strings(document: dict[str, Any]) -> Iterator[Case]:
    """Checksums and character rules; a text is never valid in the other encoding."""
    yield from check_file(document, "encoding string valid reason")
    for label, case in list_cases(document):
        encoding, text = case["encoding"], case["string"]
        yield compare(f"{label} known encoding", encoding in bech32.CONSTANTS, expected=True)
        if is_valid(case):
            other = "bech32" if encoding == "bech32m" else "bech32m"
            yield compare_result(
                f"{label} round trip", text.lower(), _rewrite_bech32, text, encoding
            )
            yield compare_refusal(f"{label} as {other}", bech32.parse_words, text, other)
        else:
            yield compare_refusal(label, bech32.parse_words, text, encoding)


def run_segwit_0173(document: dict[str, Any]) -> Iterator[Case]:
    """Witness programs under the superseded rule."""
    return _run_segwit(document, old=True)


def run_segwit_0350(document: dict[str, Any]) -> Iterator[Case]:
    """Witness programs under BIP 350."""
    return _run_segwit(document, old=False)


def _run_segwit(document: dict[str, Any], *, old: bool) -> Iterator[Case]:
    yield from check_file(document, "address valid scriptPubKey reason")
    for label, case in list_cases(document):
        text = case["address"]
        if is_valid(case):
            prefix = text.lower().rpartition("1")[0]
            script = bytes.fromhex(case["scriptPubKey"])
            version, program = script[0] and script[0] - 0x50, script[2:]
            yield compare(f"{label} known prefix", prefix in ("bc", "tb", "bcrt"), expected=True)
            yield compare_result(
                f"{label} parse", (version, program), _parse_segwit, text, prefix, old
            )
            if not old or not version:
                yield compare_result(
                    f"{label} encode", text.lower(), bech32.encode_segwit, prefix, version, program
                )
        else:
            for prefix in ("bc", "tb", "bcrt"):
                yield compare_refusal(f"{label} {prefix}", _parse_segwit, text, prefix, old)


def run_multibase(document: dict[str, Any]) -> Iterator[Case]:
    """All bases both ways; texts that are not canonical are read only."""
    yield from check_file(document, "file encoding canonical data_hex multibase")
    for label, case in list_cases(document):
        data, text, base = bytes.fromhex(case["data_hex"]), case["multibase"], case["encoding"]
        if base == "base256emoji":
            yield compare_result(f"{label} parse", data, emoji.parse_emoji, text)
            written = emoji.encode_emoji(data)
        else:
            yield compare_result(f"{label} parse", data, multibase.parse_multibase, text)
            written = multibase.encode_multibase(data, base)
        yield compare(f"{label} encode", written == text, expected=case["canonical"])


def run_multihash(document: dict[str, Any]) -> Iterator[Case]:
    """Digests with their function's code, as bytes and as multibase."""
    yield from check_file(document, "alg data_hex multihash_hex base58btc base64url")
    for label, case in list_cases(document):
        name, expected = case["alg"], bytes.fromhex(case["multihash_hex"])
        data = bytes.fromhex(case["data_hex"])
        yield compare_result(f"{label} compute", expected, multihash.compute_multihash, name, data)
        yield compare_result(f"{label} parse", name, _parse_multihash_name, expected)
        for base in ("base58btc", "base64url"):
            text = case[base]
            yield compare_result(
                f"{label} {base}", text, multibase.encode_multibase, expected, base
            )
            yield compare_result(f"{label} {base} parse", expected, multibase.parse_multibase, text)


def run_unsigned_varint(document: dict[str, Any]) -> Iterator[Case]:
    """Varints both ways, and bytes to refuse."""
    yield from check_file(document, "value hex valid reason")
    for label, case in list_cases(document):
        data = bytes.fromhex(case["hex"])
        if is_valid(case):
            number = int(case["value"])
            yield compare_result(f"{label} parse", (number, len(data)), varint.parse_varint, data)
            yield compare_result(f"{label} encode", data, varint.encode_varint, number)
        else:
            yield compare_refusal(label, varint.parse_varint, data)


def run_multicodec(document: list[dict[str, Any]]) -> Iterator[Case]:
    """The registry's rows: name and code both ways."""
    for index, row in enumerate(document):
        label = f"rows[{index}]"
        yield from check_members(label, row, "name tag code status description")
        name, code = row["name"], int(row["code"], 16)
        yield compare(f"{label} code", multicodec.CODES.get(name), code)
        yield compare(f"{label} name", multicodec.NAMES.get(code), name)


def run_es6_numbers(document: dict[str, Any]) -> Iterator[Case]:
    """Doubles by their bits against ECMAScript's text."""
    yield from check_file(document, "ieee754_hex text")
    for label, case in list_cases(document):
        number = struct.unpack(">d", bytes.fromhex(case["ieee754_hex"].zfill(16)))[0]
        yield compare_result(label, case["text"], encode_number, number)


def run_jcs(document: dict[str, Any]) -> Iterator[Case]:
    """JSON text against canonical bytes, which are their own canonical form."""
    yield from check_file(document, "name input output_hex")
    for label, case in list_cases(document):
        expected = bytes.fromhex(case["output_hex"])
        yield compare_result(label, expected, _canonicalize, case["input"])
        yield compare_result(f"{label} again", expected, _canonicalize, expected)


def run_jcs_reject(document: dict[str, Any]) -> Iterator[Case]:
    """Texts that are not I-JSON."""
    yield from check_file(document, "input valid reason")
    for label, case in list_cases(document):
        yield compare(f"{label} valid", is_valid(case), expected=False)
        yield compare_refusal(label, _canonicalize, case["input"])


def is_valid(case: dict[str, Any]) -> bool:
    """The case's `valid`; anything but true and false is refused."""
    if case["valid"] not in (True, False):
        raise ValueError(f"valid must be true or false, got {case['valid']!r}")
    return bool(case["valid"])


def _rewrite_bech32(text: str, encoding: str) -> str:
    return bech32.encode_words(*bech32.parse_words(text, encoding), encoding)


def _parse_segwit(text: str, prefix: str, old: bool) -> tuple[int, bytes]:
    return bech32.parse_segwit(text, prefix, bip173=old)


def _parse_multihash_name(data: bytes) -> str:
    return multihash.parse_multihash(data)[0]


def _canonicalize(text: str | bytes) -> bytes:
    return encode_jcs(parse_json(text, unique_names=True))
