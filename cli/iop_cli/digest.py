"""iop-digest(1): content ids and masks of JSON documents.

Prints the content id of each record, as the original software computes it: `cju` and 43 characters over SHA3-256. A record may
be given in part: an object or array inside it that was replaced by its own id digests the same. `--keep` does that
replacing and prints the masked record instead. It streams, never talks to the network and touches no secret.

Records:
    in:  any JSON or CBOR value
    out: one line a record: a content id, or the JSON text asked for; `check` gives iop.digest-check/1

Statuses:
    1 `check`: not the same document
    65 not JSON, a member name that is not in Unicode NFKD, a bare number; `--keep`: a path that opens nothing, another id

Examples:
    $ echo '{"name":{"value":"Ann","nonce":"u1"},"born":{"value":1990,"nonce":"u2"}}' >open.json
    $ iop-digest open.json
    cjuxQaqyMR4AUb8D3MbhO2swt5UGewacWVG6EtSaTwNM0E
    $ iop-digest --keep .name open.json | tee masked.json
    {"born":"cjugdsdlfHEXB1MZaoRmdS2bVD-On4-kN2TK5H1wqbaxFQ","name":{"nonce":"u1","value":"Ann"}}
    $ iop-digest masked.json
    cjuxQaqyMR4AUb8D3MbhO2swt5UGewacWVG6EtSaTwNM0E
    $ iop-digest check --open open.json -q masked.json && echo same
    same

Notes:
    Scalars beside an opened branch stay visible; `wrap` puts a value beside a nonce, so that it can be hidden and not
    guessed.

    A content id covers strings as they stand, a mask shows them in Unicode NFKD: a record with strings that are not (in most
    texts, letters with accents) gets another id, and its signature fails, once such a string is opened. `id` warns of the
    first one, `--keep` refuses, `normalize` mends it; normalise before signing, since afterwards the signature is lost.

    Each record must have every path of `--keep`, unless --keep-missing. Of members that occur twice the last counts, as in
    the original; iop-sign and iop-verify refuse them. `bytes` reads any bytes, so --from and --on-error are not for it.

See also:
    iop-claim iop-present iop-conv
"""

from __future__ import annotations

from iop.errors import UsageError
from iop_cli._command import Line, Noun, run, source, transform
from iop_cli._digest_making import mask, normalize, wrap
from iop_cli._normal import watch
from iop_cli._option import argument, option

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from typing import Any

    from iop.io.stream import Item
    from iop_cli._shell import Shell


@transform(raw=True, name="id")
@option(
    "--keep", metavar="PATHS", help="Print the record with only these open: .name,.address.city"
)
@option(
    "--keep-missing", kind="flag", help="Let paths of --keep lead nowhere, as the original does."
)
@option(
    "--allow-changed", kind="flag", help="Let --keep change the content id, as the original does."
)
@option("--canonical", kind="flag", help="Print the canonical text instead of its digest.")
@option("--jcs", kind="flag", help="RFC 8785 and SHA-256 in hex instead of the content id.")
def compute(
    shell: Shell, *, keep: str | None, canonical: bool, jcs: bool, **rest: bool
) -> Callable[[Item], Iterable[Any]]:
    """Content id of each record."""
    if keep is not None and (canonical or jcs):
        raise UsageError("--keep does not go with --canonical or --jcs")
    if keep is not None:
        return mask(keep, missing=rest["keep_missing"], changed=rest["allow_changed"])
    if jcs:
        return _canonicalize if canonical else _hash_canonical
    if canonical:
        from iop.codec.text import encode_canonical_text

        return lambda item: (encode_canonical_text(item.text),)
    from iop.codec.text import compute_content_id_text

    look = watch(shell, "iop-digest normalize")

    def digest(item: Item) -> Iterable[Any]:
        found = compute_content_id_text(item.text)
        look(item)
        return (Line(found),)

    return digest


def _canonicalize(item: Item) -> Iterable[Any]:
    from iop.codec.jcs import encode_jcs
    from iop.codec.json import parse_json

    return (encode_jcs(parse_json(item.text, unique_names=True)),)


def _hash_canonical(item: Item) -> Iterable[Any]:
    import hashlib

    (text,) = _canonicalize(item)
    return (Line(hashlib.sha256(text).hexdigest()),)


@transform(raw=True, predicate=True)
@option("--open", kind="file", metavar="FILE", help="The open document.")
@option("--id", metavar="ID", help="Its content id, instead of the document.")
def check(shell: Shell, **given: str | None) -> Callable[[Item], Iterator[Any]]:
    """Whether each record is the open document, in whole or masked; the answer is also the status."""
    from iop.claim.signed import is_content_id
    from iop.codec.text import compute_content_id_text

    document, wanted = given["open"], given["id"]
    if (document is None) == (wanted is None):
        raise UsageError("check takes either --open FILE or --id ID")
    if wanted is not None and not is_content_id(wanted):
        raise UsageError(f"--id takes a content id, cju and 43 characters, got {wanted[:80]!r}")
    if document is not None:
        wanted = compute_content_id_text(shell.read_bytes(document))

    def step(item: Item) -> Iterator[Any]:
        found = compute_content_id_text(item.text)
        if found != wanted:
            shell.deny()
        yield {"type": "iop.digest-check/1", "same": found == wanted, "id": found, "open": wanted}

    return step


@source(name="bytes")
@argument("file", kind="file", metavar="FILE", help="Any file; absent or - is stdin.")
def hash_bytes(shell: Shell, file: str | None) -> Iterator[Any]:
    """Content id of a file's bytes, whatever they are: `cbu` and 43 characters."""
    from iop.codec.digest import compute_bytes_id

    yield Line(compute_bytes_id(shell.read_bytes(file)))


command = Noun(compute, check, wrap, normalize, hash_bytes, default="id")


def main() -> None:
    """Entry point."""
    run(command, "iop-digest", __doc__)
