"""What is looked up beside the block log: rows of blocks, transactions, parties and statements, and questions about them.

Every row follows from one block and the network's parameters (`index_block`), so that a store can throw its index away and
make it again. `Query` is the only way to ask: tables, columns and operators are names of the lists below and nothing else,
values are never part of a statement. `Page` is the answer.

Numbers beyond 2^63 - 1 stand as 2^63 - 1; in texts U+0000, which databases do not take, stands as U+FFFD.
"""

from __future__ import annotations

from iop.errors import DataError, LimitError
from iop.ledger.address import HASH_SIZE, compute_address_hash, parse_address
from iop.ledger.block import compute_block_id
from iop.ledger.kind import BOARD_GROUP, HTLC_CLAIM, HTLC_REFUND, MULTI_PAYMENT, VOTE
from iop.ledger.wire import compute_id_bytes, encode_transaction
from iop.value import value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from iop.ledger.block import Block
    from iop.ledger.params import Params
    from iop.ledger.wire import Transaction

    Row = tuple[Any, ...]

BLOCK, TRANSACTION, STATEMENT = "block", "transaction", "statement"
# Columns of a row in order, with their type. Amounts are flakes, times seconds since the network's epoch.
COLUMNS: dict[str, dict[str, type]] = {
    BLOCK: {
        "height": int,
        "id": bytes,
        "previous": bytes,
        "timestamp": int,
        "producer": bytes,
        "transactions": int,
        "amount": int,
        "fee": int,
        "reward": int,
        "payload_length": int,
    },
    TRANSACTION: {
        "id": bytes,
        "height": int,
        "position": int,  # in the block, from 0
        "block_id": bytes,
        "timestamp": int,
        "sender": bytes,  # 33-byte key
        "sender_name": bytes,  # 20-byte account name
        "recipient": bytes,  # 20-byte account name, or None
        "type_group": int,
        "type": int,
        "amount": int,
        "fee": int,
        "nonce": int,
        "vendor_field": str,  # or None
        "subject": bytes,  # a vote's last delegate key (33), the lock that is claimed or refunded (32), or None
    },
    STATEMENT: {
        "id": bytes,
        "height": int,
        "position": int,  # of the transaction
        "ordinal": int,  # in the transaction
        "type": str,
        "issuer": str,
        "data": bytes,
    },
}
# Columns that can be asked for and are no part of a row. `party`: the sender or any recipient, those of multi-payments among
# them; `recipient` in a condition finds those as well.
ASKED: dict[str, dict[str, type]] = {BLOCK: {}, TRANSACTION: {"party": bytes}, STATEMENT: {}}
OPERATORS = ("=", ">=", "<=", "in", "like")
MAX_LIMIT = 1000  # rows of a page
MAX_CHOICES = 256  # of an `in`
MAX_CONDITIONS = 32
MAX_PATTERN = 255  # characters of a `like`
HIGHEST = 2**63 - 1
SENT, RECEIVED = 1, 2  # a party's parts in a transaction, added


@value
class BlockRows:
    """All rows of one block, as tuples in the order of `COLUMNS`.

    parties: (account name, position of the transaction, SENT + RECEIVED), each account once a transaction.
    """

    block: Row
    transactions: tuple[Row, ...] = ()
    parties: tuple[tuple[bytes, int, int], ...] = ()
    statements: tuple[Row, ...] = ()


@value
class Condition:
    """One test of a column. `in` takes a tuple of values; `like` a pattern with % and _, and \\ before what stands for itself.

    Case counts. Which columns are answered from an index is told by `Query`.
    """

    column: str
    op: str
    value: Any

    def __check__(self) -> None:
        if self.op not in OPERATORS:
            raise DataError(f"operator must be one of {', '.join(OPERATORS)}, got {self.op!r:.20}")


@value
class Query:
    """Rows of a table for which all conditions hold, in order, `limit` of them from `offset` on.

    order: (column, descending) pairs; without any, by place in the chain, ascending. What stays equal is told apart by the
    place in the chain, in the direction of the last pair. Conditions on height, timestamp, ids, parties, sender, recipient,
    subject, type group, producer, issuer and a statement's type are answered from an index, order by height or timestamp
    too; others look at every row that is left, and a store ends that with LimitError when it takes too long.
    Raises DataError at construction for a table, column, operator or value that is none; LimitError for too many.
    """

    table: str
    where: tuple[Condition, ...] = ()
    order: tuple[tuple[str, bool], ...] = ()
    offset: int = 0
    limit: int = 100

    def __check__(self) -> None:
        if self.table not in COLUMNS:
            raise DataError(f"no table {self.table!r:.40} in the index")
        if len(self.where) > MAX_CONDITIONS or len(self.order) > MAX_CONDITIONS:
            raise LimitError(f"at most {MAX_CONDITIONS} conditions and orders expected")
        if not 0 <= self.limit <= MAX_LIMIT:
            raise LimitError(f"pages of 0 to {MAX_LIMIT} rows expected, got {self.limit}")
        if not 0 <= self.offset <= HIGHEST:
            raise LimitError(f"offset out of range: {self.offset}")
        for condition in self.where:
            _check_condition(self.table, condition)
        for column, _ in self.order:
            if column not in COLUMNS[self.table]:
                raise DataError(f"{self.table} rows cannot be put in order of {column!r:.40}")


@value
class Page:
    """Rows asked for, and how many there are in all. `exact` is False when counting stopped at `total`: there are more."""

    total: int
    rows: tuple[Row, ...]
    exact: bool = True


def index_block(block: Block, params: Params) -> BlockRows:
    """The rows of a block on a network."""
    block_id = compute_block_id(block, params)
    rows, parties, statements, sizes = [], [], [], 0
    names: dict[bytes, bytes] = {}
    for position, tx in enumerate(block.transactions):
        data = encode_transaction(tx)
        sizes += len(data)
        name = names.get(tx.sender) or names.setdefault(tx.sender, compute_address_hash(tx.sender))
        rows.append(
            (
                compute_id_bytes(tx),
                block.height,
                position,
                block_id,
                block.timestamp,
                tx.sender,
                name,
                tx.recipient or None,
                tx.type_group,
                tx.type,
                min(tx.amount, HIGHEST),
                min(tx.fee, HIGHEST),
                min(tx.nonce, HIGHEST),
                None if tx.vendor_field is None else clean_text(tx.vendor_field),
                _read_subject(tx),
            )
        )
        parties += _list_parties(tx, position, name)
        statements += _list_statements(tx, block.height, position)
    head = (
        block.height,
        block_id,
        block.parent,
        block.timestamp,
        block.producer,
        len(rows),
        min(sum(tx.amount for tx in block.transactions), HIGHEST),
        min(sum(tx.fee for tx in block.transactions), HIGHEST),
        params.rules_at(block.height).reward,
        sizes,
    )
    return BlockRows(head, tuple(rows), tuple(parties), tuple(statements))


def clean_text(text: str) -> str:
    """A text as rows hold it."""
    return text.replace("\0", "\ufffd") if "\0" in text else text


def _list_parties(tx: Transaction, position: int, sender: bytes) -> list[tuple[bytes, int, int]]:
    parts = {sender: SENT}
    if tx.recipient:
        parts[tx.recipient] = parts.get(tx.recipient, 0) | RECEIVED
    elif (tx.type_group, tx.type) == (MULTI_PAYMENT.type_group, MULTI_PAYMENT.type):
        for payment in tx.asset["payments"]:
            name = parse_address(payment["recipientId"])[1]
            parts[name] = parts.get(name, 0) | RECEIVED
    return [(name, position, part) for name, part in parts.items()]


def _read_subject(tx: Transaction) -> bytes | None:
    asset: Any = tx.asset
    if tx.type_group != VOTE.type_group:
        return None
    if tx.type == VOTE.type:
        return bytes.fromhex(asset["votes"][-1][1:]) if asset["votes"] else None
    if tx.type == HTLC_CLAIM.type:
        return bytes.fromhex(asset["claim"]["lockTransactionId"])
    if tx.type == HTLC_REFUND.type:
        return bytes.fromhex(asset["refund"]["lockTransactionId"])
    return None


def _list_statements(tx: Transaction, height: int, position: int) -> list[Row]:
    if tx.type_group != BOARD_GROUP:
        return []
    from iop.ledger.board import statements_of

    return [
        (id_, height, position, ordinal, clean_text(type_), clean_text(issuer), data)
        for id_, ordinal, type_, issuer, data in statements_of(tx)
    ]


def _check_condition(table: str, condition: Condition) -> None:
    kind = COLUMNS[table].get(condition.column) or ASKED[table].get(condition.column)
    if kind is None:
        raise DataError(f"{table} rows have no column {condition.column!r:.40}")
    values = condition.value if condition.op == "in" else (condition.value,)
    if not isinstance(values, tuple):
        raise DataError("a tuple of choices expected")
    if len(values) > MAX_CHOICES:
        raise LimitError(f"at most {MAX_CHOICES} choices expected, got {len(values)}")
    for one in values:
        if type(one) is not kind:
            raise DataError(f"{condition.column} is {kind.__name__}, got {one!r:.60}")
    if condition.op == "like":
        _check_pattern(condition)
    if condition.column in ("party", "recipient", "sender_name"):
        if condition.op not in ("=", "in"):
            raise DataError(f"{condition.column} can be asked for by = and in only")
        if any(len(one) != HASH_SIZE for one in values):
            raise DataError(f"{condition.column} has {HASH_SIZE} bytes")


def _check_pattern(condition: Condition) -> None:
    pattern = condition.value
    if not isinstance(pattern, str):
        raise DataError(f"{condition.column} is no text and takes no pattern")
    if len(pattern) > MAX_PATTERN:
        raise LimitError(f"pattern of at most {MAX_PATTERN} characters expected")
    if (len(pattern) - len(pattern.rstrip("\\"))) % 2:
        raise DataError("pattern ends with a \\ that stands before nothing")
