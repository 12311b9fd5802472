"""iop-claim(1): claims, witness requests and witness statements.

An authority publishes a process; people claim something, ask for a statement, and the authority signs it. This command
makes, checks and signs these documents, one record after another, in the form of the original software.

It streams. `new`, `process`, `request`, `statement`, `sign` and `check` never touch the network; `verify` asks a ledger node
only if --node names one. `request` and `sign` unlock one key, once.

Records:
    in   Claim, WitnessRequest, WitnessStatement, Process and their Signed forms (foreign documents);
         `new` takes flat objects or CSV rows
    out  the same kinds, and iop.check/1, iop.verdict/1

Statuses:
    1   a record does not follow its process, or a signature does not hold
    65 66 69 77

Notes:
    Every value that `new` takes is wrapped as {"nonce", "value"} with 33 random bytes of its own, so that a hidden value cannot
    be guessed from its content id. Texts are brought to Unicode NFKD, so that a mask does not change the digest; numbers
    are written as JavaScript clients write them, and those beyond 2^53 - 1 are refused.

    A verdict lists named issues. A key that was revoked is judged at the height the statement was registered at, if it was;
    otherwise at the height of the DID document.

Examples:
    $ echo '{"subject":"did:morpheus:ezqztJ6XX6GDxdSgdiySiT3J","name":"Ann"}' | iop-claim new --seed 00 2>/dev/null
    {"subject":"did:morpheus:ezqztJ6XX6GDxdSgdiySiT3J","content":{"name":{"nonce":"u...","value":"Ann"}}}
"""

from __future__ import annotations

from iop.errors import SchemaError
from iop_cli._claim_making import process, request, statement
from iop_cli._claim_rows import new
from iop_cli._command import Noun, run, transform
from iop_cli._document import load_process
from iop_cli._facts import Finder, conclude, rests_on_facts
from iop_cli._option import key, option

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from iop.codec.json import Json
    from iop_cli._command import Step
    from iop_cli._shell import Shell


@transform
@key
def sign(shell: Shell, **_: object) -> Step:
    """Sign each witness statement or witness request.

    What the original's signers drop is dropped: members they do not know, a nonce that is null.
    """
    from iop.claim.kind import check_signable
    from iop.claim.signed import Signer
    from iop_cli._secrets import open_signer

    signer = Signer(open_signer(shell))

    def step(record: Json) -> Iterator[Any]:
        yield signer.sign_text(check_signable(record))

    return step


@transform(predicate=True)
@option("--process", metavar="FILE", help="Process document whose schemas the records must follow.")
@option(
    "--blob",
    kind="file",
    multiple=True,
    metavar="FILE",
    help="Document that a process names by content id.",
)
def check(shell: Shell, process: str | None, blob: tuple[str, ...]) -> Step:
    """Say whether each record, signed or not, has its shape and follows its process.

    Signatures are not looked at. Processes and scenarios are checked too, without --process.
    """
    from iop.claim.check import check_record

    chosen = None if process is None else load_process(shell, process, blob)

    def step(record: Json) -> Iterator[Any]:
        found = check_record(record, None if chosen is None else chosen.process)
        if not found["valid"]:
            shell.deny()
        yield found

    return step


@transform(predicate=True)
@rests_on_facts
def verify(shell: Shell, after: int | None, before: int | None, **_: object) -> Step:
    """Say whether each signed statement or request holds.

    Judged are the signature, the DID's word for the key at the right height, and the dates of a statement.
    """
    from iop.claim.kind import identify, open_signed
    from iop.claim.validation import validate_request, validate_statement

    finder = Finder(shell)
    strict = not shell.options["original_rules"]

    def step(record: Json) -> Iterator[Any]:
        kind = identify(open_signed(record)[0])
        judge = {"statement": validate_statement, "request": validate_request}.get(kind)
        if judge is None:
            raise SchemaError(f"expected a signed statement or request, got a {kind}")
        verdict = judge(record, finder.find(record), after=after, before=before, strict=strict)
        yield conclude(shell, verdict, record, kind)

    return step


command = Noun(new, process, request, statement, sign, check, verify)


def main() -> None:
    """The installed command."""
    run(command, "iop-claim", __doc__)
