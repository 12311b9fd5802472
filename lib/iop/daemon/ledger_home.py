"""The directory of a ledger node: what is in it, how it is made, how it is opened.

ledger.sqlite    block log, index and pool (iop.store.ledger_sqlite)
sequencer.json   key file of the key that signs blocks; without a passphrase, so that the node can start alone
snapshots/       states by height (iop.daemon.ledger_snapshots)
lock             held while a node runs here
control.sock     the running node's control socket
"""

from __future__ import annotations

import os

from iop.codec.json import encode_json, parse_json
from iop.errors import ConfigError, CreateError, DataError, HostError, MissingError
from iop.keys.keyfile import SIZE_LIMIT, encode_keyfile, make_open_keyfile
from iop.keys.secret import Secret
from iop.ledger.block import compute_block_id
from iop.ledger.genesis import Genesis, compute_genesis_block, from_record, make_genesis
from iop.ledger.params import NETWORKS
from iop.store.atomic import write_file
from iop.store.ledger_sqlite import SqliteLedger, create_ledger, open_ledger

TYPE_CHECKING = False
if TYPE_CHECKING:
    from iop.codec.json import Json

CHAIN = "iop.chain/1"


class Home:
    """Paths of one node's directory."""

    def __init__(self, path: str) -> None:
        self.given = path
        self.path = os.path.abspath(path)
        self.ledger = os.path.join(self.path, "ledger.sqlite")
        self.sequencer = os.path.join(self.path, "sequencer.json")
        self.snapshots = os.path.join(self.path, "snapshots")
        self.lock = os.path.join(self.path, "lock")
        self.control = os.path.join(self.path, "control.sock")


def make_home(home: Home, network: Json, key: bytes, *, now: int) -> Genesis:
    """Make a node's directory for a network: a name, or the record of a genesis file. `key`: 32 random bytes.

    The directory may exist if no node is in it. Unfinished work of an earlier try is taken over. Raises CreateError, ConfigError,
    HostError.
    """
    genesis = _make_genesis(network)
    chain = {
        "type": CHAIN,
        "network": network,
        "genesisBlock": compute_block_id(compute_genesis_block(genesis), genesis.params).hex(),
    }
    _make_directory(home.path)
    if not os.path.exists(home.sequencer):
        file = make_open_keyfile(Secret("secp256k1", key), created=now, label="sequencer")
        write_file(home.sequencer, encode_keyfile(file))
    create_ledger(home.ledger, encode_json(chain).encode()).close()
    return genesis


def demand_node(home: Home) -> None:
    """Nothing when a node was made in the directory. Raises MissingError."""
    if not os.path.exists(home.ledger):
        raise MissingError(
            f"no node in {home.given}",
            hint=f"iop-node init --home {home.given} --network testnet, or another --home",
        )


def open_home(home: Home) -> tuple[SqliteLedger, Genesis]:
    """The store of a node's directory and the start of its chain. The caller holds the lock.

    Raises MissingError, ConfigError when this program knows the named network with another start, DataError.
    """
    store = open_ledger(home.ledger)
    try:
        return store, read_chain(store.genesis())
    except BaseException:
        store.close()
        raise


def read_chain(data: bytes) -> Genesis:
    """The start of a chain as the store keeps it. Raises DataError, ConfigError."""
    record = parse_json(data)
    if not isinstance(record, dict) or record.get("type") != CHAIN:
        raise DataError(f"the store must begin with a record of type {CHAIN}")
    genesis = _make_genesis(record.get("network"))
    found = compute_block_id(compute_genesis_block(genesis), genesis.params).hex()
    if found != record.get("genesisBlock"):
        raise ConfigError(
            f"the chain starts with block {record.get('genesisBlock')}, this program makes {found}"
        )
    return genesis


def read_sequencer(home: Home) -> bytes:
    """The public key of the sequencer's key file, 33 bytes; empty where there is no such file. Raises DataError, AccessError."""
    from iop.keys.keyfile import parse_keyfile
    from iop.store.private import read_private

    if not os.path.lexists(home.sequencer):
        return b""
    return parse_keyfile(read_private(home.sequencer, SIZE_LIMIT)).public.data


def _make_genesis(network: Json) -> Genesis:
    return make_genesis(network) if isinstance(network, str) else from_record(network)


def read_network(name: str) -> Json:
    """What `--network` names: a known network, or a genesis file's record. Raises ConfigError."""
    if name in NETWORKS:
        return name
    from iop.ledger.genesis import MAX_BYTES, parse_genesis

    try:
        with open(name, "rb") as file:
            data = file.read(MAX_BYTES + 1)
    except OSError as exc:
        raise ConfigError(
            f"no network and no file {name!r}: {exc.strerror}",
            hint=f"one of {', '.join(NETWORKS)}, or a genesis file",
        ) from exc
    parse_genesis(data)
    return parse_json(data)


def _make_directory(path: str) -> None:
    try:
        os.makedirs(path, 0o700, exist_ok=True)
        os.chmod(path, 0o700)
    except FileExistsError as exc:
        raise CreateError(f"{path} is no directory") from exc
    except OSError as exc:
        raise HostError(f"cannot create {path}: {exc.strerror}") from exc


def describe_home(home: Home) -> dict[str, Json]:
    """The record of `iop-node init`: the network, block 1, and who signs the blocks."""
    from iop.keys.keyfile import parse_keyfile
    from iop.ledger.address import compute_address_hash, encode_address
    from iop.store.private import read_private

    store, genesis = open_home(home)
    store.close()
    public = parse_keyfile(read_private(home.sequencer, SIZE_LIMIT)).public
    params = genesis.params
    return {
        "type": "iop.node/1",
        "network": params.name,
        "nethash": params.nethash.hex(),
        "genesis_block": compute_block_id(compute_genesis_block(genesis), params).hex(),
        "supply": str(genesis.total),
        "sequencer": str(public),
        "sequencer_address": encode_address(params.byte, compute_address_hash(public.data)),
    }
