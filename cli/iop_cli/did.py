"""iop-did(1): identifiers, their documents, and operations on them.

Every key is an identifier already: `from-key` prints it, `document` its document as long as nothing is registered. `resolve` asks the
node named by --node for did:morpheus, and computes did:key by itself; `history` asks it for the operations so far. The operations `add-key`, `revoke-key`, `add-right`,
`revoke-right` and `tombstone` only write down what is wanted; `sign` gathers them (it buffers) and signs them as one attempt for a
transaction of iop-tx. Nothing but --node makes it talk to the network; `sign` touches a secret.

Records:
    in: DIDs, keys or key ids as text, records with `did`, `publicKey` or `keyId`; operations; documents (as the original has them)
    out: DIDs, documents, operations, signed attempts, rows of a history (as the original has them), iop.right/1

Statuses:
    1 check: the key does not have the right; resolve --proof: not proven
    2 no --node, or no terminal to confirm a tombstone on
    65 not a DID, key, operation or document
    69 node not reachable
    75 node too slow, or limiting requests
    76 node broke the protocol

Notes:
    All operations of one transaction on one DID name the same last transaction, the one before this transaction.

    With --proof, `resolve` believes no node: it asks for a proof, checks it against the block or key named by --trusted, and prints the
    document that is proven, as it was known at that height. The newest block is proven by the one after it.

    `resolve --height` answers as the nodes of the original do: keys and rights are those of that height, but ends of validity,
    histories and the tombstone are those known today; height 0 means the newest, and a height beyond the newest block is answered
    as if it were reached. With --as-it-was an iop-node tells what it answered when that block was the newest.

Examples:
    $ echo pez2CLkBUjHB8w8G87D3YkREjpRuiqPu6BrRsgHMQy2Pzt6 | iop-did from-key
    did:morpheus:ezqztJ6XX6GDxdSgdiySiT3J
    $ iop-did from-key iezqztJ6XX6GDxdSgdiySiT3J
    did:morpheus:ezqztJ6XX6GDxdSgdiySiT3J
    $ iop-did tombstone did:morpheus:ezqztJ6XX6GDxdSgdiySiT3J
    {"did":"did:morpheus:ezqztJ6XX6GDxdSgdiySiT3J","lastTxId":null,"operation":"tombstoneDid"}

See also:
    iop-key iop-proof iop-tx
"""

from __future__ import annotations

from iop.errors import DataError
from iop_cli._command import Noun, each, run, sink, transform
from iop_cli._did_asking import make_asking_verbs
from iop_cli._operation import make_verbs, parse_people_auth
from iop_cli._option import key, option, yes

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from typing import Any

    from iop.io.stream import Item
    from iop_cli._shell import Shell


@sink
@key
@yes
@option("--order", kind="choice", choices=("wasm", "ts"), default="wasm", help="Order of members.")
def sign(shell: Shell, items: Iterator[Item], order: str, **_key: Any) -> Iterator[Any]:
    """Sign all operations of the input as one attempt."""
    from iop.did.operation import TOMBSTONE, parse_signables, sign_signables, to_record
    from iop_cli._secrets import open_signer

    signables = parse_signables(list(each(items)))
    if not signables:
        raise DataError("no operations to sign")
    for signable in signables:
        if signable.operation == TOMBSTONE:
            shell.confirm(f"give up {signable.did} for ever?")
    yield to_record(sign_signables(signables, open_signer(shell)), order)


@transform(predicate=True)
@option("--auth", metavar="KEY", required=True, help="The key or key id to judge.")
@option("--right", default="impersonate", help="The right to look for.")
@option("--height", kind="int", metavar="N", help="Judge at this height, not at the document's.")
def check(
    shell: Shell, auth: str, right: str, height: int | None
) -> Callable[[Any], Iterable[Any]]:
    """Judge by DID documents whether a key has a right at a height."""
    from iop.did.document import judge_right

    parse_people_auth(auth)

    def step(record: Any) -> Iterable[Any]:
        verdict = judge_right(record, auth, right, height)
        if not verdict["granted"]:
            shell.deny()
        yield verdict

    return step


command = Noun(
    *make_asking_verbs(),
    *make_verbs(),
    sign,
    check,
)


def main() -> None:
    """Entry point."""
    run(command, "iop-did", __doc__)


if __name__ == "__main__":
    main()
