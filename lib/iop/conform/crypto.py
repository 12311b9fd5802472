"""Runner for the signatures recorded from the original software: made, judged, and in DER."""

from __future__ import annotations

from iop.conform.case import Case, check_members, compare, compare_outcome

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from iop.keys.multicipher import SecretKey


def run_signatures(document: dict[str, Any]) -> Iterator[Case]:
    """Signatures made with derived and passphrase keys, verdicts of the original, strict DER."""
    from iop.crypto import secp256k1
    from iop.keys import multicipher

    yield from check_members("file", document, "name set source notes sign verify der")
    for number, case in enumerate(document["sign"]):
        label = f"sign[{number}]"
        yield from check_members(label, case, "key publicKey message signature der")
        secret = _make_key(case["key"])
        yield compare(f"{label} publicKey", str(secret.public()), case["publicKey"])
        signature = multicipher.sign(secret, bytes.fromhex(case["message"]))
        yield compare(f"{label} signature", str(signature), case["signature"])
        if "der" in case:
            der = secp256k1.encode_der(signature.data)
            yield compare(f"{label} der", der.hex(), case["der"])
            yield compare(f"{label} der read", secp256k1.parse_der(der), signature.data)
    for number, case in enumerate(document["verify"]):
        label = f"verify[{number}] {case['label']}"
        yield from check_members(label, case, "label publicKey message signature valid")
        yield compare_outcome(label, case["valid"], _judge, case)
    for number, case in enumerate(document["der"]):
        label = f"der[{number}] {case['label']}"
        yield from check_members(label, case, "label der signature")
        yield compare_outcome(label, case["signature"], _read_der, case["der"])


def _make_key(record: dict[str, Any]) -> SecretKey:
    from iop.crypto.hash import sha256
    from iop.errors import SchemaError
    from iop.keys import morpheus, multicipher

    if set(record) == {"ark_passphrase"}:
        data = sha256(record["ark_passphrase"].encode())
        return multicipher.SecretKey(multicipher.SECP256K1, data)
    if set(record) != {"seed", "kind", "idx"}:
        raise SchemaError(f"unknown key of a signature: {sorted(record)}")
    return morpheus.derive_key(bytes.fromhex(record["seed"]), record["kind"], record["idx"])


def _judge(case: dict[str, Any]) -> bool:
    from iop.keys import multicipher

    public = multicipher.parse_public_key(case["publicKey"])
    signature = multicipher.parse_signature(case["signature"])
    message = bytes.fromhex(case["message"])
    return multicipher.is_valid(public, message, signature, strict=False)


def _read_der(text: str) -> str:
    from iop.crypto import secp256k1
    from iop.keys.multicipher import SECP256K1, Signature

    return str(Signature(SECP256K1, secp256k1.parse_der(bytes.fromhex(text))))
