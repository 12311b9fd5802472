"""iop-digest(1): content ids and masks of JSON documents.

Prints the content id of each record, as the original software computes it: `cju` and 43 characters over SHA3-256. A record may
be given in part: an object or array inside it that was replaced by its own id digests the same. `--keep` does that
replacing and prints the masked record instead. It streams, never talks to the network and touches no secret.

Records:
    in:  any JSON or CBOR value
    out: one line a record: a content id, or the JSON text asked for; `check` gives iop.digest-check/1

Statuses:
    1 `check`: not the same document
    65 not JSON, a member name that is not in Unicode NFKD, a bare number

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
    guessed. Strings of a masked record are in NFKD: a record whose strings are not gets another id once it is masked.

See also:
    iop-claim iop-present iop-conv
"""

from __future__ import annotations

from iop.errors import UsageError
from iop_cli._command import Line, Noun, run, source, transform
from iop_cli._option import argument, option, seed

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
@option("--canonical", kind="flag", help="Print the canonical text instead of its digest.")
@option("--jcs", kind="flag", help="RFC 8785 and SHA-256 in hex instead of the content id.")
def compute(
    _shell: Shell, keep: str | None, canonical: bool, jcs: bool
) -> Callable[[Item], Iterable[Any]]:
    """Content id of each record."""
    if keep is not None and (canonical or jcs):
        raise UsageError("--keep does not go with --canonical or --jcs")
    if keep is not None:
        from iop.codec.text import apply_mask_text

        def mask(item: Item) -> Iterable[Any]:
            found = apply_mask_text(item.text, keep)
            return (found if found[:1] == b"{" else Line(found.decode()),)

        return mask
    if jcs:
        return _canonicalize if canonical else _hash_canonical
    if canonical:
        from iop.codec.text import encode_canonical_text

        return lambda item: (encode_canonical_text(item.text),)
    from iop.codec.text import compute_content_id_text

    return lambda item: (Line(compute_content_id_text(item.text)),)


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
    from iop.codec.text import compute_content_id_text

    document, wanted = given["open"], given["id"]
    if (document is None) == (wanted is None):
        raise UsageError("check takes either --open FILE or --id ID")
    if document is not None:
        wanted = compute_content_id_text(shell.read_bytes(document))

    def step(item: Item) -> Iterator[Any]:
        found = compute_content_id_text(item.text)
        if found != wanted:
            shell.deny()
        yield {"type": "iop.digest-check/1", "same": found == wanted, "id": found, "open": wanted}

    return step


@transform
@seed
@option("--members", kind="flag", help="Wrap every member of the record instead of the record.")
def wrap(shell: Shell, members: bool, **_given: Any) -> Callable[[Any], Iterator[Any]]:
    """Put a value beside a fresh nonce: {"nonce": …, "value": …}."""
    from iop.codec.nonce import SIZE, wrap_nonce
    from iop.errors import SchemaError

    def step(record: Any) -> Iterator[Any]:
        if not members:
            yield wrap_nonce(record, shell.random(SIZE))
        elif isinstance(record, dict):
            yield {name: wrap_nonce(value, shell.random(SIZE)) for name, value in record.items()}
        else:
            raise SchemaError(f"--members takes objects, got {type(record).__name__}")

    return step


@source(name="bytes")
@argument("file", kind="file", metavar="FILE", help="Any file; absent or - is stdin.")
def hash_bytes(shell: Shell, file: str | None) -> Iterator[Any]:
    """Content id of a file's bytes, whatever they are: `cbu` and 43 characters."""
    from iop.codec.digest import compute_bytes_id

    yield Line(compute_bytes_id(shell.read_bytes(file)))


command = Noun(compute, check, wrap, hash_bytes, default="id")


def main() -> None:
    """Entry point."""
    run(command, "iop-digest", __doc__)
