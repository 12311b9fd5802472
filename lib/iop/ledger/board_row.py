"""Where a statement stands: its row in the state, filed under its id (`iop.ledger.board`).

The value is the JSON array [height, id of the transaction, position in its batch, type, issuer]. So one proof of the row tells a
light client that a statement was posted, when, and by what transaction.
"""

from __future__ import annotations

from iop.codec.json import encode_string
from iop.errors import SchemaError, VerifyError
from iop.ledger.board import encode_id, read_batch
from iop.value import value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from iop.codec.json import Json
    from iop.ledger.table import Table
    from iop.ledger.wire import Transaction

RECORD = "iop.posting/1"
_TXID_DIGITS = 64


@value
class Posting:
    """Height of the block, id of the transaction, position in its batch from 0; type and issuer of the statement."""

    height: int
    txid: bytes
    position: int
    type: str
    issuer: str


def check_new(postings: Table[bytes, Posting], tx: Transaction) -> None:
    """Nothing when no statement of a board transaction is on the board, else VerifyError that names the first which is."""
    for statement in read_batch(tx.asset).statements:
        if postings.get(statement.id) is not None:
            name = encode_id(statement.id)
            raise VerifyError(f"Statement {name} is on the board already.", type="ERR_APPLY")


def post(postings: Table[bytes, Posting], tx: Transaction, txid: bytes, height: int) -> None:
    """File the statements of a board transaction in a block of that height."""
    for position, statement in enumerate(read_batch(tx.asset).statements):
        posting = Posting(height, txid, position, statement.type, statement.issuer)
        postings.put(statement.id, posting)


def to_record(id_: bytes, posting: Posting) -> dict[str, Json]:
    """The record of a posting, without the statement itself."""
    return {
        "type": RECORD,
        "id": encode_id(id_),
        "height": posting.height,
        "txid": posting.txid.hex(),
        "position": posting.position,
        "issuer": posting.issuer,
    }


def encode_posting(posting: Posting) -> str:
    """The row of a statement."""
    return (
        f'[{posting.height},"{posting.txid.hex()}",{posting.position},'
        f"{encode_string(posting.type)},{encode_string(posting.issuer)}]"
    )


def parse_posting(row: Json) -> Posting:
    """The posting of a row. Raises SchemaError."""
    if not isinstance(row, list) or [type(item) for item in row] != [int, str, int, str, str]:
        raise SchemaError(f"row of a statement expected, got {row!r:.80}")
    height, txid, position, type_, issuer = row
    if height < 0 or position < 0 or len(txid) != _TXID_DIGITS:
        raise SchemaError(f"row of a statement expected, got {row!r:.80}")
    try:
        data = bytes.fromhex(txid)
    except ValueError:
        data = b""
    if data.hex() != txid:
        raise SchemaError(f"transaction id expected in the row of a statement, got {txid!r:.80}")
    return Posting(height, data, position, type_, issuer)
