"""Signing transactions and handing them to a node: the second half of iop-tx."""

from __future__ import annotations

from iop.errors import UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from iop.io.node_client import NodeClient
    from iop.keys.multicipher import SecretKey
    from iop.ledger.params import Params
    from iop.ledger.wire import Transaction
    from iop_cli._shell import Shell

    Record = dict[str, Any]

OPERATIONS = ("addKey", "revokeKey", "addRight", "revokeRight", "tombstoneDid")


class Signer:
    """A key that signs drafts; nonces are asked of the node once and counted from there."""

    def __init__(
        self,
        shell: Shell,
        given: Record,
        client: NodeClient | None,
        secret: SecretKey | None = None,
    ) -> None:
        self._secret = (secret or open_payer(shell, given)).data
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

        check_stage(record)
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


def open_payer(shell: Shell, given: Record) -> SecretKey:
    """The key of --key or --ark, of which one has to be given. Raises UsageError, and as opening a key does."""
    if bool(given["key"]) == given["ark"]:
        raise UsageError("name the key that signs: --key FILE#SELECTOR, or --ark")
    if given["ark"]:
        from iop.io.secret import read_text
        from iop.keys.account import compute_ark_key
        from iop_cli._secrets import find_source

        return compute_ark_key(read_text(find_source(shell), "Ark passphrase"))
    from iop_cli._secrets import open_signer

    return open_signer(shell, suite="s")


def check_stage(record: Any) -> None:
    """Nothing for what may be a transaction; UsageError for a record that has to go through another command first."""
    operation = record.get("operation") if isinstance(record, dict) else None
    if operation in OPERATIONS:
        raise UsageError(
            "operation is not signed", hint="pipe it through iop-did sign, then iop-tx morpheus"
        )
    if operation in ("signed", "registerBeforeProof"):
        raise UsageError("bare attempt, no transaction", hint="pipe it through iop-tx morpheus")
    if isinstance(record, dict) and "operations" in record:
        raise UsageError("bare bundle, no transaction", hint="pipe it through iop-tx coeus")


class Sender:
    """Hands records to the node of --node one by one, signing those that have no signature; `payer`: with this key."""

    def __init__(self, shell: Shell, given: Record, payer: SecretKey | None = None) -> None:
        from iop.io.node_client import open_node
        from iop_cli._tx_making import find_params

        self._shell = shell
        self._client = open_node(given["node"], given["timeout"])
        self.params = find_params(given["network"], self._client)
        self._wait, self._within = given["wait"], given["within"]
        self._check = not given["no_check"]
        has_key = payer or given["key"] or given["ark"]
        self._signer = Signer(shell, given, self._client, payer) if has_key else None

    def send(self, record: Any) -> Iterator[Record]:
        """What became of a transaction; with --wait once it is in a block."""
        from iop_cli._tx_asking import foresee, send, wait_for

        tx = self._prepare(record)
        if self._check:
            foresee(self._client, tx)
        sent = send(self._client, tx, self.params)
        if self._wait:
            sent |= wait_for(self._client, sent["id"], self._within)
            tell(self._shell, sent)
        yield sent

    def rehearse(self, record: Any) -> Iterator[Record]:
        """What would be wrong with a transaction."""
        from iop_cli._tx_asking import rehearse

        found = rehearse(self._client, self._prepare(record))
        if found["errors"]:
            self._shell.deny()
        yield found

    def _prepare(self, record: Any) -> Transaction:
        from iop.ledger.record import from_record

        check_stage(record)
        if isinstance(record, dict) and not record.keys() & {"signature", "signatures"}:
            if self._signer is None:
                raise UsageError(
                    "transaction is not signed",
                    hint="name a key with --key or --ark, or pipe it through iop-tx sign",
                )
            return self._signer.sign(record, self.params)
        return from_record(record, self.params)


def tell(shell: Shell, record: Record) -> None:
    """Report what the registry rejected; the exit status follows."""
    from iop_cli._tx_asking import complain

    error = complain(record)
    if error is not None:
        shell.reporter.error(error)
        shell.deny()
