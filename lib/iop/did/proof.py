"""Proofs of time: that a content existed before a block, and that a signature came after one (morpheus 8, 11).

Before-proof: the content id is registered on the ledger; the block's height bounds its age from above. After-proof: height and hash of
a block, which nobody knew before it was made, are signed together with the content.
"""

from __future__ import annotations

from iop.did.operation import MAX_ASSET, BeforeProof
from iop.errors import DataError, LimitError, SchemaError, VerifyError
from iop.value import value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import TypeGuard

    from iop.codec.json import Json


@value
class History:
    """What a node says of a content id: registered at a height by a transaction, or (both None) not up to the queried height."""

    content_id: str
    height: int | None
    txid: str | None
    queried: int


def make_before_proof(content_id: str) -> BeforeProof:
    """The attempt that registers a content id.

    The registry takes any text; refused here are those that the original's nodes cannot read back from a block, that is non-ASCII
    texts (morpheus 16.5), and texts too large for a transaction.
    """
    if not content_id.isascii():
        raise DataError("content id is not ASCII, original nodes cannot read it back")
    if len(content_id) > MAX_ASSET:
        raise LimitError(f"content id of {len(content_id)} characters, at most {MAX_ASSET}")
    return BeforeProof(content_id)


def parse_history(record: Json) -> History:
    """A node's history answer. Raises SchemaError."""
    if not isinstance(record, dict):
        raise SchemaError("history of a before-proof is an object")
    content_id, txid = record.get("contentId"), record.get("txid")
    height, queried = record.get("existsFromHeight"), record.get("queriedAtHeight")
    if not isinstance(content_id, str) or not _is_height(queried):
        raise SchemaError("history of a before-proof has contentId and queriedAtHeight")
    if height is None and txid is None:
        return History(content_id, None, None, queried)
    if not _is_height(height) or not isinstance(txid, str):
        raise SchemaError("history of a before-proof has existsFromHeight and txid, or neither")
    if height > queried:
        raise SchemaError(f"before-proof at {height} is later than the query at {queried}")
    return History(content_id, height, txid, queried)


def check_before(history: History, content_id: str, height: int | None = None) -> int:
    """The height a content id is proven to be older than. Raises VerifyError when the history does not prove it.

    With `height`, the registration must stand at or before that height.
    """
    if history.content_id != content_id:
        raise VerifyError(f"history is of {history.content_id}, not of {content_id}")
    if history.height is None:
        raise VerifyError(f"{content_id} is not registered up to height {history.queried}")
    if height is not None and history.height > height:
        raise VerifyError(f"{content_id} is registered at {history.height}, not up to {height}")
    return history.height


def judge_before(record: Json, content_id: str, height: int | None = None) -> dict[str, Json]:
    """The verdict `iop.before-proof/1` from a node's history answer. Raises SchemaError for what is none."""
    history = parse_history(record)
    verdict: dict[str, Json] = {
        "type": "iop.before-proof/1",
        "contentId": content_id,
        "existsFromHeight": history.height,
        "txid": history.txid,
        "queriedAtHeight": history.queried,
    }
    try:
        check_before(history, content_id, height)
    except VerifyError as exc:
        return verdict | {"exists": False, "reason": exc.message}
    return verdict | {"exists": True}


def make_after_proof(height: int, block_hash: str) -> dict[str, Json]:
    """The after-proof of a block, as JSON: what is signed with it is younger than the block."""
    return {"blockHeight": height, "blockHash": block_hash}


def find_after_proof(record: Json) -> dict[str, Json]:
    """The after-proof that a record is, that an envelope has, or that a signed envelope has. Raises SchemaError."""
    for _ in range(2):
        if not isinstance(record, dict) or "blockHeight" in record or "afterProof" in record:
            break
        record = record.get("content")
    proof = record.get("afterProof", record) if isinstance(record, dict) else None
    if not isinstance(proof, dict):
        raise SchemaError("record has no after-proof")
    if not _is_height(proof.get("blockHeight")) or not isinstance(proof.get("blockHash"), str):
        raise SchemaError("after-proof has blockHeight and blockHash")
    return proof


def check_after(proof: Json, height: int, block_hash: str) -> int:
    """The height from which a signature over an after-proof dates, when the proof names the chain's block of that height.

    `height` and `block_hash` are the chain's. Raises SchemaError (no after-proof), VerifyError (another block).
    """
    found = find_after_proof(proof)
    claimed, named = found["blockHeight"], found["blockHash"]
    if claimed != height:
        raise VerifyError(f"after-proof is of height {claimed}, the block of {height}")
    if named != block_hash:
        raise VerifyError(f"block at height {height} is {block_hash}, after-proof says {named}")
    return height


def judge_after(proof: Json, height: int, block_hash: str) -> dict[str, Json]:
    """The verdict `iop.after-proof/1`: whether an after-proof names the chain's block of that height. Raises SchemaError."""
    found = find_after_proof(proof)
    verdict = {"type": "iop.after-proof/1"} | make_after_proof(
        found["blockHeight"], found["blockHash"]
    )
    try:
        check_after(found, height, block_hash)
    except VerifyError as exc:
        return verdict | {"holds": False, "reason": exc.message}
    return verdict | {"holds": True}


def _is_height(item: Json) -> TypeGuard[int]:
    return isinstance(item, int) and not isinstance(item, bool) and 0 <= item < 1 << 32
