"""The record a node's store begins with: which network it holds, and with which block that starts.

{"type": "iop.chain/1", "network": name or record of a genesis file, "genesisBlock": id of block 1}
"""

from __future__ import annotations

from iop.codec.json import encode_json, parse_json
from iop.errors import ConfigError, DataError
from iop.ledger.block import compute_block_id
from iop.ledger.genesis import Genesis, compute_genesis_block, from_record, make_genesis

TYPE_CHECKING = False
if TYPE_CHECKING:
    from iop.codec.json import Json

CHAIN = "iop.chain/1"


def encode_chain(network: Json) -> bytes:
    """The record of a network: a name, or the record of a genesis file. Raises ConfigError, MissingError."""
    genesis = _make(network)
    block_id = compute_block_id(compute_genesis_block(genesis), genesis.params)
    record: dict[str, Json] = {"type": CHAIN, "network": network, "genesisBlock": block_id.hex()}
    return encode_json(record).encode()


def read_chain(data: bytes) -> Genesis:
    """The start of a chain as a store keeps it.

    Raises DataError, and ConfigError when this program knows the named network with another start.
    """
    record = parse_json(data)
    if not isinstance(record, dict) or record.get("type") != CHAIN:
        raise DataError(f"the store must begin with a record of type {CHAIN}")
    genesis = _make(record.get("network"))
    found = compute_block_id(compute_genesis_block(genesis), genesis.params).hex()
    if found != record.get("genesisBlock"):
        raise ConfigError(
            f"the chain starts with block {record.get('genesisBlock')}, this program makes {found}"
        )
    return genesis


def _make(network: Json) -> Genesis:
    return make_genesis(network) if isinstance(network, str) else from_record(network)
