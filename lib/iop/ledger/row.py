"""Rows: the state as keys and texts, the form that is hashed, proven and carried in snapshots.

The state is a set of rows. A row belongs to a table, has a key and a value; the value is a JSON array without blanks whose members
the codecs below list, so that anybody can read and rebuild it. In the state tree (`iop.crypto.sparse_tree`) it stands at
SHA-256(table ‖ 0 ‖ key) with SHA-256(value). Amounts and nonces are decimal text, bytes are lower-case hex.

    table       key                         value
    head        nothing                     [height, time stamp, block id, outcomes]     what the chain has come to
    account     20-byte hash                [public key, balance, nonce, vote, delegate | null, second key,
                                             [least, [key…]] | null, locked, contents]
    lock        id of its transaction       [sender, recipient, amount, secret hash, expiration type, expiration,
                                             time stamp, vendor field | null]
    content     IPFS hash as text           [owner]
    did         DID as text                 iop.did.row
    proof       content id as text          [height, id of its transaction]
    name        name as text, root empty    iop.ledger.coeus.row
    nonce       public key as text          [last nonce used for names]
    statement   id                          iop.ledger.board_row

A delegate is [user name, resigned, blocks, fees, rewards, id, height and time stamp of the last block]. User names and the
weights of votes are in no table of their own: they follow from the accounts.
"""

from __future__ import annotations

from iop.codec.json import encode_string
from iop.crypto.hash import sha256
from iop.errors import SchemaError
from iop.ledger.account import Account, Delegate, Lock
from iop.ledger.board_row import encode_posting, parse_posting
from iop.ledger.seal import MultiSignature
from iop.value import value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from iop.codec.json import Json

HEAD, ACCOUNT, LOCK, CONTENT = "head", "account", "lock", "content"
DID, PROOF, NAME, NONCE, STATEMENT = "did", "proof", "name", "nonce", "statement"
BINARY = {
    ACCOUNT: 20,
    LOCK: 32,
    STATEMENT: 32,
}  # tables whose keys are bytes, shown as hex; how many
TABLES = (HEAD, ACCOUNT, LOCK, CONTENT, DID, PROOF, NAME, NONCE, STATEMENT)


@value
class Head:
    """Where the chain stands: height, time stamp and id of the newest block, and the hash over all outcomes so far."""

    height: int
    timestamp: int
    block_id: bytes
    outcomes: bytes


def compute_place(table: str, key: bytes) -> bytes:
    """Where a row stands in the state tree: 32 bytes."""
    return sha256(b"%b\0%b" % (table.encode(), key))


def encode_key(key: bytes | str) -> bytes:
    """The bytes of a key: those of the hash or id, or of the text in UTF-8."""
    return key.encode() if isinstance(key, str) else key


def show_key(table: str, key: bytes) -> str:
    """A key as text: hex where keys are bytes."""
    return key.hex() if table in BINARY else key.decode()


def read_key(table: str, text: str) -> bytes:
    """The key of `show_key`. Raises SchemaError, also for a key that no row can have: that it is absent would say nothing."""
    try:
        key = bytes.fromhex(text) if table in BINARY else text.encode()
    except ValueError as exc:
        raise SchemaError(f"not a key of table {table}: {text!r:.80}") from exc
    size = 0 if table == HEAD else BINARY.get(table, len(key))
    if len(key) != size or (table == NAME and text and text[0] != "."):
        raise SchemaError(f"not a key of table {table}: {text!r:.80}")
    return key


def encode_head(head: Head) -> str:
    """The row of the head."""
    return f'[{head.height},{head.timestamp},"{head.block_id.hex()}","{head.outcomes.hex()}"]'


def parse_head(row: Json) -> Head:
    """The head of a row. Raises SchemaError."""
    height, timestamp, block_id, outcomes = _split(row, 4)
    return Head(_whole(height), _whole(timestamp), _hex(block_id, 32), _hex(outcomes, 32))


def encode_account(account: Account) -> str:
    """The row of an account."""
    delegate = "null" if account.delegate is None else _encode_delegate(account.delegate)
    rule = account.multi_signature
    multi = "null"
    if rule is not None:
        keys = ",".join([f'"{key.hex()}"' for key in rule.keys])
        multi = f"[{rule.least},[{keys}]]"
    return (
        f'["{account.public_key.hex()}","{account.balance}","{account.nonce}","{account.vote.hex()}",{delegate},'
        f'"{account.second_key.hex()}",{multi},"{account.locked}",{account.contents}]'
    )


def parse_account(row: Json) -> Account:
    """The account of a row. Raises SchemaError."""
    public, balance, nonce, vote, delegate, second, multi, locked, contents = _split(row, 9)
    rule = None
    if multi is not None:
        least, keys = _split(multi, 2)
        rule = MultiSignature(_whole(least), tuple(_hex(key, 33) for key in _list(keys)))
    return Account(
        _hex(public, 0, 33),
        _amount(balance),
        _amount(nonce),
        _hex(vote, 0, 33),
        None if delegate is None else _parse_delegate(delegate),
        _hex(second, 0, 33),
        rule,
        _amount(locked),
        _whole(contents),
    )


def _encode_delegate(delegate: Delegate) -> str:
    resigned = "true" if delegate.is_resigned else "false"
    return (
        f'[{encode_string(delegate.username)},{resigned},{delegate.produced},"{delegate.fees}","{delegate.rewards}",'
        f'"{delegate.last_block.hex()}",{delegate.last_height},{delegate.last_timestamp}]'
    )


def _parse_delegate(row: Json) -> Delegate:
    username, resigned, produced, fees, rewards, block, height, timestamp = _split(row, 8)
    if type(resigned) is not bool:
        raise SchemaError("row of a delegate: true or false expected")
    return Delegate(
        _text(username),
        resigned,
        _whole(produced),
        _amount(fees),
        _amount(rewards),
        _hex(block, 0, 32),
        _whole(height),
        _whole(timestamp),
    )


def encode_lock(lock: Lock) -> str:
    """The row of an open hash time lock."""
    vendor = "null" if lock.vendor_field is None else encode_string(lock.vendor_field)
    return (
        f'["{lock.sender.hex()}","{lock.recipient.hex()}","{lock.amount}","{lock.secret_hash.hex()}",'
        f"{lock.expiration_type},{lock.expiration},{lock.timestamp},{vendor}]"
    )


def parse_lock(row: Json) -> Lock:
    """The lock of a row. Raises SchemaError."""
    sender, recipient, amount, secret, type_, expiration, timestamp, vendor = _split(row, 8)
    return Lock(
        _hex(sender, 20),
        _hex(recipient, 20),
        _amount(amount),
        _hex(secret, 32),
        _whole(type_),
        _whole(expiration),
        _whole(timestamp),
        None if vendor is None else _text(vendor),
    )


def encode_owner(owner: bytes) -> str:
    """The row of a registered IPFS hash."""
    return f'["{owner.hex()}"]'


def parse_owner(row: Json) -> bytes:
    """The account that registered an IPFS hash. Raises SchemaError."""
    return _hex(_split(row, 1)[0], 20)


def encode_proof(proof: tuple[int, str]) -> str:
    """The row of a before-proof: height and id of its transaction."""
    return f"[{proof[0]},{encode_string(proof[1])}]"


def parse_proof(row: Json) -> tuple[int, str]:
    """Height and transaction id of a before-proof. Raises SchemaError."""
    height, txid = _split(row, 2)
    return _whole(height), _text(txid)


def encode_nonce(nonce: int) -> str:
    """The row of the last nonce that a key has used for names."""
    return f'["{nonce}"]'


def parse_nonce(row: Json) -> int:
    """The nonce of a row. Raises SchemaError."""
    return _amount(_split(row, 1)[0])


def _split(row: Json, count: int) -> list[Any]:
    if not isinstance(row, list) or len(row) != count:
        raise SchemaError(f"row of {count} members expected, got {row!r:.80}")
    return row


def _list(row: Json) -> list[Any]:
    if not isinstance(row, list):
        raise SchemaError(f"list expected in a row, got {row!r:.80}")
    return row


def _text(item: Json) -> str:
    if not isinstance(item, str):
        raise SchemaError(f"text expected in a row, got {item!r:.80}")
    return item


def _whole(item: Json) -> int:
    if type(item) is not int or item < 0:
        raise SchemaError(f"whole number expected in a row, got {item!r:.80}")
    return item


def _amount(item: Json) -> int:
    text = _text(item)
    # exactly the text that is printed, or two rows would say the same
    digits = text.removeprefix("-")
    if not (digits.isascii() and digits.isdigit()) or len(text) > 20 or str(int(text)) != text:
        raise SchemaError(f"whole number as text expected in a row, got {text!r:.80}")
    return int(text)


def _hex(item: Json, *sizes: int) -> bytes:
    try:
        data = bytes.fromhex(_text(item))
    except ValueError as exc:
        raise SchemaError(f"hex expected in a row, got {item!r:.80}") from exc
    if len(data) not in sizes or data.hex() != item:
        raise SchemaError(f"hex of {sizes} bytes expected in a row, got {item!r:.80}")
    return data


if TYPE_CHECKING:
    Codec = tuple[str, Callable[[Any], str], Callable[[Json], Any]]

BOOK: dict[str, Codec] = {
    "accounts": (ACCOUNT, encode_account, parse_account),
    "locks": (LOCK, encode_lock, parse_lock),
    "contents": (CONTENT, encode_owner, parse_owner),
    "statements": (STATEMENT, encode_posting, parse_posting),
}
"""Tables of the book that are rows: name of the row's table, encoder, parser. The others follow from these."""
