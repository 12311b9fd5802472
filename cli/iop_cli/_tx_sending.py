"""Signing transactions and handing them to a node: the second half of iop-tx."""

from __future__ import annotations

import time

from iop.errors import BusyError, MissingError, UsageError, VerifyError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from iop.io.node_client import NodeClient
    from iop.ledger.params import Params
    from iop.ledger.wire import Transaction
    from iop_cli._shell import Shell

    Record = dict[str, Any]

POLL_S = 0.1  # first pause between two looks; grows to ten times that


class Signer:
    """A key that signs drafts; nonces are asked of the node once and counted from there."""

    def __init__(self, shell: Shell, given: Record, client: NodeClient | None) -> None:
        self._secret = _open_secret(shell, given)
        self._schnorr = given["scheme"] == "schnorr"
        self._client = client
        self._next: int | None = None
        from iop.crypto.secp256k1 import compute_public_key

        self.public = compute_public_key(self._secret)

    def sign(self, record: Any, params: Params) -> Transaction:
        """The signed transaction of a draft."""
        from iop.ledger.draft import complete, from_draft
        from iop.ledger.seal import sign_ecdsa, sign_schnorr
        from iop.ledger.wire import UNKNOWN_NONCE

        draft = from_draft(record, params)
        nonce = self._take_nonce() if draft.nonce == UNKNOWN_NONCE else None
        make = sign_schnorr if self._schnorr else sign_ecdsa
        return make(complete(draft, self.public, nonce), self._secret)

    def sign_second(self, record: Any, params: Params) -> Transaction:
        """A signed transaction with this key's second signature."""
        from iop.ledger.record import from_record
        from iop.ledger.seal import sign_second

        return sign_second(from_record(record, params), self._secret, schnorr=self._schnorr)

    def _take_nonce(self) -> int | None:
        if self._next is None:
            if self._client is None:
                return None
            self._next = self._client.next_nonce(self.public.hex())
        self._next += 1
        return self._next - 1


def _open_secret(shell: Shell, given: Record) -> bytes:
    if bool(given["key"]) == given["ark"]:
        raise UsageError("name the key that signs: --key FILE#SELECTOR, or --ark")
    if given["ark"]:
        from iop.io.secret import read_text
        from iop.keys.account import compute_ark_key
        from iop_cli._secrets import find_source

        return compute_ark_key(read_text(find_source(shell), "Ark passphrase")).data
    from iop_cli._secrets import open_signer

    return open_signer(shell, suite="s").data


class Sender:
    """Hands records to the node of --node one by one, signing those that have no signature."""

    def __init__(self, shell: Shell, given: Record) -> None:
        from iop.io.node_client import open_node
        from iop_cli._tx_making import find_params

        self._shell = shell
        self._client = open_node(given["node"], given["timeout"])
        self._params = find_params(given["network"], self._client)
        self._wait, self._within = given["wait"], given["within"]
        has_key = given["key"] or given["ark"]
        self._signer = Signer(shell, given, self._client) if has_key else None

    def send(self, record: Any) -> Iterator[Record]:
        """What became of a transaction; with --wait once it is in a block."""
        from iop.ledger.record import to_record

        sent = send(self._client, to_record(self._prepare(record)))
        if self._wait:
            sent |= wait_for(self._client, sent["id"], self._within)
            if sent.get("confirmed") is False:
                self._shell.deny()
        yield sent

    def rehearse(self, record: Any) -> Iterator[Record]:
        """What would be wrong with a transaction."""
        found = rehearse(self._client, self._prepare(record))
        if found["errors"]:
            self._shell.deny()
        yield found

    def _prepare(self, record: Any) -> Transaction:
        from iop.ledger.record import from_record

        if isinstance(record, dict) and not record.keys() & {"signature", "signatures"}:
            if self._signer is None:
                raise UsageError(
                    "transaction is not signed",
                    hint="name a key with --key or --ark, or pipe it through iop-tx sign",
                )
            return self._signer.sign(record, self._params)
        return from_record(record, self._params)


def send(client: NodeClient, record: Record) -> Record:
    """Hand over one signed transaction: what became of it. Raises VerifyError with the node's words when it is refused."""
    answer = client.send([record])
    data = answer["data"]
    accepted = data.get("accept") or []
    if len(accepted) == 1:
        return {
            "type": "iop.tx-sent/1",
            "id": accepted[0],
            "broadcast": bool(data.get("broadcast")),
        }
    for found in (answer.get("errors") or {}).values():
        reason = str(found[0].get("type"))
        raise VerifyError(f"{reason}: {found[0].get('message')}", reason=reason)
    if data.get("excess"):
        raise BusyError("the sender has too many transactions waiting in the node's pool")
    raise VerifyError("the node did not take the transaction, and did not say why")


def wait_for(client: NodeClient, txid: str, limit_s: float) -> Record:
    """Height, block and layer-2 verdict of a transaction, once it is in a block. Raises BusyError after `limit_s` seconds."""
    end = time.monotonic() + limit_s
    pause = POLL_S
    while True:
        found = client.transaction(txid)
        if found is not None:
            return describe(client, txid, found)
        if time.monotonic() >= end:
            raise BusyError(f"{txid} is not in a block after {limit_s:g} s", id=txid)
        time.sleep(min(pause, max(0.0, end - time.monotonic())))
        pause = min(pause * 1.5, POLL_S * 10)


def describe(client: NodeClient, txid: str, found: Record | None = None) -> Record:
    """What a node knows of a transaction. Raises MissingError when it is in no block."""
    found = client.transaction(txid) if found is None else found
    if found is None:
        raise MissingError(f"{txid} is in no block")
    record: Record = {
        "type": "iop.tx-status/1",
        "id": txid,
        "blockId": found.get("blockId"),
        "confirmations": found.get("confirmations"),
    }
    if (found.get("typeGroup"), found.get("type")) == (4242, 1):
        record["confirmed"] = client.transaction_status(txid)
    return record


def rehearse(client: NodeClient, tx: Transaction) -> Record:
    """What would be wrong with a transaction now, without handing it over: nonce, balance, and the registry's dry run."""
    from iop.ledger.kind import MORPHEUS, find_kind
    from iop.ledger.wire import compute_id

    wallet = client.wallet(tx.sender.hex())
    nonce, balance = (0, 0) if wallet is None else (int(wallet["nonce"]), int(wallet["balance"]))
    problems: list[str] = []
    if tx.nonce != nonce + 1:
        problems.append(
            f"Cannot apply a transaction with nonce {tx.nonce}: "
            f"the sender {tx.sender.hex()} has nonce {nonce}."
        )
    if balance < tx.amount + tx.fee:
        problems.append("Insufficient balance in the wallet.")
    if find_kind(tx.type_group, tx.type) == MORPHEUS:
        found = client.check_attempts(tx.asset["operationAttempts"])
        problems += [str(each.get("message")) for each in found]
    return {"type": "iop.tx-sent/1", "id": compute_id(tx), "dry_run": True, "errors": problems}
