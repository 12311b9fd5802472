"""iop-demo(1): the story of a university, from phrase to verified presentation.

Starts a ledger node on this host, makes keys, DIDs and a table of graduates, signs a statement for each, lets one of them show
her degree and nothing else, and lets an employer check it; then a tampered and a revoked case. It prints what it does as the
commands a person could type, with timings, and leaves its files to look at, `story.sh` among them.

The node listens on the loopback interface only; nothing else touches the network. The keys it makes are for show.

Statuses:
    70 a step of the story ended otherwise than it should
    73 the folder exists

Files:
    The folder named by --output: keys, table, statements, presentations, the node's directory and its log.

Examples:
    $ iop-demo --graduates 5 --output story --to json | tail -1
    {"type":"iop.step/1","step":13,"status":0,"seconds":...}

See also:
    iop-node iop-claim iop-present
"""

from __future__ import annotations

import os
import shutil

from iop.errors import CreateError, UsageError
from iop_cli._command import run, source
from iop_cli._option import option

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from iop_cli._shell import Shell

MARKER = "story.sh"


@source
@option(
    "-o",
    "--dir",
    "--output",
    kind="file",
    default="demo",
    metavar="DIR",
    help="Folder for the files of the story.",
)
@option("--force", kind="flag", help="Replace the folder of an earlier demo.")
@option("--graduates", kind="int", default=200, metavar="N", help="Rows of the table.")
def command(shell: Shell, dir: str, *, force: bool, graduates: int) -> Iterator[dict[str, object]]:  # noqa: A002
    """Tell the story; one record a step when asked for with --to, else plain text."""
    from iop_cli._story import tell, write_inputs

    if graduates < 1:
        raise UsageError(f"--graduates takes a number from 1, got {graduates}")
    folder = os.path.abspath(dir)
    if os.path.lexists(folder):
        if not force:
            raise CreateError(
                f"{dir} exists", hint="add --force to replace it, or name another with --output"
            )
        if not os.path.exists(os.path.join(folder, MARKER)):
            raise CreateError(
                f"{dir} exists and is not the folder of a demo", hint="name another with --output"
            )
        shutil.rmtree(folder)
    os.makedirs(folder)
    write_inputs(folder, graduates)
    as_records = shell.wants_records
    total = 0.0
    for number, (_, status, seconds) in enumerate(
        tell(folder, graduates, _mute if as_records else print), 1
    ):
        total += seconds
        if as_records:
            yield {
                "type": "iop.step/1",
                "step": number,
                "status": status,
                "seconds": f"{seconds:.3f}",
            }
    if not as_records:
        print(f"\nDone in {total:.1f} s. The files are in {dir}; {dir}/{MARKER} has every command.")


def _mute(_line: str) -> None:
    return


def main() -> None:
    """Run as a program."""
    run(command, "iop-demo", __doc__)


if __name__ == "__main__":
    main()
