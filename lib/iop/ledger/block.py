"""Blocks: ours, because the original's cannot say what a certified or proven block needs.

Bytes, all numbers little endian:

    version 1 | network byte 1 | height 8 | time stamp 8 | parent id 32 | state 32 | transactions root 32 | producer key 33
    signature 64 | count 4 | count times: size 4, transaction bytes

The id is SHA-256 of a domain tag, the network's nethash and the header (everything before the signature); the producer signs
the id by ECDSA. The root is the Merkle tree of RFC 9162 2.1.1 over the transaction ids. `state` is the state hash after the
parent, so that an engine can order a block before anybody has executed it; blocks of version 1, which the first release
made, have zeros there.
"""

from __future__ import annotations

from iop.crypto.hash import sha256
from iop.errors import DataError, DecodeError, LimitError
from iop.ledger.reader import Reader
from iop.ledger.wire import Transaction, compute_id_bytes, encode_transaction, parse_transaction
from iop.value import remember, replace, value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from iop.ledger.params import Params

VERSION = 2  # of blocks that are made now
FIRST_VERSION = 1  # without a state hash; the genesis block is one
ID_SIZE = 32
SIGNATURE_SIZE = 64
MAX_TRANSACTIONS = 65_536
MAX_BYTES = 32 * 2**20
_TAG = b"iop.block/1\n"
_NO_ID = bytes(ID_SIZE)


@value
class Block:
    """One block. `timestamp` is seconds since the network's epoch; `state` the state hash after the parent.

    `producer` is a compressed secp256k1 key; the genesis block has zeros there and no signature. The bytes of the header, which hold the
    root of the transactions, are worked out once and stay with the block.
    """

    __memo__ = ("_header",)

    network: int
    height: int
    timestamp: int
    parent: bytes
    producer: bytes
    transactions: tuple[Transaction, ...] = ()
    state: bytes = _NO_ID
    signature: bytes = b""
    version: int = VERSION


@value
class Header:
    """What a block's header says, its signature and its bytes: all that a light client needs of a block."""

    network: int
    height: int
    timestamp: int
    parent: bytes
    state: bytes
    root: bytes
    producer: bytes
    version: int
    signature: bytes
    data: bytes


HEADER_SIZE = 147


def parse_header(data: bytes) -> Header:
    """The header in the first 211 bytes of a block: 147, and the signature. Raises DecodeError."""
    reader = Reader(data[: HEADER_SIZE + SIGNATURE_SIZE])
    version = reader.read_number(1)
    if version not in (FIRST_VERSION, VERSION):
        raise DecodeError(f"block version {VERSION} expected, got {version}")
    network, height, timestamp = (reader.read_number(size) for size in (1, 8, 8))
    parent, state, root = (reader.read(ID_SIZE) for _ in range(3))
    producer, signature = reader.read(33), reader.read(SIGNATURE_SIZE)
    return Header(
        network,
        height,
        timestamp,
        parent,
        state,
        root,
        producer,
        version,
        signature,
        data[:HEADER_SIZE],
    )


def compute_header_id(header: Header, nethash: bytes) -> bytes:
    """The id of the block with this header on the network of a nethash."""
    return sha256(_TAG + nethash + header.data)


def is_header_signed(header: Header, nethash: bytes) -> bool:
    """Whether the signature is that of the producer that the header names, with low S."""
    return _is_signed(header.producer, compute_header_id(header, nethash), header.signature)


def encode_header(block: Block) -> bytes:
    """The 147 bytes that the id covers. Raises DataError when a number does not fit its field."""
    header: bytes | None = getattr(block, "_header", None)
    if header is None:
        header = _encode_header(block)
        remember(block, "_header", header)
    return header


def _encode_header(block: Block) -> bytes:
    try:
        head = bytes((block.version, block.network))
        numbers = block.height.to_bytes(8, "little") + block.timestamp.to_bytes(8, "little")
    except (OverflowError, ValueError) as exc:
        raise DataError("a number of the block does not fit its field") from exc
    root = compute_root([compute_id_bytes(tx) for tx in block.transactions])
    return head + numbers + block.parent + block.state + root + block.producer


def encode_block(block: Block) -> bytes:
    """The whole block. An unsigned one has a signature of zeros."""
    parts = [encode_header(block), block.signature or bytes(SIGNATURE_SIZE)]
    parts.append(len(block.transactions).to_bytes(4, "little"))
    for tx in block.transactions:
        data = encode_transaction(tx)
        parts.append(len(data).to_bytes(4, "little"))
        parts.append(data)
    return b"".join(parts)


def parse_block(data: bytes) -> Block:
    """The block of exactly these bytes. Raises DecodeError (cut off, surplus, wrong root), LimitError."""
    if len(data) > MAX_BYTES:
        raise LimitError(f"block of at most {MAX_BYTES} bytes expected, got {len(data)}")
    header = parse_header(data)
    reader = Reader(data[HEADER_SIZE + SIGNATURE_SIZE :])
    count = reader.read_number(4)
    if count > MAX_TRANSACTIONS:
        raise LimitError(f"at most {MAX_TRANSACTIONS} transactions expected, got {count}")
    transactions = tuple(
        parse_transaction(reader.read(reader.read_number(4))) for _ in range(count)
    )
    if reader.read_rest():
        raise DecodeError("bytes after the last transaction of a block")
    if compute_root([compute_id_bytes(tx) for tx in transactions]) != header.root:
        raise DecodeError("transactions do not match the block's root")
    block = Block(
        header.network,
        header.height,
        header.timestamp,
        header.parent,
        header.producer,
        transactions,
        state=header.state,
        signature=header.signature if any(header.signature) else b"",
        version=header.version,
    )
    remember(block, "_header", data[:HEADER_SIZE])
    return block


def compute_root(ids: Sequence[bytes]) -> bytes:
    """Merkle root of transaction ids (RFC 9162 2.1.1, SHA-256); of none, the hash of nothing."""
    if not ids:
        return sha256(b"")
    level = [sha256(b"\x00" + leaf) for leaf in ids]
    while len(level) > 1:
        # a left-over node moves up unchanged, which gives the RFC's split at the largest power of two
        pairs = [sha256(b"\x01" + level[i] + level[i + 1]) for i in range(0, len(level) - 1, 2)]
        level = pairs + level[len(pairs) * 2 :]
    return level[0]


def compute_block_id(block: Block, params: Params) -> bytes:
    """The 32-byte id of a block on a network."""
    return sha256(_TAG + params.nethash + encode_header(block))


def sign_block(block: Block, params: Params, secret: bytes) -> Block:
    """The block with its producer's signature. Raises DataError when the secret is not the producer's."""
    from iop.crypto.secp256k1 import compute_public_key, sign_ecdsa

    if compute_public_key(secret) != block.producer:
        raise DataError("the block names another producer than the key that signs")
    signed = replace(block, signature=sign_ecdsa(secret, compute_block_id(block, params)))
    remember(signed, "_header", encode_header(block))  # which the signature is no part of
    return signed


def is_block_signed(block: Block, params: Params) -> bool:
    """Whether the signature is the producer's, with low S."""
    return _is_signed(block.producer, compute_block_id(block, params), block.signature)


def _is_signed(producer: bytes, block_id: bytes, signature: bytes) -> bool:
    from iop.crypto.secp256k1 import is_low_s, is_valid_ecdsa

    if len(signature) != SIGNATURE_SIZE or not is_low_s(signature):
        return False
    return is_valid_ecdsa(producer, block_id, signature)
