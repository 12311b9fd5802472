"""iop-claim(1): claims, witness requests and witness statements.

An authority publishes a process; people claim something, ask for a statement, and the authority signs it. This command
makes, checks and signs these documents, one record after another, in the form of the original software.

It streams. `new`, `process`, `request`, `sign` and `check` never touch the network; `statement` and `verify` ask a ledger node
only if --node names one. `request` and `sign` unlock one key, once.

Records:
    in   Claim, WitnessRequest, WitnessStatement, Process and their Signed forms (foreign documents);
         `new` takes flat objects or CSV rows
    out  the same kinds, and iop.check/1, iop.verdict/1

Statuses:
    1   a record does not follow its process, a signature does not hold, or a request is not its claimant's
    65  malformed, a member that occurs twice
    66 69 77

Notes:
    Every value that `new` takes is wrapped as {"nonce", "value"} with 33 random bytes of its own, so that a hidden value cannot
    be guessed from its content id. Texts are brought to Unicode NFKD, so that a mask does not change the digest; numbers
    are written as JavaScript clients write them, and those beyond 2^53 - 1 are refused.

    A verdict lists named issues, and names the subjects, authorities, processes and heights of the DID documents it rests on.
    A key that was revoked is judged at the height the statement was registered at, if it was; otherwise at the height of the
    DID document. Without --authority, trust in the issuer is not judged.

    `statement` does not look further than a request's key: where requests come from strangers, and keys may have been revoked,
    let `iop-claim verify --node URL` see them first, or give it --node as well.

    Files hold one JSON document. --claim-schema, --evidence-schema and --constraints-schema: JSON Schema, 2020-12 unless $schema
    says otherwise, for a claim's content, the evidence of a request (--evidence), and the further constraints of a
    statement (--constraints), which stand in its constraints.content. A scenario, for iop-present: {"name", "version",
    "description", "prerequisites": [{"process": ID, "claimFields": [".content.degree"]}], "requiredLicenses": [{"issuedTo": DID,
    "purpose", "expiry": "P6M"}], "resultSchema": null}.

Examples:
    $ printf 'subject,name,year\\ndid:morpheus:ezqztJ6XX6GDxdSgdiySiT3J,Ann,2020\\n' >people.csv
    $ echo '{"type":"object","required":["name"],"properties":{"name":{"type":"string"},"year":{"minimum":2000}}}' >flat.json
    $ iop-claim process --name Diploma --claim-schema flat.json --wrapped >process.json
    $ iop-keygen --kind ed25519 --unencrypted --name dean --field did >authority
    $ iop-claim new --csv --number year people.csv >claims.json
    $ iop-claim statement --process process.json --authority $(cat authority) claims.json >statements.json
    $ iop-claim sign -k dean statements.json >signed.json
    $ iop-claim check --process process.json signed.json
    {"type":"iop.check/1","valid":true,"kind":"statement","signed":true,"contentId":"cju...","faults":[]}
"""

from __future__ import annotations

from iop.errors import SchemaError
from iop_cli._claim_making import process, request, statement
from iop_cli._claim_rows import new
from iop_cli._command import Noun, run, transform
from iop_cli._document import load_process
from iop_cli._facts import Finder, conclude, read_authorities, rests_on_facts
from iop_cli._option import key, option

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from iop.io.stream import Item
    from iop_cli._command import Step
    from iop_cli._shell import Shell


@transform(raw=True)
@key
def sign(shell: Shell, **_: object) -> Step:
    """Sign each witness statement or witness request.

    What the original's signers drop is dropped: members they do not know, a nonce that is null.
    """
    from iop.claim.kind import check_signable
    from iop.claim.signed import Signer
    from iop_cli._secrets import open_signer

    signer = Signer(open_signer(shell))

    def step(item: Item) -> Iterator[Any]:
        yield signer.sign_text(check_signable(item.strict_value))

    return step


@transform(raw=True, predicate=True)
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

    def step(item: Item) -> Iterator[Any]:
        found = check_record(item.strict_value, None if chosen is None else chosen.process)
        if not found["valid"]:
            shell.deny()
        yield found

    return step


@transform(raw=True, predicate=True)
@rests_on_facts
def verify(shell: Shell, after: int | None, before: int | None, **_: object) -> Step:
    """Say whether each signed statement or request holds.

    Judged are the signature, the DID's word for the key at the right height, and the dates of a statement. Anybody may make
    statements in their own name: whether an authority is one to trust is judged by --authority alone.
    """
    from iop.claim.kind import identify, open_signed
    from iop.claim.validation import validate_request, validate_statement

    authorities = read_authorities(shell)
    finder = Finder(shell)
    strict = not shell.options["original_rules"]

    def step(item: Item) -> Iterator[Any]:
        record = item.strict_value if strict else item.value
        kind = identify(open_signed(record)[0])
        judge = {"statement": validate_statement, "request": validate_request}.get(kind)
        if judge is None:
            raise SchemaError(f"expected a signed statement or request, got a {kind}")
        facts = finder.find(record)
        verdict = judge(
            record, facts, after=after, before=before, strict=strict, authorities=authorities
        )
        yield conclude(shell, verdict, record, kind, facts)

    return step


command = Noun(new, process, request, statement, sign, check, verify)


def main() -> None:
    """The installed command."""
    run(command, "iop-claim", __doc__)
