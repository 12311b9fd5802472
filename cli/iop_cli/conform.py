"""iop-conform(1): run conformance files against this installation.

Recognises a file by its `name` member, or by its `area` and file name, and runs every result it states against the installed
library: one line a file, then a total. `-v` lists the cases that fail. A file it does not know is a failure, never
skipped. It buffers one file at a time, never talks to the network and touches no secret but those in the files.

Records:
    out: lines of text; with --json and the like iop.conform/1, one a file and failing case, the last the total

Statuses:
    1 at least one case failed, or a file is not known
    66 no such file

Examples:
    $ cat >unsigned_varint.json <<'END'
    > {"area": "multiformats", "cases": [
    >   {"value": "300", "hex": "ac02", "valid": true},
    >   {"hex": "8000", "valid": false, "reason": "not minimal"}]}
    > END
    $ iop-conform unsigned_varint.json
    unsigned_varint.json: 3 passed, 0 failed
    3 passed, 0 failed

Notes:
    A deliberate difference from the original software is counted as a deviation, on a line of its own before the total;
    `-v` gives the reason.
"""

from __future__ import annotations

import os

from iop_cli._command import Line, run, source
from iop_cli._option import argument

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from iop_cli._shell import Shell


@source
@argument(
    "files", kind="file", multiple=True, required=True, metavar="FILE", help="Conformance files."
)
def command(shell: Shell, files: tuple[str, ...]) -> Iterator[Any]:
    """Run conformance files against this installation."""
    from iop.conform.suite import DEVIATED, FAILED, PASSED

    total = dict.fromkeys((PASSED, FAILED, DEVIATED), 0)
    for path in files:
        counts = dict.fromkeys(total, 0)
        name = os.path.basename(path)
        for verdict, case in _run_file(shell, path):
            counts[verdict] += 1
            if shell.verbose and verdict != PASSED:
                told = {"file": name, "verdict": verdict, "case": case.label, "detail": case.detail}
                yield _tell(shell, told, f"{name}: {verdict}: {case.label}: {case.detail}")
        tail = f", {counts[DEVIATED]} deviated" if counts[DEVIATED] else ""
        line = f"{name}: {counts[PASSED]} passed, {counts[FAILED]} failed{tail}"
        yield _tell(shell, {"file": name} | counts, line)
        for verdict, count in counts.items():
            total[verdict] += count
    if total[FAILED]:
        shell.deny()
    if total[DEVIATED] and not shell.wants_records:
        yield Line(f"{total[DEVIATED]} deviated")
    yield _tell(shell, total, f"{total[PASSED]} passed, {total[FAILED]} failed")


def _tell(shell: Shell, record: dict[str, Any], line: str) -> dict[str, Any] | Line:
    return {"type": "iop.conform/1"} | record if shell.wants_records else Line(line)


def _run_file(shell: Shell, path: str) -> Iterator[tuple[str, Any]]:
    import json

    from iop.conform.case import Case
    from iop.conform.suite import FAILED, find_key, run_document

    text = shell.read_bytes(path)
    folder, file = os.path.split(os.path.abspath(path))
    try:
        document = json.loads(text)
    except (ValueError, RecursionError) as exc:
        yield FAILED, Case("file", False, f"not JSON: {exc}")
        return
    key = find_key(document, os.path.splitext(file)[0], os.path.basename(folder))
    if key is None:
        yield FAILED, Case("file", False, "no runner knows this file")
        return
    yield from run_document(document, key)


def main() -> None:
    """Entry point."""
    run(command, "iop-conform", __doc__)
