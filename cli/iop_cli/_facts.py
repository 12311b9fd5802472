"""What verdicts rest on: DID documents from files, and documents and registrations from a node."""

from __future__ import annotations

from iop.errors import DataError, IopError, MissingError, PeerError, UsageError
from iop_cli._option import Option, clock, declare, node

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, TypeVar

    from iop.claim.facts import Facts
    from iop.claim.verdict import Verdict
    from iop.codec.json import Json
    from iop_cli._shell import Shell

    F = TypeVar("F", bound=Callable[..., Any])

MAX_KNOWN = 10_000  # DID documents kept at once


def rests_on_documents(function: F) -> F:
    """The options that say where DID documents come from."""
    return declare(
        node(clock(function)),
        Option(
            ("--document",),
            kind="file",
            metavar="FILE",
            multiple=True,
            help="File of DID documents to rely on, one JSON record each.",
        ),
        Option(
            ("--height",),
            kind="int",
            metavar="N",
            help="Ask the node for documents at this height; without it the newest.",
        ),
    )


def rests_on_facts(function: F) -> F:
    """The options that say what a verdict rests on, whose word counts, and which heights and time do."""
    return declare(
        rests_on_documents(function),
        Option(
            ("--authority",),
            metavar="DID",
            multiple=True,
            help="Statements must be in the name of this DID; without it whether the issuer can be trusted is not judged.",
        ),
        Option(
            ("--after",),
            kind="int",
            metavar="N",
            help="Height that the signing of statements is known to follow; 1 asks for a right held all along.",
        ),
        Option(
            ("--before",),
            kind="int",
            metavar="N",
            help="Height that the signing of statements is known to precede.",
        ),
        Option(
            ("--allow-warnings",),
            kind="flag",
            help="Let `maybe valid` pass: warnings do not make the answer no.",
        ),
        Option(
            ("--original-rules",),
            kind="flag",
            help="Judge signatures, ranges and members that occur twice as the original software does, gaps included.",
        ),
    )


def read_authorities(shell: Shell) -> tuple[str, ...]:
    """The DIDs of --authority in their usual spelling. Raises UsageError for what is none."""
    from iop.did.identifier import parse_did

    given = shell.options["authority"]
    assert isinstance(given, tuple)
    try:
        return tuple(str(parse_did(text)) for text in given)
    except DataError as exc:
        raise UsageError(f"--authority: {exc.message[:200]}") from exc


class Finder:
    """Facts for one record after another; documents are read and asked for once."""

    def __init__(self, shell: Shell) -> None:
        from iop.claim.facts import collect_documents

        options = shell.options
        if options["node"] is None and options["height"] is not None:
            raise UsageError("--height asks a node", hint="add --node URL, or leave --height out")
        records: list[Json] = []
        paths = options["document"]
        assert isinstance(paths, tuple)
        for path in paths:
            records += [item.strict_value for item in shell.open_items(path)]
        self._given = collect_documents(records)
        self._asked: dict[str, Any] = {}
        self._now = shell.now() * 1000
        height = options["height"]
        self._height = height if isinstance(height, int) else None
        self._node: Any = self._connect(shell) if options["node"] is not None else None

    def _connect(self, shell: Shell) -> Any:
        from iop.io.node_client import NodeClient

        timeout = shell.options["timeout"]
        assert isinstance(timeout, float | int)
        return NodeClient(str(shell.options["node"]), timeout=timeout)

    def find(self, record: Json) -> Facts:
        """The facts for one signed record. Raises NetError when the node does not answer."""
        from iop.claim.facts import Facts, find_dids, find_proofs, find_signed
        from iop.codec.digest import compute_content_id

        if self._node is None:
            return Facts(self._given, {}, {}, self._now)
        documents = {did: self._given.get(did) or self._ask(did) for did in find_dids(record)}
        ids = [compute_content_id(signed) for signed in find_signed(record)]
        registered = {key: height for key in ids if (height := self._find_height(key)) is not None}
        blocks = {
            at: block for at in find_proofs(record) if (block := self._find_block(at)) is not None
        }
        return Facts(documents, registered, blocks, self._now)

    def _ask(self, did: str) -> Any:
        from iop.did.document import check_document

        if did not in self._asked:
            if len(self._asked) >= MAX_KNOWN:
                self._asked.clear()
            try:
                document = check_document(self._node.document(did, self._height))
            except IopError as exc:
                exc.detail.setdefault("did", did)
                raise
            if document["did"] != did:
                raise PeerError(f"the node answered with another document than that of {did}")
            self._asked[did] = document
        return self._asked[did]

    def _find_height(self, content_id: str) -> int | None:
        """The height at which a content id was registered, as known at --height."""
        height = self._node.before_proof_history(content_id).get("existsFromHeight")
        if height is None:
            return None
        if not isinstance(height, int) or isinstance(height, bool):
            raise PeerError("the node answered a before-proof without a height")
        return height if self._height is None or height <= self._height else None

    def _find_block(self, height: int) -> str | None:
        try:
            block_id = self._node.block(height).get("id")
        except MissingError:
            return None
        return block_id if isinstance(block_id, str) else None


def conclude(
    shell: Shell, verdict: Verdict, record: Json, kind: str, facts: Facts
) -> dict[str, Any]:
    """The record of a verdict, with whom and what it is about; the exit status follows it."""
    passed = verdict.status == "valid"
    if verdict.status == "maybe valid" and shell.options["allow_warnings"]:
        passed = True
    if not passed:
        shell.deny()
    shown = verdict.to_record()
    if shell.quiet:
        return shown
    from iop.claim.parties import find_parties
    from iop.codec.digest import compute_content_id

    assert isinstance(record, dict)
    parties = find_parties(record["content"])
    known = facts.documents
    return shown | {
        "valid": passed,
        "kind": kind,
        "contentId": compute_content_id(record),
        "signer": record["signature"]["publicKey"],
        "subjects": list(parties.subjects),
        "authorities": list(parties.authorities),
        "processes": list(parties.processes),
        "documents": {did: known[did]["queriedAtHeight"] for did in parties.relied if did in known},
    }
