"""The verbs of iop-claim that make documents: processes, requests, statements."""

from __future__ import annotations

from iop.errors import SchemaError, VerifyError
from iop_cli._command import source, transform
from iop_cli._document import load_process, read_document
from iop_cli._facts import Finder, rests_on_documents
from iop_cli._option import key, option, seed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from iop.io.stream import Item
    from iop_cli._command import Step
    from iop_cli._shell import Shell


@source
@option("--name", required=True, help="Name of the process.")
@option("--description", default="", help="What it attests.")
@option("--revision", kind="int", default=1, metavar="N", help="Version of the process.")
@option(
    "--claim-schema",
    kind="file",
    required=True,
    metavar="FILE",
    help="JSON schema of claim contents.",
)
@option(
    "--wrapped",
    kind="flag",
    help="The claim schema describes flat records: let it ask for {nonce, value} in the place of each value.",
)
@option("--evidence-schema", kind="file", metavar="FILE", help="JSON schema of evidence.")
@option("--constraints-schema", kind="file", metavar="FILE", help="JSON schema of constraints.")
def process(
    shell: Shell, *, name: str, description: str, revision: int, claim_schema: str, **rest: Any
) -> Iterator[Any]:
    """Make a process document.

    Its content id is what requests and statements name; iop-digest prints it. Claims of iop-claim new hold {nonce, value}
    where a flat record has a value: a schema must describe that, or be given with --wrapped.
    """
    from iop.claim.process import build_process, wrap_schema

    evidence, constraints = (
        None if path is None else read_document(shell, path)
        for path in (rest["evidence_schema"], rest["constraints_schema"])
    )
    content = read_document(shell, claim_schema)
    yield build_process(
        name,
        revision,
        description,
        wrap_schema(content) if rest["wrapped"] else content,
        evidence_schema=evidence,
        constraints_schema=constraints,
    )


@transform(raw=True)
@option(
    "--process", required=True, metavar="ID|FILE", help="Process: its content id, or its document."
)
@option(
    "--claimant",
    metavar="KEYLINK",
    help="Who asks, as did:morpheus:ez...#0; the subject's first key by default.",
)
@option(
    "--evidence", kind="file", metavar="FILE", help="Evidence document that goes into each request."
)
@key
@seed
def request(
    shell: Shell, process: str, claimant: str | None, evidence: str | None, **_: object
) -> Step:
    """Make a witness request of each claim and sign it."""
    from iop.claim.signed import Signer
    from iop.claim.statement import build_request, check_claim
    from iop_cli._secrets import open_signer

    chosen = load_process(shell, process)
    shown = None if evidence is None else read_document(shell, evidence)
    signer = Signer(open_signer(shell))

    def step(item: Item) -> Iterator[Any]:
        claim = check_claim(item.strict_value)
        made = build_request(
            chosen.process_id, claimant or f"{claim['subject']}#0", claim, shown, shell.random
        )
        chosen.demand(made)
        yield signer.sign_json(made)

    return step


@transform(raw=True)
@option(
    "--process",
    metavar="ID|FILE",
    help="Process: its content id, or its document, which is then checked.",
)
@option(
    "--authority", required=True, metavar="DID", help="DID in whose name the statement is made."
)
@option(
    "--witness", metavar="KEYLINK", help="Key that will sign; the authority's first key by default."
)
@option("--after", metavar="DATETIME", help="The statement holds from then on.")
@option("--before", metavar="DATETIME", help="The statement holds until then.")
@option(
    "--constraints",
    kind="file",
    metavar="FILE",
    help="Further constraints, as the process's schema has them.",
)
@rests_on_documents
@seed
def statement(
    shell: Shell, process: str | None, authority: str, witness: str | None, **rest: Any
) -> Step:
    """Make an unsigned witness statement of each claim or witness request.

    A signed request must come from its claimant: from the DID's first key, or from a key that holds the right by a document of
    --document or --node. With a process document, what breaks its schemas is refused.
    """
    from iop.claim.kind import check_kind, identify, open_signed
    from iop.claim.signed import is_signed_valid
    from iop.claim.statement import build_statement
    from iop.claim.validation import demand_claimant

    chosen = None if process is None else load_process(shell, process)
    link = witness or f"{authority}#0"
    dates = {name: rest[name] for name in ("after", "before")}
    content = None if rest["constraints"] is None else read_document(shell, rest["constraints"])
    finder = Finder(shell)

    def step(item: Item) -> Iterator[Any]:
        record = item.strict_value
        payload, signed = open_signed(record)
        if signed and not is_signed_valid(record):
            raise VerifyError("the signature of the request does not hold")
        kind = identify(payload)
        found = check_kind(kind, payload)
        if kind == "request":
            if signed:
                demand_claimant(record, finder.find(record))
            process_id, claim = found["processId"], found["claim"]
        elif kind == "claim" and chosen is not None:
            process_id, claim = chosen.process_id, found
        else:
            raise SchemaError(
                f"expected a claim or a witness request, got a {kind}", hint="claims need --process"
            )
        if chosen is not None:
            chosen.demand(found)
        made = build_statement(
            process_id, claim, authority, link, shell.random, content=content, **dates
        )
        if chosen is not None:
            chosen.demand(made)
        yield made

    return step
