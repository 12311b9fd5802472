"""Runners of the files about signatures: signed_json, jwt, and the list `validate` of did_document_rights."""

from __future__ import annotations

from functools import partial

from iop.claim.jwt import parse_token, sign_token
from iop.claim.signed import (
    SignedJson,
    from_record,
    is_bytes_valid,
    is_valid_signed,
    open_envelope,
    to_record,
)
from iop.claim.verdict import IMPERSONATE, validate_right, validate_signed
from iop.codec.digest import compute_content_id
from iop.codec.hex import parse_hex
from iop.codec.json import encode_json
from iop.conform.case import Case, compare
from iop.crypto.hash import sha256
from iop.did.document import check_document
from iop.errors import IopError
from iop.keys.mnemonic import compute_seed
from iop.keys.morpheus import derive_key
from iop.keys.multicipher import (
    SECP256K1,
    SIGNATURE_SIZE,
    SecretKey,
    Signature,
    parse_key_id,
    parse_public_key,
    parse_signature,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any

# The recordings name their signers by persona of the original's demo phrase.
PHRASE = (
    "include pear escape sail spy orange cute despair witness trouble sleep torch "
    "wire burst unable brass expose fiction drift clock duck oxygen aerobic already"
)
PASSWORD = "morpheus"  # noqa: S105 - the demo phrase's, printed all over the original's documentation


def compare_result(label: str, act: Callable[[], Any], expected: Any) -> Case:
    """The case of a stated result: `{"ok": …}`, `{"error": text}`, or the bare value.

    Error texts count, except those that end in line and column: there the refusal alone does (morpheus 19, 12).
    """
    try:
        got: Any = {"ok": act()}
    except IopError as exc:
        got = {"error": exc.message}
    if not isinstance(expected, dict) or not expected.keys() & {"ok", "error"}:
        expected = {"ok": expected}
    if "error" in expected and "error" in got and is_reader_text(expected["error"]):
        return Case(label, True)
    return compare(label, got, expected)


def is_reader_text(text: str) -> bool:
    """True for a text of the original's JSON reader, which ends in `at line 1 column 2`."""
    words = text.rsplit(" ", 5)[1:]
    return len(words) == 5 and words[:2] == ["at", "line"] and words[3] == "column"


def is_same_order(one: Any, other: Any) -> bool:
    """True when two JSON values are equal with their members in one order."""
    return encode_json(one) == encode_json(other)


def run_signed_json(document: dict[str, Any]) -> Iterator[Case]:
    """signed_json: three verdicts, re-serialisation and the envelope of every case, then signed bytes."""
    for index, case in enumerate(document["cases"]):
        yield from _run_signed(f"cases {index} {case['label']}", case)
    for index, case in enumerate(document["bytes"]):
        public, signature = parse_public_key(case["publicKey"]), parse_signature(case["signature"])
        content, key_id = parse_hex(case["content"]), parse_key_id(case["key_id"])
        for name, wanted in (("validate", None), ("validate_with_key_id", key_id)):
            got = is_bytes_valid(public, content, signature, wanted, strict=False)
            yield compare(f"bytes {index} {name}", got, case[name])


def _judge(record: Any, key_id: str | None = None) -> bool:
    wanted = None if key_id is None else parse_key_id(key_id)
    return is_valid_signed(from_record(record), wanted, strict=False)


def _run_signed(label: str, case: dict[str, Any]) -> Iterator[Case]:
    record = case["signed"]
    for name, expected in case.items():
        if name in ("label", "signed", "key_id"):
            continue
        full = f"{label} {name}"
        if name in ("validate", "sdk_Signed"):
            yield compare_result(full, lambda: _judge(record), expected)
        elif name == "validate_with_key_id":
            yield compare_result(full, lambda: _judge(record, case["key_id"]), expected)
        elif name == "to_json":
            yield compare_result(full, lambda: to_record(from_record(record)), expected)
            if "ok" in expected:
                same = is_same_order(record["content"], expected["ok"]["content"])
                yield Case(f"{full} order", same, "" if same else "members changed places")
        elif name == "sdk":
            yield compare(full, _show_envelope(record), expected)
        else:
            yield Case(full, False, f"unknown result {name!r}")


def _show_envelope(record: Any) -> dict[str, Any]:
    payload, proof = open_envelope(record["content"])
    return {
        "afterProof": proof and {"blockHeight": proof.height, "blockHash": proof.block_hash},
        "payload": payload,
        "contentId": compute_content_id(record),
        "signableContentId": compute_content_id(record["content"]),
    }


def run_jwt(document: dict[str, Any]) -> Iterator[Case]:
    """jwt: tokens built byte by byte, and verdicts under fixed clocks, of both releases where they differ."""
    seed = compute_seed(PHRASE, PASSWORD)
    for index, case in enumerate(document["build"]):
        secret = _find_key(seed, case["key"])
        token = sign_token(secret, case["now_unix_ms"], case["content_id"], case["time_to_live"])
        yield compare(f"build {index} publicKey", str(secret.public()), case["publicKey"])
        yield compare(f"build {index} token", token, case["token"])
        yield from _run_parts(f"build {index}", case)
    for index, case in enumerate(document["parse"]):
        label = f"parse {index} {case['label']}"
        yield _run_token(label, case, case["result"], old_peer=False)
        old = case.get("result_0_0_14", case["result"])
        yield _run_token(f"{label} 0.0.14", case, old, old_peer=True)


def _find_key(seed: bytes, key: dict[str, Any]) -> SecretKey:
    if "ark_passphrase" in key:
        return SecretKey(SECP256K1, sha256(key["ark_passphrase"].encode()))
    return derive_key(seed, key["kind"], key["idx"])


def _run_parts(label: str, case: dict[str, Any]) -> Iterator[Case]:
    from iop.codec.base64 import parse_base64url

    for name, part in zip(("header", "claims", "signature"), case["token"].split("."), strict=True):
        yield compare(f"{label} {name}", parse_base64url(part).decode(), case[name])


def _run_token(label: str, case: dict[str, Any], expected: Any, *, old_peer: bool) -> Case:
    def act() -> dict[str, Any]:
        token = parse_token(case["token"], case["now_unix_ms"], old_peer=old_peer, strict=False)
        found: dict[str, Any] = {
            "publicKey": str(token.public),
            "createdAt": token.created_at,
            "timeToLive": token.time_to_live,
        }
        if "contentId" in expected.get("ok", {}):
            found["contentId"] = token.content_id
        return found

    if old_peer and "error" in expected:
        # The older release has other words for some refusals; only the fact is ours to keep.
        try:
            return Case(label, False, f"got {act()!r}, expected {expected['error']!r}")
        except IopError:
            return Case(label, True)
    return compare_result(label, act, expected)


def run_validate_list(document: dict[str, Any]) -> Iterator[Case]:
    """The list `validate` of did_document_rights: verdicts of the original over ranges of blocks.

    The recording holds no signatures. A tampered case is judged whole, with a signature that cannot be right.
    """
    documents = [check_document(item) for item in document["documents"]]
    for index, case in enumerate(document["validate"]):
        unknown = set(case) - {"doc", "publicKey", "from", "until", "tampered", "result"}
        if unknown:
            yield Case(f"validate {index}", False, f"unknown members {sorted(unknown)}")
            continue
        act = partial(_judge_range, case, documents[case["doc"]], document["content"])
        yield compare_result(f"validate {index}", act, case["result"])


def _judge_range(case: dict[str, Any], document: dict[str, Any], content: Any) -> Any:
    public = parse_public_key(case["publicKey"])
    if case.get("tampered"):
        wrong = Signature(public.suite, b"\x01" + bytes(SIGNATURE_SIZE - 1))
        record = to_record(SignedJson(public, content, wrong))
        verdict = validate_signed(record, document, case["from"], case["until"], strict=False)
    else:
        start = 1 if case["from"] is None else case["from"]
        end = document["queriedAtHeight"] if case["until"] is None else case["until"]
        verdict = validate_right(document, public, IMPERSONATE, start, end, strict=False)
    return verdict.to_original()
