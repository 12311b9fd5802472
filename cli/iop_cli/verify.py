"""iop-verify(1): verify signed records or files.

Prints a verdict on each signed document; the exit status is 1 when any of them does not hold. `bytes` does the same for files
and the signatures that `iop-sign bytes` made. Judged are the signature and, with --signer, whose it is: whether a DID let that
key speak for it is the business of iop-claim and iop-did. It streams, reads a file whole, never talks to the network and
touches no secret.

Records:
    in:  SignedJson (a foreign document); `bytes`: iop.signature/1
    out: iop.verdict/1, or with --emit the documents themselves

Statuses:
    1 a signature does not hold, or is another signer's
    65 not a signed document, a key or signature that is none, a member that occurs twice
    66 no such file

Notes:
    Ed25519 is judged strictly: keys and nonces of small order, and encodings that are not canonical, are refused. The original
    software accepts them, so that one signature can hold for many messages; `--original-rules` gives its verdicts. A signature
    that holds only by those has the issue `signature-weak`.

    An object in which a member occurs twice is refused: readers differ in which of the two they take. With --original-rules
    the last counts, and --emit writes the record anew without the others. `bytes` reads no records, so --from and
    --on-error are not for it.

    `contentId` is the id of the whole record (of the file); `covers` is the id that is signed, the same for a masked and for
    an open content.

Examples:
    $ iop-keygen --kind ed25519 --unencrypted --name ann --seed 00 --now 0 --secret 2>/dev/null | grep -o '"keyId":"[^"]*"'
    "keyId":"iezeGsMtjgxgXrAKN2yJWVqzZ"
    $ echo '{"a":1}' | iop-sign -k ann >good.json
    $ sed 's/"a":1/"a":2/' good.json | cat good.json - | iop-verify --emit valid
    {"signature":{...},"content":{"a":1}}
    ? 1
    $ iop-verify -q --signer iezeGsMtjgxgXrAKN2yJWVqzZ good.json && echo hers
    hers

See also:
    iop-sign iop-claim iop-did iop-digest
"""

from __future__ import annotations

from iop_cli._command import Noun, run, source, transform
from iop_cli._judge import Judge, judged, pair_files
from iop_cli._option import argument, option

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any

    from iop.io.stream import Item
    from iop_cli._shell import Shell


@transform(raw=True, predicate=True, name="json")
@option(
    "--emit",
    kind="choice",
    choices=("verdict", "valid", "invalid"),
    default="verdict",
    help="Print verdicts, or pass on the documents that hold, or those that do not.",
)
@judged
def verify_json(shell: Shell, emit: str, **_given: Any) -> Callable[[Item], Iterator[Any]]:
    """Judge each signed document (the default)."""
    judge = Judge(shell)
    original = not judge.strict

    def step(item: Item) -> Iterator[Any]:
        verdict = judge.judge_record(item)
        if emit == "verdict":
            yield verdict
        elif verdict["valid"] == (emit == "valid"):
            # By the original's rules a member may occur twice: what was judged goes on, not what another reader may see.
            yield item.value if original or b"\n" in item.text else item.text

    return step


@source(name="bytes", predicate=True)
@argument("file", kind="file", multiple=True, metavar="FILE", help="Files; none or - is stdin.")
@option(
    "--signature",
    metavar="FILE|TEXT",
    help="Signatures, matched to files by content id; or one signature text, then --signer is the public key. "
    "Default: FILE.sig.",
)
@judged
def verify_bytes(
    shell: Shell, file: tuple[str, ...], signature: str | None, **_given: Any
) -> Iterator[dict[str, Any]]:
    """Judge each file's bytes against its signatures."""
    judge = Judge(shell)
    for path, data, record in pair_files(shell, judge, file, signature):
        yield judge.judge_bytes(path, data, record)


command = Noun(verify_json, verify_bytes, default="json")


def main() -> None:
    """Entry point."""
    run(command, "iop-verify", __doc__)
