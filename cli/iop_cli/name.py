"""iop-name(1): names on the ledger: register, keep, hand on, look up.

A name such as `.schema.hotel` stands for a JSON document, has an owner, and is void from a height on. `register`, `update`, `renew`,
`transfer` and `delete` write down one operation; `sign` gathers operations into a bundle (it buffers) and signs it with the owner's
key and next number; `send` puts bundles into one transaction (it buffers), pays for it with --key or --ark, and hands it to the
node. With --owner-key a verb that writes down signs as well, and with --send it does all of that at once. `resolve` prints the data
of a name, `show` its owner, policies and expiry, `children` the names below it, `nonce` the number of a key's last bundle, `status`
where a transaction stands. `check` judges operations and bundles without asking anybody. Only --node makes it talk to the network;
the keys touch a secret.

Records:
    in: operations and bundles (as the original has them), names as text, JSON documents, transaction ids, public keys
    out: operations, bundles, data and metadata of names (as the original has them), names, iop.name-nonce/1, iop.name-verdict/1, iop.tx-sent/1, iop.tx-status/1

Statuses:
    1 check: not valid; send: refused by the registry's check or by the node, or rejected by the registry (with --wait); status: rejected by the registry
    2 no --node, or no terminal to confirm a delete on
    65 not a name, key, operation or bundle
    66 no such name, or it has expired (resolve); status: in no block
    69 node not reachable
    75 node too slow, or --wait ran out
    76 node broke the protocol
    77 passphrase wrong

Environment:
    `IOP_PASSPHRASE_COMMAND` is a command that prints the passphrase.

Notes:
    Names are registered below `.schema`, which everybody may do; there the data are a JSON schema of draft 6. The owner of a name
    says whether others register below it (--registration any), and what data all names below have to satisfy (--subtree-schema).
    A name lives for 5256000 blocks at most; without --expires it is registered for 2628000, a year of 12 seconds each.

    One who is alone with a wallet's key does everything with it:

      iop-name register .schema.hotel --data schema.json --key wallet --node http://127.0.0.1:4703 --send --wait

    Owner and payer may be two keys, and the steps two machines:

      iop-name update .schema.hotel --data new.json > operations
      iop-name sign --key persona --nonce 2 operations > bundle
      iop-name send --ark --node http://127.0.0.1:4703 --wait bundle

    Operations of one bundle are judged before any of them runs: what is registered cannot be changed in the same bundle. Numbers are
    those of the newest block; wait for a transaction (--wait) before the same key signs the next bundle, or put the operations into
    one bundle.

    A block takes a transaction and its fee even when the registry rejects the operations in it. `send` therefore asks the registry
    first, where the node is one of ours, and pays nothing for what it would reject; --no-check leaves the question out.

    An expired name resolves to nothing, but is kept for its owner for 216000 blocks more, who may renew it. `delete` takes all names
    below along and asks first.

Examples:
    $ iop-name register .schema.hotel --owner pez2CLkBUjHB8w8G87D3YkREjpRuiqPu6BrRsgHMQy2Pzt6 --expires 900
    {"type":"register","name":".schema.hotel","owner":"pez2CLkBUjHB8w8G87D3YkREjpRuiqPu6BrRsgHMQy2Pzt6","subtreePolicies":{},"registrationPolicy":"owner","data":{},"expiresAtHeight":900}
    $ iop-name renew .schema.hotel --expires 1800 | iop-name check
    {"type":"iop.name-verdict/1","kind":"operation","valid":true}

See also:
    iop-tx iop-node iop-names(7)
"""

from __future__ import annotations

from iop_cli._command import Noun, each, run, sink, transform
from iop_cli._name_asking import make_asking_verbs
from iop_cli._name_making import NONCE, make_verbs
from iop_cli._option import Option, declare, dry_run, node, passphrase, yes
from iop_cli._tx_making import ARK, FEE, NETWORK, find_client, make_status, sending

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from typing import Any

    from iop.io.stream import Item
    from iop_cli._shell import Shell

KEY = Option(
    ("-k", "--key"),
    metavar="FILE[#SELECTOR]",
    complete="$ iop-key list --names",
    help="The owner's key: key file or vault, and which of its keys.",
)


def sign(shell: Shell, items: Iterator[Item], nonce: str, **given: Any) -> Iterator[Any]:
    """Sign all operations of the input as one bundle."""
    from iop_cli._name_sending import open_signer, parse_operations, sign_operations

    operations = parse_operations(list(each(items)))
    yield sign_operations(shell, open_signer(shell, given), operations, nonce, find_client(given))


def send(shell: Shell, items: Iterator[Item], **given: Any) -> Iterator[Any]:
    """Hand all bundles of the input to a node as one transaction, and tell what became of it.

    Bundles that the registry would reject are refused before any fee is paid.
    """
    from iop_cli._name_sending import hand_over

    return hand_over(shell, given, list(each(items)))


@transform(predicate=True)
def check(shell: Shell) -> Callable[[Any], Iterable[Any]]:
    """Judge the form of operations, and form and signature of bundles."""
    from iop.ledger.coeus.verdict import judge

    def step(record: Any) -> Iterable[Any]:
        verdict = judge(record)
        if not verdict["valid"]:
            shell.deny()
        yield verdict

    return step


command = Noun(
    *make_verbs(),
    sink(declare(passphrase(node(yes(sign))), KEY, ARK, NONCE)),
    sink(declare(sending(dry_run(send)), NETWORK, FEE)),
    *make_asking_verbs(),
    make_status(),
    check,
)


def main() -> None:
    """Entry point."""
    run(command, "iop-name", __doc__)


if __name__ == "__main__":
    main()
