"""iop-conv(1): JSON into CBOR and back, or into a table to look at.

Reads records in JSON or CBOR and writes them in the form asked for with `--to`. JSON comes out compact, members in their
order and numbers as they were written; CBOR in the core deterministic encoding. It streams (a table buffers), never talks
to the network and touches no secret.

Records:
    in:  any JSON or CBOR value
    out: the same values

Statuses:
    65 not JSON or CBOR; a CBOR value that JSON cannot say

Examples:
    $ echo '{"b": [1, 1.50, true], "a": null}' | iop-conv
    {"b":[1,1.50,true],"a":null}
    $ echo '{"b": [1, 1.50, true], "a": null}' | iop-conv --cbor | iop-conv
    {"a":null,"b":[1,1.5,true]}
    $ echo '{"b": 1, "a": 2}' | iop-conv --cbor | od -An -tx1
     a2 61 61 02 61 62 01

Notes:
    In JSON, byte strings are text (`--bytes`), tags give way to what they tag, undefined is null and integer keys are
    their digits. NaN, the infinities and keys of other kinds have no JSON form and are errors. Nothing turns such text
    back into bytes: JSON does not say which text was one.

See also:
    iop-digest
"""

from __future__ import annotations

from iop_cli._command import run, transform
from iop_cli._option import option

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Any

    from iop_cli._shell import Shell


@transform(raw=True)
@option(
    "--bytes",
    kind="choice",
    choices=("hex", "base64url"),
    default="hex",
    help="What byte strings become in JSON and in tables.",
)
def command(shell: Shell, **given: str) -> Callable[[Any], Iterable[Any]]:
    """JSON, CBOR and tables, one into another."""
    if shell.options["cbor"] or shell.options["to"] == "cbor":
        return lambda item: (item.native,)
    from iop.codec.conversion import convert_to_json

    return lambda item: (convert_to_json(item.native, given["bytes"]),)


def main() -> None:
    """Entry point."""
    run(command, "iop-conv", __doc__)
