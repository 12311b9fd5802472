"""Runner for the file about transactions as the original's wallets build and sign them."""

from __future__ import annotations

from iop.conform.case import Case, compare
from iop.errors import IopError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from iop.ledger.params import Params
    from iop.ledger.wire import Transaction

    Document = dict[str, Any]

PHRASE = (  # the demo phrase of morpheus 3; the file's keys come from it with the first release's password
    "include pear escape sail spy orange cute despair witness trouble sleep torch "
    "wire burst unable brass expose fiction drift clock duck oxygen aerobic already"
)


def run_hydra_transactions(document: Document) -> Iterator[Case]:
    """Record, bytes, signature and id of built transactions, and the verdict of a node on each."""
    for number, case in enumerate(document["cases"]):
        yield from _run_case(f"cases[{number}] {case['kind']}", case)


def find_network(name: str) -> Params:
    """The parameters of a network by its name in the files, `HYD mainnet`."""
    from iop.ledger.params import find_params

    return find_params(name.removeprefix("HYD "))


def judge(record: Any, params: Params) -> Document:
    """A node's verdict on a record: verified, bytes and id, or the error."""
    from iop.ledger.transaction import (
        compute_id,
        encode_transaction,
        from_record,
        is_signature_valid,
    )

    try:
        tx = from_record(record, params)
    except IopError as exc:
        return {"error": exc.message}
    verdict = {
        "verified": is_signature_valid(tx),
        "serialized": encode_transaction(tx).hex(),
        "id": compute_id(tx),
    }
    return {"ok": verdict}


def _run_case(label: str, case: Document) -> Iterator[Case]:
    from iop.crypto.secp256k1 import compute_public_key
    from iop.ledger.address import compute_address_hash, encode_address
    from iop.ledger.transaction import encode_transaction, sign_ecdsa, to_record

    params = find_network(case["network"])
    try:
        secret = _read_key(case["key"])
        sender = compute_public_key(secret)
        built = _build(case, params, sender)
        signed = sign_ecdsa(built, secret)
    except IopError as exc:
        yield Case(label, ok=False, detail=exc.message)
        return
    address = encode_address(params.byte, compute_address_hash(sender))
    yield compare(f"{label} sender", address, case["sender_address"])
    yield compare(f"{label} unsigned", to_record(built), case["unsigned"])
    yield compare(f"{label} signed", to_record(signed), case["signed"])
    for name, tx, signatures in (
        ("unsigned_bytes", built, False),
        ("signed_bytes", signed, True),
    ):
        data = encode_transaction(_as_node(tx), signatures=signatures).hex()
        yield compare(f"{label} {name}", {"ok": data}, case[name])
    verdict = judge(case["signed"], params)
    yield compare(f"{label} verdict", verdict, case["ark_node_verdict"])


def _as_node(tx: Transaction) -> Transaction:
    """The transaction as a node writes it: no vendor field on a kind that carries none."""
    from iop.ledger.kind import find_kind
    from iop.value import replace

    if find_kind(tx.type_group, tx.type).has_vendor_field:
        return tx
    return replace(tx, vendor_field=None)


def _read_key(key: Document) -> bytes:
    from iop.errors import SchemaError
    from iop.keys.account import compute_ark_key
    from iop.keys.derivation import derive_master, derive_path, parse_path
    from iop.keys.mnemonic import compute_seed
    from iop.keys.vault import LEGACY_PASSWORD

    if "ark_passphrase" in key:
        return compute_ark_key(key["ark_passphrase"]).data
    if "bip44" in key:
        master = derive_master(compute_seed(PHRASE, LEGACY_PASSWORD), "secp256k1")
        return derive_path(master, parse_path(key["bip44"])).secret
    raise SchemaError(f"unknown kind of key {sorted(key)}")


def _build(case: Document, params: Params, sender: bytes) -> Transaction:
    from iop.errors import SchemaError
    from iop.ledger import builder
    from iop.value import replace

    given, kind = case["params"], case["kind"]
    nonce = int(given["nonce"])
    fee = int(given["manualFee"]) if "manualFee" in given else None
    vendor = given.get("vendorField")
    word = kind.split(" ")[0]
    if word == "transfer":
        return builder.build_transfer(
            params,
            sender,
            nonce,
            given["recipient"],
            int(given["amount"]),
            fee=fee,
            vendor_field=vendor,
        )
    if word in ("vote", "unvote"):
        delegate = bytes.fromhex(given["delegate"])
        made = builder.build_vote(params, sender, nonce, delegate, is_for=word == "vote", fee=fee)
    elif word == "delegate":
        made = builder.build_registration(params, sender, nonce, given["username"], fee=fee)
    elif word == "morpheus":
        asset = given.get("asset", case["unsigned"]["asset"])
        made = builder.build_morpheus(params, sender, nonce, asset["operationAttempts"], fee=fee)
    else:
        raise SchemaError(f"unknown kind of transaction {kind!r}")
    return replace(made, vendor_field=vendor)
