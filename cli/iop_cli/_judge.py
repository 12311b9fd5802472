"""What iop-verify says about one signature: by which rule, whose it must be, and in which record."""

from __future__ import annotations

import os

from iop.claim.signed import from_record
from iop.claim.verdict import ERROR, Issue, Verdict, issue
from iop.codec.digest import compute_bytes_id, compute_content_id
from iop.codec.text import compute_content_id_text
from iop.did.identifier import PREFIX as DID
from iop.did.identifier import parse_did
from iop.errors import DataError, MissingError, SchemaError, UsageError
from iop.keys.multicipher import (
    KeyId,
    PublicKey,
    Signature,
    is_same_auth,
    is_valid,
    parse_auth,
    parse_public_key,
    parse_signature,
)
from iop_cli._option import Option, declare

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any, TypeVar

    from iop.codec.json import Json
    from iop.io.stream import Item
    from iop_cli._shell import Shell

    F = TypeVar("F", bound=Callable[..., Any])

WEAK = Issue(ERROR, "signature-weak", "signature holds only by the original's rule")
OTHER = Issue(ERROR, "signer-other", "signed by a key that was not asked for")
ABSENT = Issue(ERROR, "signature-missing", "no signature covers these bytes")
MOST_SIGNATURES = 1_000_000  # records of one --signature file


def judged(function: F) -> F:
    """The options that every verdict on a signature takes."""
    return declare(
        function,
        Option(
            ("--signer",),
            metavar="ID",
            multiple=True,
            help="Public key, key id or DID (its first key) that must have signed; repeat it to allow several.",
        ),
        Option(
            ("--original-rules", "--original"),
            kind="flag",
            help="Judge as the original software does: keys of small order, and the last of members that occur twice.",
        ),
    )


class Judge:
    """The verdicts of one run; the exit status follows them."""

    def __init__(self, shell: Shell) -> None:
        given = shell.options["signer"]
        assert isinstance(given, tuple)
        self.signers = [_read_signer(text) for text in given]
        self.strict = not shell.options["original_rules"]
        self._shell = shell

    def judge_record(self, item: Item) -> dict[str, Any]:
        """The verdict on a signed document. Raises DataError when it is none, or when a member occurs twice in it."""
        signed = from_record(item.value)
        covered = _compute_id(signed.content)
        message = None if covered is None else covered.encode()
        found = self._find_issues(signed.public, message, signed.signature)
        about: dict[str, Any] = {"covers": covered, "signer": str(signed.public)}
        if self.strict or not self._shell.quiet:
            # The id of the text tells on the way whether a member occurs twice, for less than a strict parse takes.
            whole = compute_content_id_text(item.text, unique_names=self.strict)
            about = {"contentId": whole} | about
        return self._conclude(found, about)

    def judge_bytes(self, path: str, data: bytes, record: dict[str, Any] | None) -> dict[str, Any]:
        """The verdict on a file, given a record of `iop-sign bytes` or None where there is none."""
        about: dict[str, Any] = {"file": path, "contentId": compute_bytes_id(data)}
        if record is None:
            return self._conclude([ABSENT], about)
        public, signature = read_signature(record)
        found = self._find_issues(public, data, signature)
        if record.get("contentId", about["contentId"]) != about["contentId"] and not found:
            found.append(issue("signature-invalid"))
        return self._conclude(found, about | {"signer": str(public)})

    def _find_issues(
        self, public: PublicKey, message: bytes | None, signature: Signature
    ) -> list[Issue]:
        found = []
        if message is None:
            found.append(issue("signature-invalid"))
        elif not is_valid(public, message, signature, strict=self.strict):
            weak = self.strict and is_valid(public, message, signature, strict=False)
            found.append(WEAK if weak else issue("signature-invalid"))
        if self.signers and not any(is_same_auth(public, signer) for signer in self.signers):
            found.append(OTHER)
        return found

    def _conclude(self, found: list[Issue], about: dict[str, Any]) -> dict[str, Any]:
        verdict = Verdict(tuple(found))
        if found:
            self._shell.deny()
        return verdict.to_record() | {"valid": not found} | about


def _read_signer(text: str) -> KeyId | PublicKey:
    """The authentication that --signer names. Raises UsageError."""
    try:
        return parse_did(text).key_id if text.startswith(DID) else parse_auth(text)
    except DataError as exc:
        raise UsageError(
            f"--signer: {text[:120]!r} is no public key, key id or DID",
            hint="as pez..., iez... or did:morpheus:ez...",
        ) from exc


def _compute_id(value: Json) -> str | None:
    """The content id; None for what has none, such as a bare number: no signature covers it."""
    try:
        return compute_content_id(value)
    except DataError:
        return None


def read_signature(record: Json) -> tuple[PublicKey, Signature]:
    """Public key and signature of an iop.signature/1 record. Raises SchemaError or DecodeError."""
    if not isinstance(record, dict) or record.get("type") != "iop.signature/1":
        raise SchemaError("expected records of type iop.signature/1")
    pair = record.get("signature")
    pair = pair if isinstance(pair, dict) else {}
    public, made = pair.get("publicKey"), pair.get("bytes")
    if not isinstance(public, str) or not isinstance(made, str):
        raise SchemaError("an iop.signature/1 has {publicKey, bytes} in its signature")
    return parse_public_key(public), parse_signature(made)


def pair_files(
    shell: Shell, judge: Judge, paths: tuple[str, ...], given: str | None
) -> Iterator[tuple[str, bytes, dict[str, Any] | None]]:
    """Each file with its bytes and each of its signatures, None where it has none."""
    known = None if given is None else _read_known(shell, judge, given)
    for path in paths or ("-",):
        if known is None and path == "-":
            raise UsageError("a signature of stdin is named by --signature")
        data = shell.read_bytes(path)
        if known is None:
            records = [item.strict_value for item in shell.open_items(f"{path}.sig")]
        else:
            records = known.get(compute_bytes_id(data), []) + known.get("", [])
        for record in records or [None]:
            yield path, data, record


def _read_known(shell: Shell, judge: Judge, given: str) -> dict[str, list[dict[str, Any]]]:
    """Signature records by content id; a signature text stands under the empty one, for any bytes."""
    if given == "-" or os.path.exists(given):
        known: dict[str, list[dict[str, Any]]] = {}
        for item in shell.open_items(given):
            record = item.strict_value
            read_signature(record)
            known.setdefault(str(record.get("contentId")), []).append(record)
            if item.number > MOST_SIGNATURES:
                raise DataError(f"more than {MOST_SIGNATURES} signatures in one file")
        return known
    if given[:1] != "s":
        raise MissingError(f"no such file: {given}")
    keys = [signer for signer in judge.signers if isinstance(signer, PublicKey)]
    if len(keys) != 1 or len(judge.signers) != 1:
        raise UsageError("a signature text takes --signer with one public key")
    pair = {"publicKey": str(keys[0]), "bytes": given}
    return {"": [{"type": "iop.signature/1", "signature": pair}]}
