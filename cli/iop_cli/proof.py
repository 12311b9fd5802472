"""iop-proof(1): proofs of time, before and after a block, and proofs of what the ledger holds.

A content whose id is registered on the ledger existed before that block: `before` makes the attempt that registers it (for a
transaction of iop-tx), `history` and `exists` ask the node. A signature over a block's hash came after that block: `after` gives the
proof of the node's last block, `wrap` puts a content and the proof into the envelope to sign, `check` compares a proof with the
node's block. All but `before` and `verify` talk to the node named by --node.

`row` asks a node for the proof of one row of the ledger's state: an account, a DID, a name, a before-proof. `verify` needs no node and
no network: with the id of one block, or the key of who makes them, it says whether the row, or that there is none, is the truth.

Records:
    in: content ids as text, any content, envelopes and signed envelopes (as the original has them); verify: iop.proof/1
    out: attempts, histories, after-proofs, envelopes (as the original has them), iop.before-proof/1, iop.after-proof/1, iop.proof/1,
    iop.row/1

Statuses:
    1 exists: not registered up to that height; check: not the node's block; verify: not proven
    2 no --node, or what is named is no content id
    65 not a content id, envelope or after-proof
    66 check: the node has no such block; row: the height cannot be proven (yet, or any more)
    69 node not reachable
    75 node too slow, or limiting requests
    76 node broke the protocol

Examples:
    $ echo cjuIUKWY1zz81PK43Ohl4gMgP0Qi3fhuyiM11vNWmpHdoo | iop-proof before
    {"operation":"registerBeforeProof","contentId":"cjuIUKWY1zz81PK43Ohl4gMgP0Qi3fhuyiM11vNWmpHdoo"}

Notes:
    The header of a block carries the hash of the whole state after the block before it, so what the newest block changed can be proven
    when the next one is there; a proof's height says which state it shows. A node proves any of its last 64 heights. `verify` prints
    table and key: see that they are those you asked for; an account's is the hash in its address. What a row holds: iop-state(5).

See also:
    iop-digest iop-did iop-tx iop-state(5)
"""

from __future__ import annotations

from iop_cli._command import Noun, run, source, transform
from iop_cli._option import declare, node, option
from iop_cli._proof_ids import ANY, IDS, read_ids
from iop_cli._proof_rows import make_row_verbs

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from typing import Any

    from iop_cli._shell import Shell


def before(shell: Shell, ids: tuple[str, ...]) -> Iterator[Any]:
    """Make the attempts that register content ids."""
    from iop.did.operation import to_record
    from iop.did.proof import make_before_proof

    for content_id in read_ids(shell, ids):
        yield to_record(make_before_proof(content_id))


def history(shell: Shell, ids: tuple[str, ...], any_text: bool, **given: Any) -> Iterator[Any]:
    """Print what the node knows of content ids."""
    from iop.io.node_client import open_node

    wanted = read_ids(shell, ids, strict=not any_text)
    client = open_node(given["node"], given["timeout"])
    for content_id in wanted:
        yield client.before_proof_history(content_id)


@node
@option("--height", kind="int", metavar="N", help="Registered at or before this height.")
def exists(
    shell: Shell, ids: tuple[str, ...], height: int | None, any_text: bool, **given: Any
) -> Iterator[Any]:
    """Judge whether content ids are registered."""
    from iop.did.proof import judge_before
    from iop.io.node_client import open_node

    wanted = read_ids(shell, ids, strict=not any_text)
    client = open_node(given["node"], given["timeout"])
    for content_id in wanted:
        verdict = judge_before(client.before_proof_history(content_id), content_id, height)
        if not verdict["exists"]:
            shell.deny()
        yield verdict


@source
@node
@option("--height", kind="int", metavar="N", help="The block of this height, not the last one.")
def after(_shell: Shell, height: int | None, **given: Any) -> Iterator[Any]:
    """Print the after-proof of a block."""
    yield _find_proof(height, given)


@transform
@node
@option("--height", kind="int", metavar="N", help="The block of this height, not the last one.")
def wrap(_shell: Shell, height: int | None, **given: Any) -> Callable[[Any], Iterable[Any]]:
    """Put contents and the after-proof of a block into envelopes."""
    proof = _find_proof(height, given)
    return lambda content: ({"content": content, "afterProof": proof},)


def _find_proof(height: int | None, given: dict[str, Any]) -> dict[str, Any]:
    from iop.did.proof import make_after_proof
    from iop.io.node_client import open_node

    return make_after_proof(*open_node(given["node"], given["timeout"]).find_block(height))


@transform(predicate=True)
@node
def check(shell: Shell, **given: Any) -> Callable[[Any], Iterable[Any]]:
    """Compare after-proofs, bare, in envelopes or signed, with the node's blocks."""
    from iop.did.proof import find_after_proof, judge_after
    from iop.io.node_client import open_node

    client = open_node(given["node"], given["timeout"])

    def step(record: Any) -> Iterable[Any]:
        proof = find_after_proof(record)
        verdict = judge_after(proof, *client.find_block(proof["blockHeight"]))
        if not verdict["holds"]:
            shell.deny()
        yield verdict

    return step


command = Noun(
    source(declare(before, IDS)),
    source(declare(node(history), IDS, ANY)),
    source(declare(exists, IDS, ANY), predicate=True),
    after,
    wrap,
    check,
    *make_row_verbs(),
)


def main() -> None:
    """Entry point."""
    run(command, "iop-proof", __doc__)


if __name__ == "__main__":
    main()
