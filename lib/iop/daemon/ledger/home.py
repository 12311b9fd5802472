"""The directory of a ledger node: what is in it, how it is made, how it is opened.

ledger.sqlite    block log, index and pool (iop.store.ledger_sqlite), unless there is
store.json       {"type": "iop.store/1", "url": "postgresql://…"}: the database that has them instead;
                 "sqlite:///…" in the directory of a replica: the file of the node that it follows
sequencer.json   key file of the key that signs blocks; without a passphrase, so that the node can start alone
snapshots/       states by height (iop.daemon.ledger.snapshots)
node.toml        settings that may change while the node runs (iop.daemon.tuning), where somebody wrote one
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
from iop.ledger.chain import encode_chain, read_chain
from iop.ledger.genesis import Genesis, compute_genesis_block
from iop.ledger.params import NETWORKS
from iop.store.atomic import write_file
from iop.store.ledger_open import check_url, create_store, is_url, open_store

TYPE_CHECKING = False
if TYPE_CHECKING:
    from iop.codec.json import Json
    from iop.store.ledger import LedgerStore, Progress

STORE = "iop.store/1"
SQLITE = "sqlite://"  # before an absolute path, in the directory of a replica


class Home:
    """Paths of one node's directory."""

    def __init__(self, path: str) -> None:
        self.given = path
        self.path = os.path.abspath(path)
        self.ledger = os.path.join(self.path, "ledger.sqlite")
        self.store = os.path.join(self.path, "store.json")
        self.sequencer = os.path.join(self.path, "sequencer.json")
        self.snapshots = os.path.join(self.path, "snapshots")
        self.tuning = os.path.join(self.path, "node.toml")
        self.lock = os.path.join(self.path, "lock")
        self.control = os.path.join(self.path, "control.sock")


def make_home(
    home: Home, network: Json, key: bytes | None, *, now: int, store: str = ""
) -> Genesis:
    """Make a node's directory for a network: a name, or the record of a genesis file.

    `key`: 32 random bytes for the sequencer's key, or None for a copy of a chain whose key is elsewhere; one that is there stays.

    `store`: URL of the PostgreSQL database that takes the chain; without, it is a file in the directory. The directory may
    exist if no node is in it. Unfinished work of an earlier try is taken over. Raises CreateError, ConfigError, HostError.
    """
    chain = encode_chain(network)
    make_folder(home.path)
    if key is not None and not os.path.exists(home.sequencer):
        file = make_open_keyfile(Secret("secp256k1", key), created=now, label="sequencer")
        write_file(home.sequencer, encode_keyfile(file))
    create_store(_choose_place(home, store), chain).close()
    return read_chain(chain)


def _choose_place(home: Home, store: str) -> str:
    """Where a new node's store goes. What an unfinished `init` chose before cannot be changed."""
    if not store and not os.path.exists(home.store):
        return home.ledger
    if os.path.exists(home.ledger):
        raise CreateError(f"{home.ledger} exists", hint="choose another --home")
    if store:
        check_url(store)
    if os.path.exists(home.store):
        if read_place(home) != store:
            raise CreateError(f"{home.store} names another store", hint="choose another --home")
    else:
        _look_at(store)
        write_file(home.store, encode_json({"type": STORE, "url": store}).encode() + b"\n")
    return store


def _look_at(url: str) -> None:
    """Nothing when a database can be reached and no ledger is in it: a directory is not bound to a URL that was mistyped."""
    try:
        open_store(url, writes=False).close()
    except MissingError:
        return
    raise CreateError(
        "the database has a ledger already", hint="name another one; --replica follows this one"
    )


def read_place(home: Home) -> str:
    """Where the chain of a node's directory is: a path or a `postgresql://` URL. Raises ConfigError, HostError."""
    try:
        with open(home.store, "rb") as file:
            data = file.read(4096)
    except FileNotFoundError:
        return home.ledger
    except OSError as exc:
        raise HostError(f"cannot read {home.store}: {exc.strerror}") from exc
    try:
        record = parse_json(data)
    except DataError as exc:
        raise ConfigError(f"{home.store} is not JSON: {exc.message}") from exc
    url = record.get("url") if isinstance(record, dict) and record.get("type") == STORE else None
    if isinstance(url, str) and url.startswith(SQLITE):
        return url.removeprefix(SQLITE)
    if not isinstance(url, str) or not is_url(url):
        raise ConfigError(
            f"{home.store} must be a record of type {STORE} with a url",
            hint=f'{{"type":"{STORE}","url":"postgresql:///iop?service=iop"}}',
        )
    return url


def demand_node(home: Home) -> None:
    """Nothing when a node was made in the directory. Raises MissingError."""
    if not os.path.exists(home.ledger) and not os.path.exists(home.store):
        raise MissingError(
            f"no node in {home.given}",
            hint=f"iop-node init --home {home.given} --network testnet, or another --home",
        )


def open_home(
    home: Home, *, writes: bool = True, progress: Progress | None = None
) -> tuple[LedgerStore, Genesis]:
    """The store of a node's directory and the start of its chain. Who writes holds the lock.

    Raises MissingError, ConfigError when this program knows the named network with another start, DataError, HostError.
    """
    place = read_place(home)
    if writes and not is_url(place) and place != home.ledger:
        raise ConfigError(
            f"{home.given} is a replica's directory, the chain is in {place}",
            hint=f"iop-node run --home {home.given} --replica, or --home {os.path.dirname(place)}",
        )
    store = open_store(place, writes=writes, progress=progress)
    try:
        return store, read_chain(store.genesis())
    except BaseException:
        store.close()
        raise


def make_replica_home(home: Home, place: str) -> None:
    """Make the directory of a replica of the chain at a place: a database's URL, a SQLite file, or a node's directory.

    The place is opened to see that a chain is there. Raises CreateError, MissingError, ConfigError, DataError, HostError.
    """
    if os.path.exists(home.ledger) or os.path.exists(home.store):
        raise CreateError(f"there is a node in {home.given}", hint="choose another --home")
    if is_url(place):
        check_url(place)
        url = place
    else:
        if os.path.isdir(place):
            place = read_place(Home(place))
        url = place if is_url(place) else SQLITE + os.path.abspath(place)
    store = open_store(url.removeprefix(SQLITE), writes=False)
    try:
        read_chain(store.genesis())
    finally:
        store.close()
    make_folder(home.path)
    write_file(home.store, encode_json({"type": STORE, "url": url}).encode() + b"\n")


def read_sequencer(home: Home) -> bytes:
    """The public key of the sequencer's key file, 33 bytes; empty where there is no such file. Raises DataError, AccessError."""
    from iop.keys.keyfile import parse_keyfile
    from iop.store.private import read_private

    if not os.path.lexists(home.sequencer):
        return b""
    return parse_keyfile(read_private(home.sequencer, SIZE_LIMIT)).public.data


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


def make_folder(path: str) -> None:
    """Make a node's directory, closed to others. Raises CreateError, HostError."""
    try:
        os.makedirs(path, 0o700, exist_ok=True)
        os.chmod(path, 0o700)
    except FileExistsError as exc:
        raise CreateError(f"{path} is no directory") from exc
    except OSError as exc:
        raise HostError(f"cannot create {path}: {exc.strerror}") from exc


def describe_home(home: Home) -> dict[str, Json]:
    """The record of `iop-node init`: the network, block 1, and who signs the blocks where the key is there."""
    from iop.keys.keyfile import parse_keyfile
    from iop.ledger.address import compute_address_hash, encode_address
    from iop.store.private import read_private

    store, genesis = open_home(home, writes=False)
    head = store.head()
    store.close()
    params = genesis.params
    record: dict[str, Json] = {
        "type": "iop.node/1",
        "network": params.name,
        "nethash": params.nethash.hex(),
        "genesis_block": compute_block_id(compute_genesis_block(genesis), params).hex(),
        "supply": str(genesis.total),
    }
    if head is not None:
        record["height"] = head
    if os.path.lexists(home.sequencer):
        public = parse_keyfile(read_private(home.sequencer, SIZE_LIMIT)).public
        address = encode_address(params.byte, compute_address_hash(public.data))
        record |= {"sequencer": str(public), "sequencer_address": address}
    return record
