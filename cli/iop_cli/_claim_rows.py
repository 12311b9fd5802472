"""iop-claim new: claims of flat JSON records, or of the rows of a CSV table (RFC 4180) with one header row."""

from __future__ import annotations

from iop.codec.json import Real, parse_json
from iop.errors import DataError, DecodeError, IopError, SchemaError
from iop_cli._command import source
from iop_cli._option import argument, option, seed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from iop_cli._shell import Shell

LONGEST_CELL = 1 << 20  # characters


@source
@option("--csv", kind="flag", help="The input is a CSV table with a header row, not JSON records.")
@option(
    "--subject-field",
    default="subject",
    metavar="NAME",
    help="Member or column with the subject's DID.",
)
@option(
    "--number", multiple=True, metavar="NAME", help="Column of a table whose cells are numbers."
)
@seed
@argument(
    "file", kind="file", metavar="FILE", help="Flat records or a table; absent or - is stdin."
)
def new(
    shell: Shell,
    csv: bool,
    subject_field: str,
    number: tuple[str, ...],
    file: str | None,
    **_: object,
) -> Iterator[Any]:
    """Make a claim of each flat record or table row.

    Every value but the subject is wrapped in a nonce of its own. Errors name the row.
    """
    from iop.claim.statement import build_claim

    rows = read_table(shell, file, number) if csv else read_records(shell, file)
    for place, row in rows:
        subject = row.pop(subject_field, None)
        try:
            if not isinstance(subject, str):
                raise SchemaError(
                    f"no subject in {subject_field!r}", hint="name it with --subject-field"
                )
            yield build_claim(subject, row, shell.random)
        except IopError as exc:
            raise type(exc)(f"row {place}: {exc.message}", hint=exc.hint, row=place) from exc


def read_records(shell: Shell, path: str | None) -> Iterator[tuple[int, dict[str, Any]]]:
    """Number (from 1) and members of each JSON or CBOR record of a file or stdin."""
    for item in shell.open_items(path):
        if not isinstance(item.value, dict):
            raise SchemaError(f"row {item.number}: expected an object")
        yield item.number, item.value


def read_table(
    shell: Shell, path: str | None, numbers: tuple[str, ...]
) -> Iterator[tuple[int, dict[str, Any]]]:
    """Number and cells of each row of a CSV table, as a spreadsheet counts (the header is row 1); empty cells are left out.

    Cells are texts; those of the columns `numbers` are read as JSON numbers. Raises DecodeError for what is no UTF-8 or no CSV,
    SchemaError for rows that do not fit the header.
    """
    import csv

    from iop.io.stream import open_input

    if path in (None, "-"):
        shell.claim_stdin("rows")
    csv.field_size_limit(LONGEST_CELL)
    with open(open_input(path), encoding="utf-8-sig", newline="") as file:
        rows = csv.reader(file, strict=True)
        number = 0
        try:
            header = [name.strip() for name in next(rows, [])]
            number = 1
            _check_header(header, numbers)
            for row in rows:
                number += 1
                if row:
                    yield number, _read_row(number, header, row, numbers)
        except csv.Error as exc:
            raise DecodeError(f"row {number + 1}: no CSV: {exc}") from exc
        except UnicodeDecodeError as exc:
            raise DecodeError(f"row {number + 1}: the table is not UTF-8") from exc


def _check_header(header: list[str], numbers: tuple[str, ...]) -> None:
    if not header or "" in header:
        raise SchemaError("row 1: a column of the table has no name")
    if len(set(header)) != len(header):
        raise SchemaError("row 1: two columns of the table have one name")
    for name in numbers:
        if name not in header:
            raise SchemaError(f"row 1: no column {name!r}")


def _read_row(
    number: int, header: list[str], row: list[str], numbers: tuple[str, ...]
) -> dict[str, Any]:
    if len(row) != len(header):
        raise SchemaError(f"row {number}: {len(row)} cells, the header has {len(header)}")
    record: dict[str, Any] = {}
    for name, cell in zip(header, row, strict=True):
        if not cell:
            continue
        record[name] = _read_number(number, name, cell) if name in numbers else cell
    return record


def _read_number(number: int, name: str, cell: str) -> int | Real:
    try:
        found = parse_json(cell)
    except DataError:
        found = None
    if isinstance(found, bool) or not isinstance(found, int | Real):
        raise SchemaError(f"row {number}: {name} is no number")
    return found
