"""iop-sign(1): sign records or files.

Each record of the input becomes a signed document of the original software, `{"signature": {"publicKey", "bytes"}, "content"}`,
on a line of its own. The signature covers the record's content id, so it still holds when parts of the content are masked
(iop-digest). `bytes` signs files as they are. It streams records, reads a file whole, never talks to the network, and touches a
secret: the key is unlocked once for the whole stream.

Records:
    in:  any JSON or CBOR object or array, or the content id of one
    out: SignedJson (a foreign document); `bytes`: iop.signature/1

Statuses:
    65 not JSON, a member that occurs twice, a member name that is not in Unicode NFKD, a bare number or text
    66 no such key or file
    73 `--detached`: the signature file exists
    77 wrong passphrase, file mode too open

Notes:
    Whoever signs a content id signs a document unseen. Of the formats of iop only this one signs what others wrote: do not use a key
    that votes or spends for records you have not read.

    Strings are signed as they stand. One that is not in Unicode NFKD is warned of, once: opened by a mask (iop-digest --keep) it
    changes the content id, and the signature fails. `--normalize` signs and prints the record in NFKD instead.

    An object in which a member occurs twice is refused: readers differ in which of the two they take. `bytes` reads no
    records, so --from and --on-error are not for it.

Examples:
    $ iop-keygen --kind ed25519 --unencrypted --name me --seed 00 --now 0 2>/dev/null | grep -o '"type":"[^"]*"'
    "type":"iop.key/1"
    $ echo '{"name":"Ann"}' | iop-sign --key me | tee signed.json
    {"signature":{"publicKey":"pez...","bytes":"sez..."},"content":{"name":"Ann"}}
    $ iop-verify signed.json | grep -o '"status":"[^"]*"'
    "status":"valid"
    $ iop-sign bytes --key me --detached signed.json
    $ iop-verify bytes -q signed.json && echo untouched
    untouched

See also:
    iop-verify iop-digest iop-claim iop-keygen
"""

from __future__ import annotations

import os

from iop.errors import UsageError
from iop_cli._command import Noun, run, source, transform
from iop_cli._option import argument, key, option, seed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any

    from iop.io.stream import Item
    from iop_cli._shell import Shell


@transform(raw=True, name="json")
@option("--nonce", kind="flag", help="Put a fresh nonce beside the signature; it is not signed.")
@option("--normalize", kind="flag", help="Bring texts to Unicode NFKD first, as masks do.")
@key
@seed
def sign_json(
    shell: Shell, nonce: bool, normalize: bool, **_given: Any
) -> Callable[[Item], Iterator[Any]]:
    """Sign each record (the default)."""
    from iop.claim.signed import Signer
    from iop.codec.nonce import SIZE, encode_nonce
    from iop.codec.text import compute_content_id_text
    from iop_cli._normal import watch
    from iop_cli._secrets import open_signer

    signer = Signer(open_signer(shell))
    public = str(signer.public)
    look = watch(shell, "add --normalize")

    def step(item: Item) -> Iterator[Any]:
        fresh = encode_nonce(shell.random(SIZE)) if nonce else None
        text = item.text
        if normalize:
            from iop.claim.normal import normalize_texts

            yield signer.sign_json(normalize_texts(item.strict_value), fresh)
            return
        if text[:1] not in (b"{", b"[") or b"\n" in text:
            signed = signer.sign_json(item.strict_value, fresh)
            look(item)
            yield signed
            return
        # The text goes out as it came: nothing is gained by building its value and writing it again.
        signature = signer.sign(compute_content_id_text(text, unique_names=True).encode())
        look(item)
        end = b"}" if fresh is None else f',"nonce":"{fresh}"}}'.encode()
        head = f'{{"signature":{{"publicKey":"{public}","bytes":"{signature}"}},"content":'
        yield b"".join((head.encode(), text, end))

    return step


@source(name="bytes")
@argument("file", kind="file", multiple=True, metavar="FILE", help="Files; none or - is stdin.")
@option(
    "--detached", kind="flag", help="Write the signature of FILE to FILE.sig, and print nothing."
)
@key
def sign_bytes(
    shell: Shell, file: tuple[str, ...], detached: bool, **_given: Any
) -> Iterator[dict[str, Any]]:
    """Sign each file's bytes, whatever they are."""
    from iop.claim.signed import Signer
    from iop.codec.digest import compute_bytes_id
    from iop.codec.json import encode_json
    from iop.io.config import is_terminal
    from iop.io.output import FileOutput
    from iop_cli._secrets import open_signer

    paths = file or ("-",)
    if not file and is_terminal(0):
        raise UsageError("no file to sign", hint="name files, or - for what is typed here")
    if detached and "-" in paths:
        raise UsageError("--detached takes files, for stdin has no name")
    signer = Signer(open_signer(shell))
    for path in paths:
        data = shell.read_bytes(path)
        pair = {"publicKey": str(signer.public), "bytes": str(signer.sign(data))}
        record = {
            "type": "iop.signature/1",
            "contentId": compute_bytes_id(data),
            "signature": pair,
        }
        if not detached:
            yield record
            continue
        output = FileOutput(os.fsencode(path) + b".sig", force=bool(shell.options["force"]))
        output.write(encode_json(record).encode() + b"\n")
        output.commit()


command = Noun(sign_json, sign_bytes, default="json")


def main() -> None:
    """Entry point."""
    run(command, "iop-sign", __doc__)
