"""The verb `iop-node init`: a directory for a new chain, for a copy of one, or for a replica."""

from __future__ import annotations

import os

from iop.errors import CreateError, UsageError
from iop_cli._command import source
from iop_cli._node_place import home_option, parse_sequencer
from iop_cli._option import clock, option, seed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from iop.codec.json import Json
    from iop.daemon.ledger.home import Home
    from iop_cli._shell import Shell


@source
@home_option
@option(
    "--network",
    metavar="NAME|FILE",
    help="testnet (one's own, everything on from the start), devnet, mainnet, or a genesis file.",
)
@option(
    "--store",
    metavar="URL|PATH",
    help="PostgreSQL database for the chain, as postgresql://HOST/NAME, without a password; default: a file in the directory. "
    "With --replica also the file, or the directory, of the node that is followed.",
)
@option("--replica", kind="flag", help="Make the directory of a read replica of --store.")
@option(
    "--sequencer",
    metavar="KEY",
    help="Public key that makes this chain, elsewhere: no key is made here. With --snapshot, whom to believe.",
)
@option(
    "--snapshot",
    kind="file",
    metavar="FILE",
    help="Start from this state instead of the first block; iop-node import brings the blocks after it.",
)
@seed
@clock
def init(shell: Shell, home: str, network: str | None, **given: Any) -> Iterator[Any]:
    """Make the directory of a new node, with its sequencer's key and an empty chain."""
    from iop.daemon.ledger.home import (
        Home,
        describe_home,
        make_home,
        make_replica_home,
        read_network,
    )

    place = Home(home)
    if given["replica"]:
        _check_replica(network, given)
        make_replica_home(place, given["store"])
    elif network is None:
        raise UsageError("--network is missing", hint="--network testnet, or a genesis file")
    else:
        elsewhere = given["sequencer"] is not None
        if given["snapshot"] is not None and not elsewhere:
            raise UsageError(
                "--snapshot needs --sequencer: the key whose word counts for it",
                hint="iop-node init prints it where the chain was made",
            )
        record = read_network(network)
        if given["snapshot"] is not None:
            _take_snapshot(place, record, given["snapshot"], parse_sequencer(given["sequencer"]))
        key = None if elsewhere else shell.random(32)
        make_home(place, record, key, now=shell.now(), store=given["store"] or "")
    if network == "testnet":
        from iop.ledger.genesis import TEST_ADDRESS, TEST_PHRASE

        shell.warn(
            f"all coins of this network belong to the published test wallet {TEST_ADDRESS}",
            f"its Ark passphrase is: {TEST_PHRASE}",
        )
    yield describe_home(place)


def _check_replica(network: str | None, given: dict[str, Any]) -> None:
    if given["store"] is None:
        raise UsageError(
            "--replica needs --store: where the chain is", hint="--store DIR of the other node"
        )
    if network is not None or given["snapshot"] is not None or given["sequencer"] is not None:
        raise UsageError("a replica takes the network of its --store, and --sequencer when it runs")


def _take_snapshot(home: Home, network: Json, path: str, sequencer: bytes) -> None:
    """Judge a snapshot and put it into the new node's directory. Raises VerifyError, DataError, MissingError, CreateError."""
    from iop.daemon.ledger.home import make_folder
    from iop.daemon.ledger.snapshots import Snapshots, adopt_file
    from iop.ledger.chain import encode_chain, read_chain

    if os.path.exists(home.ledger) or os.path.exists(home.store):
        raise CreateError(f"there is a node in {home.given}", hint="choose another --home")
    genesis = read_chain(encode_chain(network))
    adopt_file(path, Snapshots(home.snapshots), genesis, sequencer)
    make_folder(home.path)
