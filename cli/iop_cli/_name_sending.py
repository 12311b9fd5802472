"""Signing operations on names and handing the bundles to a node: the second half of iop-name."""

from __future__ import annotations

from iop.errors import DataError, UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import Any

    from iop.io.node_client import NodeClient
    from iop.keys.multicipher import SecretKey
    from iop.ledger.coeus.operation import Operation
    from iop_cli._shell import Shell

    Record = dict[str, Any]

TYPES = ("register", "update", "renew", "transfer", "delete")


def open_payer(shell: Shell, given: Record) -> SecretKey | None:
    """The key of --key or --ark; None where neither is given and none is needed."""
    from iop_cli._tx_sending import open_payer as open_key

    if not (given["key"] or given["ark"]) and not given["send"]:
        return None
    return open_key(shell, given)


def open_signer(shell: Shell, given: Record) -> SecretKey:
    """The key of --key, of any suite, or of --ark. Raises UsageError when it is not one of them."""
    if given["ark"] or not given["key"]:
        from iop_cli._tx_sending import open_payer as open_key

        return open_key(shell, given)
    from iop_cli._secrets import open_signer as open_any

    return open_any(shell)


def open_owner(shell: Shell, given: Record, payer: SecretKey | None) -> SecretKey | None:
    """The key of --owner-key, else the one that pays."""
    if given["owner_key"] is None:
        return payer
    from iop.io.keyring import open_signer
    from iop_cli._secrets import find_source

    return open_signer(given["owner_key"], find_source(shell, "owner-passphrase"))


def sign_operations(
    shell: Shell,
    secret: SecretKey,
    operations: Sequence[Operation],
    nonce: str,
    client: NodeClient | None,
) -> Record:
    """The bundle of operations. nonce: digits, or `auto`, for which the node is asked. Raises UsageError without it."""
    from iop.ledger.coeus.bundle import bundle_to_record, sign_bundle
    from iop.ledger.coeus.operation import Delete
    from iop_cli._tx_making import parse_nonce

    number = parse_nonce(nonce)
    if number is None:
        if client is None:
            raise UsageError("bundle has no nonce", hint="--node URL asks for it, or --nonce N")
        number = client.last_nonce(str(secret.public())) + 1
    for operation in operations:
        if isinstance(operation, Delete):
            shell.confirm(f"delete {operation.name} and all names below it?")
    return bundle_to_record(sign_bundle(secret, tuple(operations), number))


def parse_operations(records: Sequence[Any]) -> list[Operation]:
    """The operations of records. Raises DataError: none, or what is not one; UsageError for what is signed already."""
    from iop.ledger.coeus.operation import from_record
    from iop.ledger.coeus.verdict import check_layer1

    if any(isinstance(record, dict) and "operations" in record for record in records):
        raise UsageError("a bundle is signed already", hint="pipe it through iop-name send")
    operations = [from_record(record) for record in records]
    if not operations:
        raise DataError("no operations to sign")
    check_layer1(operations)
    return operations


def hand_over(
    shell: Shell, given: Record, bundles: Sequence[Any], payer: SecretKey | None = None
) -> Iterator[Record]:
    """What becomes of a transaction with these bundles; with --dry-run what would. payer: --key or --ark, where open already."""
    from iop.ledger.builder import build_coeus
    from iop.ledger.record import to_record
    from iop.ledger.wire import UNKNOWN_NONCE
    from iop_cli._tx_sending import Sender

    for record in bundles:
        if isinstance(record, dict) and record.get("type") in TYPES:
            raise UsageError("operation is not signed", hint="pipe it through iop-name sign first")
    if not bundles:
        raise UsageError("nothing to send", hint="pipe in bundles of iop-name sign")
    sender = Sender(shell, given, payer)
    made = build_coeus(sender.params, b"", UNKNOWN_NONCE, bundles, fee=given["fee"])
    yield from (sender.rehearse if given["dry_run"] else sender.send)(to_record(made))
