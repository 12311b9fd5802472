"""Runners for identifiers: operations, rights of documents, the registry's recorded scenarios (morpheus 20).

Texts of refusals are compared exactly, except those that name a line and column of the original's reader: of these only the fact is.
"""

from __future__ import annotations

from iop.codec.json import encode_json, parse_json
from iop.conform.case import Case, check_members, compare, compare_outcome
from iop.did.document import check_document, has_right_at_client, is_tombstoned_at_client
from iop.did.identifier import compute_did
from iop.did.operation import (
    BeforeProof,
    Signed,
    compute_fee,
    encode_signables,
    make_signable,
    parse_asset,
    parse_attempt,
    parse_signables,
    sign_signables,
    signable_to_record,
    to_record,
)
from iop.did.registry import Registry
from iop.keys.mnemonic import compute_seed
from iop.keys.morpheus import derive_key
from iop.keys.multicipher import (
    SECP256K1,
    SecretKey,
    compute_key_id,
    is_valid,
    parse_auth,
    parse_public_key,
    parse_signature,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any

    Json = Any
    Row = dict[str, Any]


CASE_MEMBERS = (
    "key operations signed canonical signed_bytes signerPublicKey signature "
    "ts_builder ts_builder_json wasm_json"
)
ASSET_MEMBERS = (
    "asset asset_json byte_length attempts_json_utf16_length fee_by_wasm_builder fee_by_ts_builder"
)
CHECK_MEMBERS = "label attempt dryRun value result"
STEPS = (
    "blockApplying blockReverting applyTransaction revertTransaction dryRun lastBlockHeight corrupted isConfirmed "
    "beforeProofExistsAt beforeProofHistory getTransactionHistory lastTxId getDidDocumentAt"
)
PERSON_MEMBERS = "pk id did from"
STEP_MEMBERS = "do query txid asset height args error result"
# The file does not say at what height its dry runs were made; no answer in it names or depends on one above the first two.
CHECK_HEIGHT = 5


def run_operations(document: Row) -> Iterator[Case]:
    """did_operations: signed bytes and texts, fees, dry-run verdicts and the builder's refusals."""
    phrase = document["phrase"]
    seed = compute_seed(phrase["phrase"], phrase["password"])
    for number, case in enumerate(document["cases"]):
        yield from _run_operation(f"cases[{number}]", case, seed)
    for number, case in enumerate(document["assets"]):
        yield from _run_asset(f"assets[{number}]", case)
    for number, case in enumerate(document["checks"]):
        label = f"checks[{number}] {case['label']}"
        yield from check_members(label, case, CHECK_MEMBERS)
        if "attempt" in case:
            registry = Registry()
            registry.apply_block(CHECK_HEIGHT)
            yield compare_outcome(label, case["dryRun"], registry.dry_run, [case["attempt"]])
        else:
            yield _run_builder(label, case)


def _run_operation(label: str, case: Row, seed: bytes) -> Iterator[Case]:
    yield from check_members(label, case, CASE_MEMBERS)
    secret = _find_secret(case["key"], seed)
    signables = tuple(
        make_signable(
            row["op"],
            row["did"],
            row["lastTxId"],
            auth=row.get("auth"),
            expires=row.get("expiresAtHeight"),
            right=row.get("right"),
        )
        for row in case["operations"]
    )
    message = encode_signables(signables)
    signed = sign_signables(signables, secret)
    framed = case["canonical"].encode()
    yield compare(f"{label} signed_bytes", message.hex(), case["signed_bytes"])
    yield compare(f"{label} canonical", message.endswith(framed), True)
    yield compare(f"{label} signerPublicKey", signed.signer, case["signerPublicKey"])
    yield compare(f"{label} signature", signed.signature, case["signature"])
    bare = {k: v for k, v in to_record(signed).items() if k != "operation"}
    yield compare(f"{label} signed", bare, case["signed"])
    yield compare(f"{label} wasm_json", encode_json(to_record(signed)), case["wasm_json"])
    yield compare(f"{label} parsed", parse_attempt(parse_json(case["wasm_json"])), signed)
    public = parse_public_key(case["signerPublicKey"])
    verdict = is_valid(public, message, parse_signature(case["signature"]), strict=False)
    yield compare(f"{label} verified", verdict, True)
    if "ts_builder_json" in case:
        record = to_record(signed, "ts")
        yield compare(f"{label} ts_builder_json", encode_json(record), case["ts_builder_json"])
    if "ts_builder" in case:
        yield compare(f"{label} ts_builder", to_record(signed, "ts"), case["ts_builder"])


def _find_secret(key: Row, seed: bytes) -> SecretKey:
    if "ark_passphrase" in key:
        from iop.crypto.hash import sha256

        return SecretKey(SECP256K1, sha256(key["ark_passphrase"].encode()))
    return derive_key(seed, key["kind"], key["idx"])


def _run_asset(label: str, case: Row) -> Iterator[Case]:
    yield from check_members(label, case, ASSET_MEMBERS)
    asset = case["asset"]
    text = encode_json(asset)
    yield compare(f"{label} asset_json", text, case["asset_json"])
    yield compare(f"{label} byte_length", len(text.encode()), case["byte_length"])
    units = len(encode_json(asset["operationAttempts"]).encode("utf-16-le")) // 2
    yield compare(f"{label} attempts_json_utf16_length", units, case["attempts_json_utf16_length"])
    yield compare(
        f"{label} fee_by_wasm_builder", str(compute_fee(asset)), case["fee_by_wasm_builder"]
    )
    yield compare(
        f"{label} fee_by_ts_builder", str(compute_fee(asset, "ts")), case["fee_by_ts_builder"]
    )
    attempts = parse_asset(asset)
    again = {"operationAttempts": [to_record(attempt) for attempt in attempts]}
    yield compare(f"{label} parsed and written", again, asset)
    for attempt in attempts:
        if isinstance(attempt, Signed):
            yield compare(
                f"{label} signables",
                parse_signables([signable_to_record(s, "ts") for s in attempt.signables]),
                attempt.signables,
            )
        else:
            yield compare(f"{label} before proof", isinstance(attempt, BeforeProof), True)


def _run_builder(label: str, case: Row) -> Case:
    """A call of the original's builder; the file names the call by its label and gives one argument at most."""
    did = "did:morpheus:ezu1Yia5ZujEypHcFcakgnPP"
    auth = "iezoA1EStncCW43jhUeY11tNC"
    calls: dict[str, Callable[[], Json]] = {
        "expiresAtHeight refused by the builder": lambda: _build(
            "addKey", did, auth=auth, expires=case["value"]
        ),
        "builder: bad did": lambda: _build("addKey", "did:x", auth=auth),
        "builder: bad auth": lambda: _build("addKey", did, auth="foo"),
        "builder: number lastTxId": lambda: _build("tombstoneDid", did, 5),
        "builder: empty lastTxId": lambda: _build("tombstoneDid", did, ""),
        "builder: any right text": lambda: _build("addRight", did, auth=auth, right="whatever"),
    }
    call = calls.get(case["label"])
    if call is None:
        return Case(label, False, "unknown label")
    return compare_outcome(label, case["result"], call)


def _build(operation: str, did: str, last_txid: Json = None, **parts: Json) -> Json:
    return signable_to_record(make_signable(operation, did, last_txid, **parts))


def run_document_rights(document: Row) -> Iterator[Case]:
    """did_document_rights, all lists: judgements at one height and verdicts over ranges of blocks."""
    from iop.conform.claim_signed import run_validate_list

    yield from _run_rights(document)
    yield from run_validate_list(document)


def _run_rights(document: Row) -> Iterator[Case]:
    """The list `rights`: what the original's client library says of documents at heights."""
    documents = [check_document(d) for d in document["documents"]]
    for number, case in enumerate(document["rights"]):
        label = f"rights[{number}]"
        shown = documents[case["doc"]]
        height = case["height"]
        if set(case) == {"doc", "auth", "right", "height", "hasRightAt"}:
            auth = parse_auth(case["auth"])
            yield compare_outcome(
                f"{label} hasRightAt",
                case["hasRightAt"],
                has_right_at_client,
                shown,
                auth,
                case["right"],
                height,
            )
        elif set(case) == {"doc", "height", "isTombstonedAt"}:
            yield compare_outcome(
                f"{label} isTombstonedAt",
                case["isTombstonedAt"],
                is_tombstoned_at_client,
                shown,
                height,
            )
        else:
            yield Case(label, False, f"unknown members {sorted(case)}")


def run_scenarios(document: Row) -> Iterator[Case]:
    """registry_scenarios and registry_random: steps in order, each scenario on a registry of its own; who acts in them."""
    yield from run_people(document)
    for scenario in document["scenarios"]:
        registry = Registry()
        for number, step in enumerate(scenario["steps"]):
            name = step.get("do") or step.get("query")
            label = f"{scenario['name']}[{number}] {name}"
            yield from check_members(label, step, STEP_MEMBERS)
            if name not in STEPS.split():
                yield Case(label, False, "unknown step")
                continue
            wanted = {"error": step["error"]} if "error" in step else {"ok": step["result"]}
            yield compare_outcome(label, wanted, run_step, registry, step)


def run_people(document: Row) -> Iterator[Case]:
    """The list `people` of a file: key, key id and DID of each, from the phrase or passphrase they come from."""
    if "people" not in document:
        return
    phrase = document["phrase"]
    seed = compute_seed(phrase["phrase"], phrase["password"])
    for number, person in enumerate(document["people"]):
        label = f"people[{number}]"
        yield from check_members(label, person, PERSON_MEMBERS)
        public = _find_secret(person["from"], seed).public()
        yield compare(f"{label} pk", str(public), person["pk"])
        yield compare(f"{label} id", str(compute_key_id(public)), person["id"])
        yield compare(f"{label} did", str(compute_did(public)), person["did"])


def run_step(registry: Registry, step: Row) -> Json:
    """One step of a scenario: what the call gave, None for a change."""
    args = [_to_unsigned(arg) for arg in step.get("args", ())]
    calls: dict[str, Callable[..., Json]] = {
        "lastBlockHeight": registry.last_height,
        "corrupted": lambda: registry.is_corrupted,
        "isConfirmed": registry.is_confirmed,
        "beforeProofExistsAt": registry.before_proof_exists_at,
        "beforeProofHistory": registry.before_proof_history,
        "getTransactionHistory": registry.transaction_history,
        "lastTxId": registry.last_txid,
        "getDidDocumentAt": registry.document_at,
    }
    changes: dict[str, Callable[[], None]] = {
        "blockApplying": lambda: registry.apply_block(_to_unsigned(step["height"])),
        "blockReverting": lambda: registry.revert_block(_to_unsigned(step["height"])),
        "applyTransaction": lambda: registry.apply_transaction(step["txid"], step["asset"]),
        "revertTransaction": lambda: registry.revert_transaction(step["txid"], step["asset"]),
    }
    if "do" in step:
        changes[step["do"]]()
        return None
    if step["query"] == "dryRun":
        return registry.dry_run(parse_asset(step["asset"]))
    return calls[step["query"]](*args)


def _to_unsigned(arg: Json) -> Json:
    """Heights as the original's JavaScript side hands them over: reduced to 32 bits."""
    return arg & 0xFFFFFFFF if type(arg) is int else arg
