"""iop-node(1): the ledger node, with the HTTP interface of the original software.

Keeps a chain of blocks with accounts, DIDs, before-proofs, names and statements, and answers the original SDK under /api, /morpheus/v1
and /coeus/v1. `run` stays in the foreground, logs to stderr and listens on the network; it makes all blocks itself, with the
sequencer's key from its directory, or with --replica follows a node that does and answers reads beside it. `status` asks the running
node over its control socket, and with --wait waits until it is ready. iop-operator(7) tells how a node is kept for years.

A transaction is acknowledged when it is on disk, and so is a block: a node that is killed comes back with all of both. When the
disk refuses writes, reading goes on and submissions get 503 with the reason; `status` then says degraded, until writes go through again.

`export` and `import` carry a chain from one store to another, `backup` copies a node's data while it runs, `snapshot` writes the state
that a node can start from, `replay` and `verify` read the whole log, `prune` drops old transactions. Of these `import`, `prune` and
`verify --repair-index` need the node stopped; the others read beside it. None of them touches the network.

TERM and INT stop it in order, within 10 seconds; a second one at once, with status 75. USR1 logs the state; HUP,
as `reload`, reads `DIR/node.toml` again. `/healthz`, `/readyz` and `/metrics` are answered to this host only.

Records:
    in: iop.archive/1, iop.block/1, iop.waiting/1 (import)
    out: iop.node/1, iop.node-status/1, iop.archive/1, iop.block/1, iop.waiting/1, iop.import/1, iop.replay/1, iop.node-check/1,
    iop.backup/1, iop.snapshot-file/1, iop.snapshot/1, iop.prune/1

Statuses:
    1 verify found something wrong; a snapshot is not attested by the key it should be
    65 an archive is broken, cut off or of another chain: what came before is kept
    66 the directory holds no node, or its key is gone; there is no such block or snapshot
    69 no node runs there
    73 there is a node already; the backup's directory exists
    75 another node runs there; the node is starting or degraded
    77 the sequencer's key file is open to others, or its passphrase wrong
    78 unknown network, or a wrong genesis file or node.toml; another key signed the newest block

Files:
    `DIR/ledger.sqlite`: block log, its index, waiting transactions.

    `DIR/store.json`: where these are instead: a PostgreSQL database, or for a replica the file of the node it follows.

    `DIR/sequencer.json`: key that signs blocks (iop-keyfile(5)), not encrypted unless you seal it with iop-key passwd.

    `DIR/snapshots/`: states by height, from which the node starts; the newest two are kept.

    `DIR/node.toml`: limits that may change while the node runs, where there is such a file.

    `DIR/control.sock`: control socket of the running node: JSON lines, for its owner only.

    `DIR/lock`: held while it runs.

    A genesis file describes a network of one's own, see iop-genesis(5).

Notes:
    Under /iop/v1 it tells what the original's nodes do not: `GET /rejection/TXID`, why the registry rejected a transaction (of the
    newest 16384 rejected ones); `POST /check` and `POST /check-names`, what would be wrong with operation attempts or bundles of names
    in the next block; `GET /did/DID/document/HEIGHT`, a document as it was answered when that block was the newest; state, headers
    and proofs (iop-state(5)); the board; and `GET /openapi.json`, the OpenAPI 3.1 description of all that it answers.

    `GET /events` is a stream of server-sent events: `transaction` for each, then `block`, with the height as its id. With Last-Event-ID,
    or `after=HEIGHT`, it begins behind that height, out of the log if need be; else with the next block. `did=DID`, `name=NAME` (and
    all names below) and `kind=KIND` (block, transaction, or a kind of transaction; once or more) choose. Something comes every 15
    seconds at least. An `end` event tells why a stream ends: `stopping`; `slow`, for a reader that was at the newest block and fell
    1000 behind; `pruned`, where the next block is not in the log any more. One who comes back with the last id misses nothing.
    iop-tx watch does that.

    `testnet` is a network of one's own, for tests: all its coins belong to the published test wallet
    tYkupfpnXHR9xtvWowscsWhyxvJLafb8ik, and everybody knows its Ark passphrase:

      scout try doll stuff cake welcome random taste load town clerk ostrich

    Put it into a file, pay with iop-tx --ark --passphrase-file FILE, and see what is left with iop-tx account ADDRESS. A network whose
    coins are worth something starts from a genesis file that names other wallets.

    Limits on clients. A client is an address, of IPv6 the first 64 bits; behind a --trusted-proxy it is the last address in
    X-Forwarded-For that is no such proxy. Those marked * stand in node.toml, as `rate-limit = 100`, beside `log` (warning, info, debug).

      connections *              1024, 256 of one client    503, 429 and closed
      requests in a minute *     any; rate-limit            429
      head of a request          16 KiB                     431
      wait for a head            10 s                       closed
      requests sent ahead        16                         closed
      body                       1 MiB                      422
      wait for a body            30 s                       408
      bodies held                64 MiB                     503
      under way with a body      128 of one client          429
      event streams              512, 16 of one client      503, 429
      wait for the next request  30 s                       closed
      an answer left unread      30 s                       closed
      JSON                       127 levels                 422, or 500 where the original says so
      transactions               40 in a request            422
      waiting of one sender      300                        excess
      waiting                    15000, 64 MiB              ERR_POOL_FULL
      entries of a page          100                        422
      operations on a DID        16 MiB of answer           422, ask for fewer heights
      writes waiting for disk    4096                       503
      control socket             16 connections, 64 KiB     closed

    `run --print-unit` prints a service for systemd with all options that stand beside it, under the name of the directory's owner.

Examples:
    $ iop-node init --home n --network testnet --seed 00 --now 0 2>/dev/null | grep -o '"network":"[^"]*"'
    "network":"testnet"
    $ iop-node status --home n 2>/dev/null
    ? 69
    $ iop-node export --home n | iop-node import --home n --field blocks
    0
    $ iop-node verify --home n --field valid
    true

See also:
    iop-tx iop-did iop-proof iop-genesis(5) iop-operator(7)
"""

from __future__ import annotations

from iop_cli._command import Noun, run
from iop_cli._node_asking import reload, status, stop
from iop_cli._node_judging import replay, verify
from iop_cli._node_keeping import backup, prune, snapshot
from iop_cli._node_making import init
from iop_cli._node_moving import export, import_
from iop_cli._node_run import run_

command = Noun(
    init,
    run_,
    status,
    reload,
    stop,
    export,
    import_,
    replay,
    verify,
    snapshot,
    backup,
    prune,
)


def main() -> None:
    """Entry point of iop-node."""
    run(command, "iop-node", __doc__)
