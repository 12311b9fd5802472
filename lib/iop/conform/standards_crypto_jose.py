"""Runners for JOSE: the Wycheproof signatures, and the cookbook of RFC 7520 and RFC 8037.

The published cookbook has intermediate values that contradict its own results. What a file states as intermediate is compared like
everything else; where ours is proven by the file's own output and the stated one is not, the case is labelled `contradiction …`.
"""

from __future__ import annotations

from iop.codec.base64 import encode_base64url, parse_base64url
from iop.conform.case import Case, check_members, compare, compare_result
from iop.conform.standards_crypto import HEAD, compute_or_refuse, expect_verdict, list_cases
from iop.crypto import jwa, jwe, jwk, jws
from iop.errors import DataError, IopError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from iop.crypto.jwk import Jwk

ALL = tuple({name: None for names in jwa.ALGORITHMS.values() for name in names})


def run_wycheproof(document: dict[str, Any]) -> Iterator[Case]:
    """Verdicts with the public key; a private key given beside it is its own; what is valid is so for that key only."""
    yield from check_members("file", document, HEAD)
    for label, case in list_cases(document, "tcId comment jws result flags group"):
        group = case["group"]
        yield from check_members(f"{label} group", group, "type comment source private public")
        key = jwk.from_record(group["public"])
        verdict = _verify(case["jws"], key)
        yield compare(f"{label} {case['comment']}", verdict, expect_verdict(case))
        if "private" in group:
            private = jwk.from_record(group["private"])
            yield compare(f"{label} private", private.public, key.public)


def _verify(text: Any, key: Jwk) -> bool:
    try:
        if isinstance(text, str):
            jws.check_jws(text, key, algorithms=ALL)
            return True
        return any(jws.is_valid(one, key, algorithms=ALL) for one in jws.parse_jws_json(text))
    except IopError:
        return False


def run_cookbook(document: dict[str, Any]) -> Iterator[Case]:
    """Worked examples: keys, signatures in all serialisations, key agreement."""
    yield from check_members("file", document, HEAD)
    for _, case in list_cases(document, "file data"):
        label, data = case["file"], case["data"]
        if "kty" in data:
            yield from _run_key(label, data)
        elif "signing" in data:
            yield from _run_signature(label, data)
        elif "encrypting_content" in data:
            yield from _run_encryption(label, data)
        else:
            raise DataError(f"{label} is no example of a kind known here: {sorted(data)}")


def _run_key(label: str, record: dict[str, Any]) -> Iterator[Case]:
    """A JWK comes out as it went in, member for member."""
    key = jwk.from_record(record)
    if key.kind == "RSA":
        # Private RSA members are not read.
        known = ("kty", "kid", "use", "alg", "key_ops", "n", "e")
        record = {name: member for name, member in record.items() if name in known}
    yield compare(label, jwk.to_record(key, secret=True), record)


def _run_signature(label: str, data: dict[str, Any]) -> Iterator[Case]:
    yield from check_members(label, data, "title reproducible input signing output")
    given, signing, output = data["input"], data["signing"], data["output"]
    yield from check_members(f"{label} input", given, "payload key alg")
    yield from check_members(f"{label} output", output, "compact json json_flat")
    payload = given["payload"].encode()
    keys = given["key"] if isinstance(given["key"], list) else [given["key"]]
    algorithms = given["alg"] if isinstance(given["alg"], list) else [given["alg"]]
    pairs = [(jwk.from_record(key), name) for key, name in zip(keys, algorithms, strict=True)]
    entries = signing if isinstance(signing, list) else [signing]
    general = output["json"]
    detached = None if "payload" in general else payload
    parsed = jws.parse_jws_json(general, payload=detached)
    yield compare(f"{label} signatures", len(parsed), len(pairs))
    for number, ((key, name), one) in enumerate(zip(pairs, parsed, strict=True)):
        part = f"{label} [{number}]"
        yield compare(f"{part} alg", one.algorithm, name)
        yield compare(f"{part} json", jws.is_valid(one, key, algorithms=ALL), True)
        yield compare(f"{part} payload", one.payload, payload)
        yield from _check_steps(part, entries[number], one, key)
        if data.get("reproducible") and key.secret is not None:
            made = compute_or_refuse(jwa.sign, name, key, one.encode_signed())
            yield compare(f"{part} made", made, one.signature)
    key, name = pairs[0]
    if "json_flat" in output:
        (flat,) = jws.parse_jws_json(output["json_flat"], payload=detached)
        yield compare(f"{label} json_flat", flat, parsed[0])
    if "compact" in output:
        compact = jws.parse_jws(output["compact"], payload=detached)
        yield compare(f"{label} compact", compact, parsed[0])
        if data.get("reproducible") and key.secret is not None:
            yield compare_result(
                f"{label} compact made",
                output["compact"],
                lambda: jws.sign_jws(
                    key, payload, compact.header, algorithm=name, detached=detached is not None
                ),
            )


def _check_steps(label: str, step: dict[str, Any], one: jws.Jws, key: Jwk) -> Iterator[Case]:
    known = "protected unprotected protected_b64u sig-input sig"
    yield from check_members(f"{label} signing", step, known)
    header = step.get("protected", {}) | step.get("unprotected", {})
    yield compare(f"{label} header", one.header, header)
    ours = {
        "protected_b64u": one.protected,
        "sig-input": one.encode_signed().decode(),
        "sig": encode_base64url(one.signature),
    }
    proven = jws.is_valid(one, key, algorithms=ALL)
    for name, found in ours.items():
        if name in step:
            yield _compare_step(f"{label} {name}", found, step[name], proven=proven)


def _compare_step(label: str, ours: str, stated: str, *, proven: bool) -> Case:
    prefix = "contradiction " if proven and ours != stated else ""
    return compare(prefix + label, ours, stated)


def _run_encryption(label: str, data: dict[str, Any]) -> Iterator[Case]:
    known = "title reproducible input generated encrypting_key encrypting_content output"
    yield from check_members(label, data, known)
    given, step, output = data["input"], data["encrypting_content"], data["output"]
    yield from check_members(f"{label} input", given, "plaintext key alg enc")
    yield from check_members(f"{label} generated", data["generated"], "iv cek")
    yield from check_members(f"{label} output", output, "compact json json_flat")
    key, plain = jwk.from_record(given["key"]), given["plaintext"].encode()
    forms = {
        name: jwe.parse_jwe_json(output[name]) for name in ("json", "json_flat") if name in output
    }
    if "compact" in output:
        forms["compact"] = jwe.parse_jwe(output["compact"])
    for name, one in forms.items():
        yield compare(f"{label} {name} header", one.header, step["protected"])
        yield compare_result(f"{label} {name}", plain, jwe.decrypt_jwe, one, key)
    proven = next(iter(forms.values()))
    stated = {"protected_b64u": "", "ciphertext": "", "tag": "", **step}
    yield from check_members(f"{label} content", step, "protected protected_b64u ciphertext tag")
    yield compare(f"{label} protected_b64u", proven.ad.decode(), stated["protected_b64u"])
    yield compare(f"{label} ciphertext", proven.sealed, parse_base64url(stated["ciphertext"]))
    yield compare(f"{label} tag", proven.tag, parse_base64url(stated["tag"]))
    yield compare(f"{label} iv", proven.nonce, parse_base64url(data["generated"]["iv"]))
    yield from _check_agreement(label, data.get("encrypting_key", {}), proven, key)


def _check_agreement(label: str, step: dict[str, Any], one: jwe.Jwe, key: Jwk) -> Iterator[Case]:
    """The ephemeral secret leads to the header's public key, and the content key is the one that opened the message."""
    yield from check_members(f"{label} key", step, "epk cek encrypted_key")
    if "epk" in step:
        stated = step["epk"]
        public = jwk.compute_public_key(key.kind, parse_base64url(stated["d"]))
        expected = one.header["epk"]["x"]
        yield compare(f"{label} epk d", jwk.to_record(jwk.Jwk(key.kind, public))["x"], expected)
        yield _compare_step(f"{label} epk x", expected, stated["x"], proven=True)
    if "cek" in step:
        found = encode_base64url(jwe.compute_content_key(one, key))
        yield _compare_step(f"{label} cek", found, step["cek"], proven=True)
    if "encrypted_key" in step:
        yield compare(
            f"{label} encrypted_key", one.encrypted_key, parse_base64url(step["encrypted_key"])
        )
