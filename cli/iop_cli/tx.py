"""iop-tx(1): transactions of the ledger: build, sign, encode, judge, send.

`transfer`, `vote`, `unvote`, `delegate` and `resign` build a payment, a vote, a registration; `morpheus` gathers operation attempts of
iop-did and iop-proof into one transaction, `coeus` bundles of names (both buffer). What they print is the JSON form of the original
software; without --sender and a nonce it is a draft that `sign` completes. `send` hands signed transactions to a node, and signs
drafts first when a key is given; with --send a verb that builds does all three at once. `status` tells where a transaction stands,
`account` what an address owns. `encode` and `decode` go between JSON and hex, `verify` judges as a node does, `fee` tells the least
a node takes. `watch` prints transactions and blocks as they happen, and goes on until it is interrupted; where the connection breaks it
comes back and misses nothing. Only --node makes it talk to the network; --key and --ark touch a secret. Amounts are in flakes, 10^8 to a coin.

Records:
    in: operation attempts, drafts, transactions (as the original has them), hex text, transaction ids, addresses
    out: drafts, transactions and accounts (as the original has them), hex text, iop.tx-verdict/1, iop.tx-sent/1, iop.tx-status/1, iop.tx-fee/1, iop.tx-event/1, iop.block-event/1

Statuses:
    1 verify: not valid; send: refused by the registry's check or by the node, whose words are the message, or rejected by the registry (with --wait); status: rejected by the registry
    65 not a transaction, or not of this network
    66 status: in no block; account: never used
    69 node not reachable
    75 node too slow, or --wait ran out
    76 node broke the protocol
    77 passphrase wrong

Environment:
    `IOP_PASSPHRASE_COMMAND` is a command that prints the passphrase.

Notes:
    A block takes a transaction and its fee even when the registry rejects the operations in it. `send` therefore asks the registry
    first and pays nothing for what it would reject; operations that build on a transaction still waiting are refused, too, until
    that is in a block. --no-check leaves the question out. With --dry-run it asks, looks at nonce and balance, and sends nothing:

      iop-tx morpheus attempts | iop-tx send --ark --node http://127.0.0.1:4703 --dry-run

    On a network of one's own made from `testnet`, all coins belong to a published test wallet; iop-node(1) names it.

Examples:
    $ echo '{"operation":"registerBeforeProof","contentId":"cj1"}' | iop-tx morpheus
    {"version":2,"network":128,"typeGroup":4242,"type":1,"asset":{"operationAttempts":[{"operation":"registerBeforeProof","contentId":"cj1"}]},"fee":"276000","amount":"0"}

See also:
    iop-did iop-proof iop-node
"""

from __future__ import annotations

from iop_cli._command import Noun, run, source, transform
from iop_cli._option import declare, dry_run, node
from iop_cli._tx_judging import make_judging_verbs
from iop_cli._tx_making import (
    ACCOUNTS,
    NETWORK,
    SECOND,
    find_client,
    find_params,
    make_status,
    make_verbs,
    sending,
    signing,
)
from iop_cli._tx_watching import make_watch

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from typing import Any

    from iop_cli._shell import Shell

    Step = Callable[[Any], Iterable[Any]]


def sign(shell: Shell, second: bool, **given: Any) -> Step:
    """Sign drafts; what they lack is filled in."""
    from iop.ledger.record import to_record
    from iop_cli._tx_sending import Signer

    client = find_client(given)
    params = find_params(given["network"], client)
    signer = Signer(shell, given, client)
    make = signer.sign_second if second else signer.sign
    return lambda record: (to_record(make(record, params)),)


def send(shell: Shell, dry_run: bool, **given: Any) -> Step:
    """Hand transactions to a node, drafts signed first, and tell what became of them.

    Operations that the registry would reject are refused before any fee is paid.
    """
    from iop_cli._tx_sending import Sender

    sender = Sender(shell, given)
    return sender.rehearse if dry_run else sender.send


def account(_shell: Shell, accounts: tuple[str, ...], **given: Any) -> Iterator[Any]:
    """Print balance, nonce and what else a node knows of accounts."""
    from iop.io.node_client import open_node
    from iop_cli._tx_asking import find_account

    client = open_node(given["node"], given["timeout"])
    for text in accounts:
        yield find_account(client, text)


command = Noun(
    *make_verbs(),
    transform(declare(signing(node(sign)), SECOND, NETWORK)),
    *make_judging_verbs(),
    transform(declare(sending(dry_run(send)), NETWORK)),
    make_status(),
    make_watch(),
    source(declare(node(account), ACCOUNTS)),
)


def main() -> None:
    """Entry point."""
    run(command, "iop-tx", __doc__)
