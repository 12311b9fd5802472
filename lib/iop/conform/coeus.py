"""Runners for names: bundles, their transactions, recorded scenarios and HTTP answers (morpheus 18 and 20).

Texts of refusals are compared exactly, except those that name a line and column of the original's reader: of these only the fact is.
"""

from __future__ import annotations

from functools import partial

from iop.codec.json import parse_json
from iop.conform.case import Case, compare
from iop.crypto.hash import sha256
from iop.daemon.http.dispatch import Interface, Request
from iop.daemon.http.reply import Reply
from iop.daemon.http.router import Router
from iop.daemon.routes import names as names_routes
from iop.errors import DataError, IopError
from iop.keys.multicipher import SECP256K1, SecretKey, parse_public_key
from iop.keys.network import NETWORKS
from iop.ledger import transaction
from iop.ledger.coeus.bundle import (
    asset_from_record,
    bundle_from_record,
    bundle_to_record,
    compute_fee,
    compute_price,
    encode_asset,
    encode_signing_text,
    is_signature_valid,
    parse_asset,
    sign_bundle,
)
from iop.ledger.coeus.name import parse_name
from iop.ledger.coeus.operation import from_record
from iop.ledger.coeus.registry import Registry
from iop.ledger.coeus_schema.likeness import compute_likeness
from iop.ledger.coeus_schema.metaschema import DRAFT6

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any

    from iop.ledger.coeus.bundle import Bundle

    Json = Any
    Row = dict[str, Any]

LEFT_OUT = "JSON schema draft 6 meta schema (left out)"
_ABOUT = {"name", "set", "source", "notes"}


def run_coeus(document: Row) -> Iterator[Case]:
    """coeus: keys, names, bundles with their transactions, verdicts, reading of bytes, scenarios."""
    lists: dict[str, Callable[[str, Row], Iterator[Case]]] = {
        "people": _run_person,
        "names": _run_name,
        "bundles": _run_bundle,
        "checks": _run_check,
        "deserialize": _run_deserialize,
        "scenarios": _run_scenario,
    }
    for name in sorted(set(document) - _ABOUT - set(lists)):
        yield Case(name, False, "list of an unknown kind")
    for name, run in lists.items():
        for number, row in enumerate(document.get(name, [])):
            yield from run(f"{name}[{number}]", row)


def run_coeus_http(document: Row) -> Iterator[Case]:
    """coeus_http: blocks fed in order, and what the node answers between them."""
    for name in sorted(set(document) - _ABOUT - {"steps"}):
        yield Case(name, False, "list of an unknown kind")
    registry = Registry()
    interface = open_names(registry)
    for number, step in enumerate(document["steps"]):
        label = f"steps[{number}]"
        if set(step) == {"block", "transactions"}:
            registry.apply_block(step["block"])
            for row in step["transactions"]:
                catch(partial(_apply, registry, row["id"], row["asset"]))
        elif set(step) == {"request", "response"}:
            yield _run_request(label, interface, step["request"], step["response"])
        else:
            yield Case(label, False, f"step of an unknown kind {sorted(step)}")


class _NamesView:
    """A registry of names where the routes look for it."""

    def __init__(self, names: Registry) -> None:
        self.names = names
        self.state = self


def open_names(registry: Registry) -> Interface:
    """The HTTP interface of a registry of names."""
    router = Router()
    names_routes.register(router)
    return Interface(router, _NamesView(registry))


def _run_request(label: str, interface: Interface, request: Row, response: Row) -> Case:
    label = f"{label} {request['method']} {request['path']}"
    reply = interface.answer(Request(request["method"], request["path"]))
    assert isinstance(reply, Reply)
    body = parse_json(reply.body)
    wanted = parse_json(response["body"])
    if isinstance(wanted, dict) and isinstance(wanted.get("children"), list):
        wanted["children"].sort()  # the original's order is random
    return compare(
        label,
        (reply.status, reply.kind.decode(), compute_likeness(body)),
        (response["status"], response["content_type"], compute_likeness(wanted)),
    )


def _run_person(label: str, row: Row) -> Iterator[Case]:
    yield compare(label, str(_make_secret(row["passphrase"]).public()), row["publicKey"])


def _run_name(label: str, row: Row) -> Iterator[Case]:
    got = catch(lambda: str(parse_name(row["text"])))
    yield compare_outcome(f"{label} {row['text'][:40]!r}", got, row["result"])


def _run_bundle(label: str, row: Row) -> Iterator[Case]:
    known = {"passphrase", "nonce", "operations", "signing_text", "price", "bundle", "network"}
    known |= {"layer1_nonce", "asset_bytes", "asset_fee", "transaction"}
    if set(row) != known:
        yield Case(label, False, f"members {sorted(row)}, expected {sorted(known)}")
        return
    secret = _make_secret(row["passphrase"])
    operations = tuple([from_record(_complete(item)) for item in row["operations"]])
    yield compare(
        f"{label} signing_text", encode_signing_text(operations, row["nonce"]), row["signing_text"]
    )
    bundle = sign_bundle(secret, operations, row["nonce"])
    yield compare(f"{label} price", str(compute_price(bundle)), row["price"])
    yield _compare_json(f"{label} bundle", bundle_to_record(bundle), row["bundle"])
    yield compare(f"{label} bundle read", bundle_from_record(row["bundle"]), bundle)
    yield compare(f"{label} verdict", is_signature_valid(bundle), True)
    asset = asset_from_record({"bundles": [row["bundle"]]})
    yield compare(f"{label} asset_bytes", encode_asset(asset).hex(), row["asset_bytes"])
    read = catch(lambda: parse_asset(bytes.fromhex(row["asset_bytes"])))
    yield compare(f"{label} asset read", read, {"ok": asset})
    yield compare(f"{label} asset_fee", str(compute_fee(asset)), row["asset_fee"])
    yield from _run_transaction(label, row, secret, bundle)


def _complete(operation: Row) -> Row:
    """A builder's call as an operation: `policies` for the subtree, and the registration policy it leaves to the default."""
    if operation.get("type") != "register" or "policies" not in operation:
        return operation
    full = {"subtreePolicies": operation["policies"], "registrationPolicy": "owner"} | operation
    del full["policies"]
    return full


def _run_transaction(label: str, row: Row, secret: SecretKey, bundle: Bundle) -> Iterator[Case]:
    unsigned = transaction.Transaction(
        network=NETWORKS[row["network"]].address,
        type_group=4242,
        type=2,
        nonce=row["layer1_nonce"],
        sender=secret.public().data,
        fee=int(row["asset_fee"]),
        asset={"bundles": [bundle_to_record(bundle)]},
    )
    got = catch(lambda: transaction.to_record(transaction.sign_ecdsa(unsigned, secret.data)))
    yield compare_outcome(f"{label} transaction", got, {"ok": row["transaction"]})


def _run_check(label: str, row: Row) -> Iterator[Case]:
    got = catch(lambda: is_signature_valid(bundle_from_record(row["bundle"])))
    yield compare_outcome(f"{label} {row['label']}", got, row["verify"])


def _run_deserialize(label: str, row: Row) -> Iterator[Case]:
    got = catch(lambda: bool(parse_asset(row["text"].encode())))
    yield compare_outcome(f"{label} {row['label']}", got, row["result"])


def _run_scenario(label: str, row: Row) -> Iterator[Case]:
    registry = Registry()
    for number, step in enumerate(row["steps"]):
        name = step.get("do") or step.get("query")
        at = f"{label} {row['name']} [{number}] {name}"
        known = {"do", "query", "args", "txid", "asset", "height", "result", "error"}
        if name not in _STEPS or not set(step) <= known:
            yield Case(at, False, f"step of an unknown kind {sorted(step)}")
            continue
        got = catch(partial(_STEPS[name], registry, step))
        if name == "getMetadata" and "ok" in got and "result" in step:
            _leave_out(got["ok"], step["result"])
        yield compare_outcome(at, got, step)


def _leave_out(got: Row, expected: Row) -> None:
    """Puts the recorded note in the place of the meta-schema, if that is what is there."""
    noted = expected["subtreePolicies"].get("schema") == LEFT_OUT
    if noted and got["subtreePolicies"].get("schema") == DRAFT6:
        got["subtreePolicies"]["schema"] = LEFT_OUT


def _apply(registry: Registry, txid: str, record: Json) -> None:
    registry.apply_transaction(txid, asset_from_record(record))


_STEPS: dict[str, Callable[[Registry, Row], Json]] = {
    "blockApplying": lambda registry, step: registry.apply_block(step["height"]),
    "blockReverted": lambda registry, step: registry.revert_block(step["height"]),
    "applyTransaction": lambda registry, step: _apply(registry, step["txid"], step["asset"]),
    "revertTransaction": lambda registry, step: registry.revert_transaction(
        step["txid"], asset_from_record(step["asset"])
    ),
    "corrupted": lambda registry, _: registry.is_corrupted,
    "version": lambda registry, _: str(registry.version),
    "lastSeenHeight": lambda registry, _: registry.last_seen_height,
    "resolveData": lambda registry, step: registry.resolve(parse_name(step["args"][0])),
    "getMetadata": lambda registry, step: registry.metadata_of(parse_name(step["args"][0])),
    "getChildren": lambda registry, step: registry.children_of(parse_name(step["args"][0])),
    "lastNonce": lambda registry, step: str(registry.last_nonce(parse_public_key(step["args"][0]))),
    "getTxnStatus": lambda registry, step: registry.is_confirmed(step["args"][0]),
}


def _make_secret(passphrase: str) -> SecretKey:
    return SecretKey(SECP256K1, sha256(passphrase.encode()))


def catch(call: Callable[[], Json]) -> Row:
    """`{"ok": …}`, or `{"error": text, "data": True if the input was refused for its form}`."""
    try:
        return {"ok": call()}
    except IopError as exc:
        return {"error": exc.message, "data": isinstance(exc, DataError)}


def compare_outcome(label: str, got: Row, expected: Row) -> Case:
    """An outcome against a recorded one, which has `ok` or `result`, or `error`."""
    if "error" in expected:
        text = expected["error"]
        if "error" not in got:
            return Case(label, False, f"got {got['ok']!r}, expected refusal {text!r}")
        if " at line " in text and " column " in text:
            return compare(label, got["data"], True)
        return compare(label, got["error"], text)
    if "error" in got:
        return Case(label, False, f"got refusal {got['error']!r}")
    return _compare_json(
        label, got["ok"], expected["ok"] if "ok" in expected else expected["result"]
    )


def _compare_json(label: str, got: Json, expected: Json) -> Case:
    """Equality of JSON values in which 1, 1.0 and true differ and member order does not count."""
    return compare(label, compute_likeness(got), compute_likeness(expected))
