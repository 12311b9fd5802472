"""iop-present(1): presentations of witnessed claims: make, sign, check, look inside.

A holder shows signed statements to somebody, each claim masked to what is to be seen, with a licence that says who may use it,
for what, and until when. The reader checks every part of it.

`make` collects the statements of its whole input into one presentation, unless --each; all else streams. Only `verify` touches
the network, and only when --node names a ledger node. `sign` unlocks one key, once.

Records:
    in   Signed WitnessStatement (make), ClaimPresentation (sign), Signed ClaimPresentation (verify, show)
    out  ClaimPresentation and its Signed form (foreign documents), iop.verdict/1, iop.reveal/1

Statuses:
    1   a presentation does not hold
    65 malformed, a member that occurs twice; `make`: a path that opens nothing
    66 69 77

Notes:
    Scalars beside an opened branch are always visible; what iop-claim new makes wraps every value, so that each can be hidden.
    --keep .content.degree opens the item with its nonce, .content its whole content, and nothing at all hides all but the
    claim's id, the subject included: a reader cannot check such a presentation. A path that opens nothing in any of the
    claims is refused, unless --keep-missing; so are objects in which a member occurs twice.

    Issues of a verdict are named: signature-invalid, claim-mismatch, subject-hidden, document-missing, key-unknown, key-expired
    (revoked keys too), right-not-held, did-tombstoned, statement-expired, authority-unexpected, process-unexpected, license-missing
    and more. `where` is `signature` for the presenter, provenClaims.0.statements.0 for an issuer. Only warnings: `maybe valid`.

    A verdict also names the subjects, authorities and processes of the presentation, and the height of each DID document that
    was at hand. A degree that its holder's own DID attests is `valid` too unless --authority says whose word counts.

Examples:
    $ echo '{"provenClaims":[{"claim":{"subject":"did:morpheus:ezqztJ6XX6GDxdSgdiySiT3J","content":{"degree":{"nonce":"uX","value":"MSc"},"name":"cjuVTGUiOFPKBRBVqHe0jkU0WwuVZBZKKXBGOoFOwsKEZM"}},"statements":[]}],"licenses":[]}' | iop-present show
    {"type":"iop.reveal/1","claims":[{"claimId":"cju...","subject":"did:morpheus:ezqztJ6XX6GDxdSgdiySiT3J","revealed":{".subject":"did:morpheus:ezqztJ6XX6GDxdSgdiySiT3J",".content.degree.value":"MSc"},"hidden":[".content.name"],"statements":[]}],"licenses":[]}
"""

from __future__ import annotations

from iop.errors import SchemaError
from iop_cli._command import Noun, run, transform
from iop_cli._document import load_process, read_document
from iop_cli._facts import Finder, conclude, read_authorities, rests_on_facts
from iop_cli._option import key, option
from iop_cli._present_making import make

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from iop.codec.json import Json
    from iop.io.stream import Item
    from iop_cli._command import Step
    from iop_cli._shell import Shell


@transform(raw=True)
@key
def sign(shell: Shell, **_: object) -> Step:
    """Sign each presentation with a key that may speak for its subject."""
    from iop.claim.presentation import check_presentation
    from iop.claim.signed import Signer
    from iop_cli._secrets import open_signer

    signer = Signer(open_signer(shell))

    def step(item: Item) -> Iterator[Any]:
        yield signer.sign_text(check_presentation(item.strict_value))

    return step


@transform(raw=True, predicate=True)
@option("--recipient", metavar="DID", help="There must be a licence for this DID.")
@option("--purpose", metavar="TEXT", help="There must be a licence for this purpose.")
@option(
    "--process",
    multiple=True,
    metavar="ID|FILE",
    help="Statements must follow one of these processes, each given by content id or document.",
)
@option(
    "--scenario",
    kind="file",
    metavar="FILE",
    help="The presentation must show what this scenario asks for.",
)
@rests_on_facts
def verify(
    shell: Shell, *, after: int | None, before: int | None, scenario: str | None, **rest: Any
) -> Step:
    """Say whether each signed presentation holds in every part.

    Judged are the presenter's signature and right to speak for the subject, each claim against its statements, each
    statement's signature and the authority's word for its key at the right height, dates, licences, and the scenario. Anybody
    may make statements in their own name: whether an authority is one to trust is judged by --authority alone.
    """
    from iop.claim.scenario import check_scenario, judge_presentation
    from iop.claim.validation import Demand, validate_presentation
    from iop.claim.verdict import Verdict

    processes = tuple(load_process(shell, text).process_id for text in rest["process"])
    demand = Demand(rest["recipient"], rest["purpose"], processes, read_authorities(shell))
    wanted = None if scenario is None else check_scenario(read_document(shell, scenario))
    finder = Finder(shell)
    strict = not shell.options["original_rules"]

    def step(item: Item) -> Iterator[Any]:
        record = item.strict_value if strict else item.value
        payload = _open(record)
        facts = finder.find(record)
        verdict = validate_presentation(
            record, facts, demand, after=after, before=before, strict=strict
        )
        if wanted is not None:
            verdict = Verdict(
                verdict.issues + judge_presentation(payload, wanted, facts.now).issues
            )
        yield conclude(shell, verdict, record, "presentation", facts)

    return step


@transform(raw=True)
def show(_shell: Shell) -> Step:
    """Say what each presentation, signed or not, reveals, and what it hides. Nothing is verified."""
    from iop.claim.presentation import reveal

    def step(item: Item) -> Iterator[Any]:
        yield reveal(_open(item.strict_value))

    return step


def _open(record: Json) -> dict[str, Any]:
    """The presentation inside a signed or unsigned record."""
    from iop.claim.kind import check_kind, identify, open_signed

    payload, _ = open_signed(record)
    kind = identify(payload)
    if kind != "presentation":
        raise SchemaError(f"expected a presentation, got a {kind}")
    return check_kind(kind, payload)


command = Noun(make, sign, verify, show)


def main() -> None:
    """The installed command."""
    run(command, "iop-present", __doc__)
