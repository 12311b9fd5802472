"""iop(1): the commands of the Internet of People, under one name; `iop help NOUN` opens a manual.

`iop NOUN ...` runs `iop-NOUN ...`, found beside this program or on PATH, so a command of somebody else joins by its
name. `iop help NOUN` opens its manual. Without arguments it lists the commands.

This is porcelain: scripts call `iop-NOUN`. It never talks to the network itself.

Statuses:
    66 no command of that name

Examples:
    $ iop digest --version
    iop-digest 0.1.0

See also:
    iop-digest
"""

from __future__ import annotations

import os
import sys

from iop.errors import MissingError
from iop_cli._command import run, source
from iop_cli._option import argument

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from iop_cli._shell import Shell


@source
@argument("noun", multiple=True, metavar="NOUN", help="Command to run, and its arguments.")
def command(_shell: Shell, **_words: object) -> Iterator[dict[str, str]]:
    """List the commands."""
    from iop_cli._manual import parse_manual
    from iop_cli._registry import ENTRIES, GROUPS, load

    for entry in ENTRIES:
        if entry.name != "iop":
            summary = parse_manual(load(entry)[1])[0]
            yield {
                "type": "iop.command/1",
                "command": entry.name,
                "area": GROUPS[entry.group],
                "summary": summary,
            }


def main() -> None:
    """Run `iop-NOUN` in this process's place, or list the commands."""
    words = sys.argv[1:]
    if words[:1] == ["help"]:
        if len(words) > 1:
            os.execvp("man", ["man", _page(words[1])])
        words = []
        sys.argv[1:] = []
    if words and words[0][:1] != "-":
        _become(f"iop-{words[0]}", words[1:])
    run(command, "iop", __doc__)


def _page(noun: str) -> str:
    return noun if noun.startswith("iop") else f"iop-{noun}"


def _become(name: str, words: list[str]) -> None:
    places = [os.path.dirname(os.path.abspath(sys.argv[0])), *os.get_exec_path()]
    for place in places:
        path = os.path.join(place, name)
        if "/" not in name and os.access(path, os.X_OK) and not os.path.isdir(path):
            os.execv(path, [path, *words])
    import difflib

    from iop.io.report import Reporter
    from iop_cli._registry import ENTRIES

    known = [entry.name.removeprefix("iop-") for entry in ENTRIES if entry.name != "iop"]
    near = difflib.get_close_matches(name.removeprefix("iop-"), known, 3)
    hint = " or ".join(f"iop {word}" for word in near) or "iop (lists the commands)"
    Reporter("iop").error(MissingError(f"no command {name}", hint=hint))
    os._exit(MissingError.exit)
