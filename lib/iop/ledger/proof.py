"""Proofs: one row of the state, or its absence, with what ties it to a block header.

The header of block h + 1 carries the state hash after block h. A proof of a row at height h holds that header with its producer's
signature, the row and its path in the state tree; whoever trusts the header, by its id or by its producer's key, needs nobody
else. As a record, `"type": "iop.proof/1"`:

    table, key    of the row (iop.ledger.row), key as text
    value         the row, or null: there is none
    height        h
    nethash       of the network, 64 hex digits
    header        of block h + 1: 147 bytes and the signature, hex
    siblings      hashes beside the path, from the root down, hex; an empty side is ""
    other         null, or place and value hash of the leaf that stands in the way of an absent row, hex
"""

from __future__ import annotations

from iop.codec.hex import parse_hex
from iop.codec.json import encode_json, parse_json
from iop.crypto.hash import sha256
from iop.crypto.sparse_tree import NOTHING, Proof, is_proven
from iop.errors import DataError, DecodeError, MissingError, SchemaError, VerifyError
from iop.keys.multicipher import parse_public_key
from iop.ledger.block import (
    HEADER_SIZE,
    ID_SIZE,
    SIGNATURE_SIZE,
    compute_header_id,
    encode_header,
    is_header_signed,
    parse_header,
)
from iop.ledger.row import (
    BINARY,
    BOOK,
    DID,
    HEAD,
    NAME,
    NONCE,
    PROOF,
    TABLES,
    compute_place,
    encode_head,
    read_key,
    show_key,
)
from iop.value import value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from iop.codec.json import Json
    from iop.ledger.block import Header
    from iop.ledger.state import Changes, State

RECORD = "iop.proof/1"
_MEMBERS = frozenset(
    ("type", "table", "key", "value", "height", "nethash", "header", "siblings", "other")
)
_BOOK_TABLES = {row: (name, encode) for name, (row, encode, _) in BOOK.items()}


@value
class RowProof:
    """A row (`text` None: absent) at a height, its path, and the signed header of the next block."""

    table: str
    key: bytes
    text: str | None
    nethash: bytes
    header: Header
    path: Proof

    @property
    def height(self) -> int:
        """The height whose state is proven."""
        return self.header.height - 1

    @property
    def row(self) -> Json:
        """The row as a value, None when it is absent."""
        return None if self.text is None else parse_json(self.text)


def newest_provable(state: State) -> int | None:
    """The newest height whose state a header attests; None before the second block."""
    newest = state.recent[-1:]
    return newest[0].before.height if newest and any(newest[0].block.state) else None


def prove(state: State, table: str, key: bytes, height: int | None = None) -> RowProof:
    """The proof of a row at a height, by default the newest one that can be proven.

    Raises MissingError: the height is not attested yet, or older than the blocks that can be taken back.
    """
    recent = state.recent
    if height is None:
        height = newest_provable(state)
    later = [] if height is None else [c for c in recent if c.block.height > height]
    if not later or later[0].before.height != height or not any(later[0].block.state):
        known = f"{recent[0].before.height} to {state.height - 1}" if recent else "no height"
        raise MissingError(f"height {height} cannot be proven, only {known}")
    attesting = later[0]
    header = encode_header(attesting.block) + attesting.block.signature
    return RowProof(
        table,
        key,
        _find_row(state, later, table, key),
        state.params.nethash,
        parse_header(header),
        attesting.tree.prove(compute_place(table, key)),
    )


def to_record(proof: RowProof) -> dict[str, Json]:
    """The record of a proof."""
    other = proof.path.other
    return {
        "type": RECORD,
        "table": proof.table,
        "key": show_key(proof.table, proof.key),
        "value": proof.row,
        "height": proof.height,
        "nethash": proof.nethash.hex(),
        "header": (proof.header.data + proof.header.signature).hex(),
        "siblings": [
            "" if sibling == NOTHING else sibling.hex() for sibling in proof.path.siblings
        ],
        "other": None if other is None else [part.hex() for part in other],
    }


def from_record(record: Json) -> RowProof:
    """The proof of a record, not verified yet. Raises SchemaError, DecodeError."""
    if not isinstance(record, dict) or record.get("type") != RECORD:
        raise SchemaError(f"record of type {RECORD} expected")
    if set(record) != _MEMBERS:
        raise SchemaError(f"members of a proof are {', '.join(sorted(_MEMBERS))}")
    table, key = record["table"], record["key"]
    if table not in TABLES or not isinstance(key, str):
        raise SchemaError("a proof names a table and a key")
    siblings, other = record["siblings"], record["other"]
    if not isinstance(siblings, list) or len(siblings) > 256:
        raise SchemaError("siblings of a proof are a list of at most 256")
    if other is not None and (not isinstance(other, list) or len(other) != 2):
        raise SchemaError("the other leaf of a proof is place and value hash")
    value_ = record["value"]
    proof = RowProof(
        table,
        read_key(table, key),
        None if value_ is None else encode_json(value_),
        _parse_bytes(record["nethash"], ID_SIZE),
        parse_header(_parse_bytes(record["header"], HEADER_SIZE + SIGNATURE_SIZE)),
        Proof(
            tuple(NOTHING if s == "" else _parse_bytes(s, ID_SIZE) for s in siblings),
            None if other is None else (_parse_bytes(other[0], 32), _parse_bytes(other[1], 32)),
        ),
    )
    if proof.height != record["height"]:
        raise SchemaError(f"the header proves height {proof.height}, not {record['height']!r:.20}")
    return proof


def parse_trusted(text: str) -> bytes:
    """What somebody trusts: the id of a block (64 hex digits), or a producer's key (66 hex digits, or its text `ps…`).

    Raises DecodeError.
    """
    if text.startswith("p"):
        public = parse_public_key(text)
        if public.suite == "s":
            return public.data
    elif len(text) in (2 * ID_SIZE, 66):
        return parse_hex(text)
    raise DecodeError(
        f"a block id of 64 hex digits or a producer's key expected, got {text!r:.80}",
        hint="iop-node init and status tell both",
    )


def check_proof(proof: RowProof, trusted: bytes) -> None:
    """Nothing when the row is what the state held; else VerifyError.

    trusted: the id of the header's block (32 bytes), or the key of the producer whose signature counts (33 bytes).
    """
    header = proof.header
    if len(trusted) == ID_SIZE:
        found = compute_header_id(header, proof.nethash)
        if found != trusted:
            raise VerifyError(f"proof stands on block {found.hex()}, not on the trusted one")
    elif header.producer != trusted:
        raise VerifyError(
            f"block {header.height} is by {header.producer.hex()}, who is not trusted"
        )
    elif not is_header_signed(header, proof.nethash):
        raise VerifyError(f"block {header.height} is not signed by its producer")
    digest = None if proof.text is None else sha256(proof.text.encode())
    place = compute_place(proof.table, proof.key)
    if not any(header.state) or not is_proven(header.state, place, digest, proof.path):
        raise VerifyError("the path of the proof does not lead to the state hash of its header")


def _find_row(state: State, later: list[Changes], table: str, key: bytes) -> str | None:
    """The row as it stood before the later blocks: the first of them that touched it knows."""
    if table == HEAD:
        return encode_head(later[0].before)
    if table in _BOOK_TABLES:
        name, encode = _BOOK_TABLES[table]
        stored = key if table in BINARY else key.decode()
        for changes in later:
            if stored in changes.tables[name]:
                old = changes.tables[name][stored][0]
                return None if old is None else encode(old)
        found = next(t for t in state.book.tables() if t.name == name).get(stored)
        return None if found is None else encode(found)
    text = key.decode()
    for changes in later:
        trace = changes.layer2
        if table == DID and text in trace.facts:
            from iop.did.row import encode_fact

            return encode_fact(trace.facts[text])
        if table in (NAME, NONCE) and (table, text) in trace.texts:
            return trace.texts[table, text]
        if table == PROOF and text in trace.proved:
            return None
    return state.layer2.find_row(table, text)


def _parse_bytes(text: Json, size: int) -> bytes:
    if not isinstance(text, str) or len(text) != 2 * size:
        raise SchemaError(f"{2 * size} hex digits expected in a proof, got {text!r:.80}")
    try:
        return parse_hex(text)
    except DataError as exc:
        raise SchemaError(f"hex expected in a proof, got {text!r:.80}") from exc
