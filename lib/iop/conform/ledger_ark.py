"""Runner for the file of the Ark library: its networks, Schnorr signatures, verdicts on altered transactions, identities."""

from __future__ import annotations

from iop.conform.case import Case, compare
from iop.conform.ledger import judge
from iop.errors import IopError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    Document = dict[str, Any]


def run_hydra_transactions_ark(document: Document) -> Iterator[Case]:
    """Every list of the file and every result in it."""
    from iop.ledger.params import find_params

    for number, network in enumerate(document["networks"]):
        params = find_params(network["name"])
        yield compare(f"networks[{number}]", params.network_record(), network)
    for number, case in enumerate(document["schnorr"]):
        yield from _run_schnorr(f"schnorr[{number}] {case['kind']}", case, document)
    for number, case in enumerate(document["negative"]):
        label = f"negative[{number}] {case['kind']}, {case['label']}"
        verdict = judge(case["signed"], find_params("testnet"))
        yield compare(label, verdict, case["ark_node_verdict"])
    for number, case in enumerate(document["identities"]):
        yield from _run_identity(f"identities[{number}]", case)
    for number, case in enumerate(document["hash_signatures"]):
        yield from _run_hash(f"hash_signatures[{number}]", case)


def run_ark_verdicts(document: Document) -> Iterator[Case]:
    """Records, valid and altered, and what the Ark library makes of them on the test network."""
    from iop.ledger.params import find_params

    for number, case in enumerate(document["cases"]):
        verdict = judge(case["record"], find_params("testnet"))
        yield compare(f"cases[{number}]", verdict, case["verdict"])


def _run_schnorr(label: str, case: Document, document: Document) -> Iterator[Case]:
    from iop.conform.ledger import find_network
    from iop.keys.account import compute_ark_key
    from iop.ledger.transaction import (
        encode_transaction,
        from_record,
        parse_transaction,
        sign_schnorr,
    )
    from iop.value import replace

    params = find_network(case["network"])
    yield compare(f"{label} verdict", judge(case["signed"], params), case["ark_node_verdict"])
    try:
        tx = from_record(case["signed"], params)
        bare = replace(tx, signature=b"", second_signature=b"")
        again = sign_schnorr(bare, compute_ark_key(case["passphrase"]).data)
    except IopError as exc:
        yield Case(label, ok=False, detail=exc.message)
        return
    if "unsigned_bytes" in case:
        unsigned = encode_transaction(tx, signatures=False).hex()
        yield compare(f"{label} unsigned_bytes", {"ok": unsigned}, case["unsigned_bytes"])
    yield compare(
        f"{label} signed_bytes", {"ok": encode_transaction(tx).hex()}, case["signed_bytes"]
    )
    yield compare(f"{label} signature", again.signature.hex(), case["signed"]["signature"])
    yield compare(f"{label} parsed", parse_transaction(encode_transaction(tx)), tx)
    if "secondSignature" in case["signed"]:
        yield _run_second(f"{label} second", case, document)


def _run_second(label: str, case: Document, document: Document) -> Case:
    """The second key is not named: it has to be one of the file's identities, and to give the same signature."""
    from iop.conform.ledger import find_network
    from iop.keys.account import compute_ark_key
    from iop.ledger.transaction import from_record, is_second_valid, sign_second
    from iop.value import replace

    tx = from_record(case["signed"], find_network(case["network"]))
    for identity in document["identities"]:
        if is_second_valid(tx, bytes.fromhex(identity["publicKey"])):
            bare = replace(tx, second_signature=b"")
            made = sign_second(bare, compute_ark_key(identity["passphrase"]).data)
            return compare(label, made.second_signature.hex(), case["signed"]["secondSignature"])
    return Case(label, ok=False, detail="no identity of the file made it")


def _run_identity(label: str, case: Document) -> Iterator[Case]:
    from iop.conform.ledger import find_network
    from iop.keys.account import compute_ark_key
    from iop.keys.address import encode_wif
    from iop.keys.network import NETWORKS
    from iop.ledger.address import compute_address_hash, encode_address

    secret = compute_ark_key(case["passphrase"])
    public = secret.public().data
    yield compare(f"{label} privateKey", secret.data.hex(), case["privateKey"])
    yield compare(f"{label} publicKey", public.hex(), case["publicKey"])
    for name, expected in case["address"].items():
        got = encode_address(find_network(name).byte, compute_address_hash(public))
        yield compare(f"{label} address {name}", got, expected)
    for name, expected in case["wif"].items():
        yield compare(f"{label} wif {name}", encode_wif(NETWORKS[name], secret.data), expected)


def _run_hash(label: str, case: Document) -> Iterator[Case]:
    from iop.crypto.secp256k1 import encode_der, sign_ecdsa, sign_schnorr_ark
    from iop.keys.account import compute_ark_key
    from iop.ledger.seal import is_seal_valid

    secret = compute_ark_key(case["passphrase"]).data
    digest = bytes.fromhex(case["hash"])
    public, other = (bytes.fromhex(case[name]) for name in ("publicKey", "other_public_key"))
    schnorr, ecdsa = sign_schnorr_ark(secret, digest), encode_der(sign_ecdsa(secret, digest))
    yield compare(f"{label} schnorr", schnorr.hex(), case["schnorr"])
    yield compare(f"{label} ecdsa_der", ecdsa.hex(), case["ecdsa_der"])
    for name, key, signature in (
        ("schnorr_verified", public, case["schnorr"]),
        ("schnorr_verified_other", other, case["schnorr"]),
        ("schnorr_tampered_verified", public, case["schnorr_tampered"]),
        ("ecdsa_verified", public, case["ecdsa_der"]),
    ):
        verdict = is_seal_valid(key, digest, bytes.fromhex(signature))
        yield compare(f"{label} {name}", verdict, case[name])
