"""Layer-1 answers about blocks and transactions as JSON values, as in `iop.ledger.answer` (morpheus ch. 13).

Both come in two shapes: `transformed`, which is what clients get unless they ask otherwise, and as the original keeps them.
"""

from __future__ import annotations

from iop.ledger import kind as kinds
from iop.ledger.address import compute_address_hash, encode_address
from iop.ledger.answer import present, to_timestamp
from iop.ledger.block import encode_header, parse_header
from iop.ledger.index import BLOCK, COLUMNS, index_block
from iop.ledger.record import to_record
from iop.ledger.wire import compute_id
from iop.value import value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from iop.codec.json import Json
    from iop.ledger.block import Block, Header
    from iop.ledger.state import State
    from iop.ledger.wire import Transaction

    Record = dict[str, Json]
    Row = tuple[Any, ...]

BLOCK_VERSION = 0  # of all blocks, as the original tells it; ours is no business of its clients
TRANSACTION_VERSION = 2


@value
class Forged:
    """Where a transaction stands: id, height and time stamp of its block."""

    block_id: bytes
    height: int
    timestamp: int


def read_head(block: Block, state: State) -> tuple[Row, Header]:
    """What an answer about a block is made of: its row of the index, and its header."""
    signature = block.signature or bytes(64)
    return index_block(block, state.params).block, parse_header(encode_header(block) + signature)


def answer_block(row: Row, header: Header, state: State, *, transformed: bool = True) -> Record:
    """`/blocks/{id or height}`."""
    params = state.params
    seen = dict(zip(COLUMNS[BLOCK], row, strict=True))
    if not transformed:
        return {
            "id": seen["id"].hex(),
            "version": BLOCK_VERSION,
            "timestamp": seen["timestamp"],
            "previousBlock": seen["previous"].hex(),
            "height": seen["height"],
            "numberOfTransactions": seen["transactions"],
            "totalAmount": str(seen["amount"]),
            "totalFee": str(seen["fee"]),
            "reward": str(seen["reward"]),
            "payloadLength": seen["payload_length"],
            "payloadHash": header.root.hex(),
            "generatorPublicKey": seen["producer"].hex(),
            "blockSignature": _show_signature(header),
        }
    name = compute_address_hash(seen["producer"])
    delegate = state.book.account(name).delegate
    return {
        "id": seen["id"].hex(),
        "version": BLOCK_VERSION,
        "height": seen["height"],
        "previous": seen["previous"].hex(),
        "forged": {
            "reward": str(seen["reward"]),
            "fee": str(seen["fee"]),
            "total": str(seen["reward"] + seen["fee"]),
            "amount": str(seen["amount"]),
        },
        "payload": {"hash": header.root.hex(), "length": seen["payload_length"]},
        "generator": present(
            {
                "username": delegate.username if delegate else None,
                "address": encode_address(params.byte, name),
                "publicKey": seen["producer"].hex(),
            }
        ),
        "signature": _show_signature(header),
        "confirmations": state.height - seen["height"],
        "transactions": seen["transactions"],
        "timestamp": to_timestamp(seen["timestamp"], params),
    }


def answer_transaction(
    tx: Transaction, state: State, forged: Forged | None = None, *, transformed: bool = True
) -> Record:
    """`/transactions/{id}` of a transaction; one that is not forged is an unconfirmed one."""
    params = state.params
    if not transformed:
        record = to_record(tx)
        if record["typeGroup"] == kinds.CORE:
            del record["typeGroup"]
        return record
    sender = encode_address(params.byte, compute_address_hash(tx.sender))
    has_recipient = tx.recipient and (tx.type_group, tx.type) in ((1, 0), (1, 8))
    recipient = encode_address(params.byte, tx.recipient) if has_recipient else sender
    return present(
        {
            "id": compute_id(tx),
            "blockId": forged.block_id.hex() if forged else None,
            "version": TRANSACTION_VERSION,
            "type": tx.type,
            "typeGroup": tx.type_group,
            "amount": str(tx.amount),
            "fee": str(tx.fee),
            "sender": sender,
            "senderPublicKey": tx.sender.hex(),
            "recipient": recipient,
            "signature": tx.signature.hex() or None,
            "signSignature": tx.second_signature.hex() or None,
            "signatures": [part.hex() for part in tx.signatures] or None,
            "vendorField": tx.vendor_field,
            "asset": tx.asset,
            "confirmations": state.height - forged.height + 1 if forged else 0,
            "timestamp": to_timestamp(forged.timestamp, params) if forged else None,
            "nonce": str(tx.nonce),
        }
    )


def _show_signature(header: Header) -> str:
    return header.signature.hex() if any(header.signature) else ""
