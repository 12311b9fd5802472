"""Runners for the original software's files about JSON digests and masks (morpheus 6)."""

from __future__ import annotations

import json

from iop.codec.canonical import encode_canonical
from iop.codec.digest import compute_content_id
from iop.codec.jcs import encode_number
from iop.codec.json import Real, parse_json
from iop.codec.mask import encode_mask
from iop.codec.nonce import wrap_nonce
from iop.codec.text import apply_mask_text, compute_content_id_text, encode_canonical_text
from iop.conform.case import check_members, compare, compare_outcome
from iop.errors import DecodeError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from iop.codec.json import Json
    from iop.conform.case import Case

_HEAD = "name set source notes"
_TEXT = "label json canonical digest canonical_0_0_14 digest_0_0_14 digest_after_js_json_roundtrip"


def run_json_digest(document: dict[str, Json]) -> Iterator[Case]:
    """Canonical texts and content ids of numbers, documents and Unicode; nonces."""
    yield from check_members("file", document, f"{_HEAD} numbers floats docs unicode nonces")
    for group in ("numbers", "docs", "unicode"):
        for index, case in enumerate(document[group]):
            yield from _run_text(f"{group}[{index}]", case)
    for index, case in enumerate(document["floats"]):
        label = f"floats[{index}]"
        yield from check_members(label, case, "text canonical")
        yield compare_outcome(label, case["canonical"], _canonicalize, case["text"])
    for index, case in enumerate(document["nonces"]):
        label = f"nonces[{index}]"
        yield from check_members(label, case, "value random33 wrapped digest")
        wrapped = wrap_nonce(case["value"], bytes.fromhex(case["random33"]))
        yield compare(f"{label} wrapped", wrapped, case["wrapped"])
        yield compare(f"{label} digest", compute_content_id(wrapped), case["digest"])


def run_json_masks(document: dict[str, Json]) -> Iterator[Case]:
    """Masks: the printed result, from the value and from the text, and its content id."""
    yield from check_members("file", document, f"{_HEAD} masks")
    for index, case in enumerate(document["masks"]):
        label = f"masks[{index}]"
        yield from check_members(
            label, case, "label json keep result digest_of_result digest_of_input"
        )
        text, keep, result = case["json"], case["keep"], case["result"]
        yield compare_outcome(label, result, _mask, text, keep)
        yield compare_outcome(f"{label} from text", result, _mask_text, text, keep)
        if "digest_of_result" in case:
            expected = case["digest_of_result"]
            yield compare_outcome(f"{label} digest of result", expected, _digest, result["ok"])
        if "digest_of_input" in case:
            yield compare_outcome(
                f"{label} digest of input", case["digest_of_input"], _digest, text
            )


def _run_text(label: str, case: dict[str, Json]) -> Iterator[Case]:
    yield from check_members(label, case, _TEXT)
    text = case["json"]
    yield compare_outcome(f"{label} canonical", case["canonical"], _canonicalize, text)
    yield compare_outcome(
        f"{label} canonical from text", case["canonical"], _canonicalize_text, text
    )
    yield compare_outcome(f"{label} digest", case["digest"], _digest, text)
    yield compare_outcome(f"{label} digest from text", case["digest"], _digest_text, text)
    for name, function in (
        ("canonical_0_0_14", _canonicalize_old),
        ("digest_0_0_14", _digest_old),
        ("digest_after_js_json_roundtrip", _digest_javascript),
    ):
        if name in case:
            yield compare_outcome(f"{label} {name}", case[name], function, text)


def _canonicalize(text: str) -> str:
    return encode_canonical(parse_json(text))


def _canonicalize_text(text: str) -> str:
    return encode_canonical_text(text.encode()).decode()


def _digest(text: str) -> str:
    return compute_content_id(parse_json(text))


def _digest_text(text: str) -> str:
    return compute_content_id_text(text.encode())


def _mask(text: str, keep: str) -> str:
    return encode_mask(parse_json(text), keep)


def _mask_text(text: str, keep: str) -> str:
    return apply_mask_text(text.encode(), keep).decode()


def _canonicalize_old(text: str) -> str:
    return encode_canonical(_drop_sign(parse_json(text)))


def _digest_old(text: str) -> str:
    return compute_content_id(_drop_sign(parse_json(text)))


def _drop_sign(value: Json) -> Json:
    """What release 0.0.14 made of `-0`: 0 (morpheus 6.2 (2))."""
    if isinstance(value, dict):
        return {name: _drop_sign(member) for name, member in value.items()}
    if isinstance(value, list):
        return [_drop_sign(item) for item in value]
    return 0 if isinstance(value, Real) and value.text == "-0" else value


def _digest_javascript(text: str) -> str:
    """The id after `JSON.stringify(JSON.parse(text))`: doubles in ECMAScript's text, infinities null."""
    try:
        found = json.loads(text, parse_int=float, parse_float=float)
    except ValueError as exc:
        raise DecodeError("JavaScript does not read this") from exc
    return _digest(_print_javascript(found))


def _print_javascript(value: Json) -> str:
    if isinstance(value, dict):
        members = [f"{json.dumps(name)}:{_print_javascript(value[name])}" for name in value]
        return "{" + ",".join(members) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(_print_javascript, value)) + "]"
    if isinstance(value, float):
        return "null" if value in (float("inf"), float("-inf")) else encode_number(value)
    return json.dumps(value)
