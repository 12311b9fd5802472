"""iop-claim new: claims of flat JSON records, or of the rows of a table (RFC 4180) with one header row."""

from __future__ import annotations

from iop.errors import DataError, DecodeError, IopError, SchemaError, UsageError
from iop_cli._command import source
from iop_cli._option import INPUT, argument, declare, option, seed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any, TypeVar

    from iop.codec.json import Real
    from iop_cli._shell import Shell

    F = TypeVar("F", bound=Callable[..., Any])
    Row = tuple[int, dict[str, Any] | IopError]

LONGEST_CELL = 1 << 20  # characters
# What else may stand between the cells of a table, and how a shell writes it.
_SPELLED = {";": "';'", "\t": "$'\\t'", "|": "'|'"}
_AS_TABLE = "add --csv if the input is a table"


def _follows_errors(function: F) -> F:
    """--from and --on-error, as filters have them."""
    return declare(function, *INPUT)


@source
@option("--csv", kind="flag", help="The input is a CSV table with a header row, not JSON records.")
@option(
    "--delimiter", default=",", metavar="CHAR", help="What stands between the cells of a table."
)
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
@_follows_errors
@argument(
    "file", kind="file", metavar="FILE", help="Flat records or a table; absent or - is stdin."
)
def new(
    shell: Shell, *, csv: bool, delimiter: str, subject_field: str, file: str | None, **rest: Any
) -> Iterator[Any]:
    """Make a claim of each flat record or table row.

    Every value but the subject is wrapped in a nonce of its own. An empty cell of a table makes no member at all; a record may
    say null. Errors name the row; as a spreadsheet counts, a table's header is row 1.
    """
    from iop.claim.statement import build_claim
    from iop.io.report import error_record

    if csv:
        rows = read_table(shell, file, rest["number"], delimiter)
    else:
        rows = read_records(shell, file, rest["from_"])
    for place, row in rows:
        try:
            if isinstance(row, IopError):
                raise row
            subject = row.pop(subject_field, None)
            if not isinstance(subject, str):
                raise SchemaError(
                    f"no subject in {subject_field!r}", hint="name it with --subject-field"
                )
            made = build_claim(subject, row, shell.random)
        except IopError as error:
            error.detail.setdefault("row", place)
            error.message = f"row {place}: {error.message}"
            if rest["on_error"] == "stop":
                raise
            shell.status = error.exit
            if rest["on_error"] == "skip":
                shell.reporter.error(error)
                continue
            made = error_record(error, shell.prog)
        yield made


def read_records(shell: Shell, path: str | None, form: str) -> Iterator[Row]:
    """Number (from 1) and members of each JSON or CBOR record of a file or stdin, or its error."""
    for item in shell.open_items(path, form):
        try:
            record = item.strict_value
            if not isinstance(record, dict):
                raise SchemaError("expected an object", hint=_AS_TABLE)
        except DataError as exc:
            if item.number == 1 and exc.hint is None and item.text[:1] not in (b"{", b"["):
                exc.hint = _AS_TABLE
            yield item.number, exc
        else:
            yield item.number, record


def read_table(
    shell: Shell, path: str | None, numbers: tuple[str, ...], delimiter: str = ","
) -> Iterator[Row]:
    """Number and cells of each row of a CSV table, as a spreadsheet counts (the header is row 1); empty cells are left out.

    Cells are texts; those of the columns `numbers` are read as JSON numbers. A row that does not fit the header comes as its
    error. Raises DecodeError for what is no UTF-8 or no CSV, SchemaError for a wrong header.
    """
    import csv

    from iop.io.stream import open_input

    if len(delimiter) != 1 or delimiter in '\r\n"':
        raise UsageError(f"--delimiter takes one character, got {delimiter[:20]!r}")
    if path in (None, "-"):
        shell.claim_stdin("rows")
    csv.field_size_limit(LONGEST_CELL)
    with open(open_input(path), encoding="utf-8-sig", newline="") as file:
        rows = csv.reader(file, strict=True, delimiter=delimiter)
        number = 0
        try:
            header = [name.strip() for name in next(rows, [])]
            number = 1
            _check_header(header, numbers, delimiter)
            for row in rows:
                number += 1
                if row:
                    yield number, _read_row(header, row, numbers)
        except csv.Error as exc:
            message = f"row {number + 1}: no CSV: {exc}"
            raise DecodeError(message, row=number + 1) from exc
        except UnicodeDecodeError as exc:
            message = f"row {number + 1}: the table is not UTF-8"
            raise DecodeError(message, row=number + 1) from exc


def _check_header(header: list[str], numbers: tuple[str, ...], delimiter: str) -> None:
    if len(header) == 1:
        others = [mark for mark in _SPELLED if mark in header[0] and mark != delimiter]
        if others:
            raise SchemaError(
                f"row 1: the table has one column, {header[0][:80]!r}",
                hint=f"add --delimiter {_SPELLED[others[0]]}",
                row=1,
            )
    trouble = None
    if not header or "" in header:
        trouble = "a column of the table has no name"
    elif len(set(header)) != len(header):
        trouble = "two columns of the table have one name"
    else:
        lost = [name for name in numbers if name not in header]
        trouble = f"no column {lost[0]!r}" if lost else None
    if trouble is not None:
        raise SchemaError(f"row 1: {trouble}", row=1)


def _read_row(
    header: list[str], row: list[str], numbers: tuple[str, ...]
) -> dict[str, Any] | IopError:
    if len(row) != len(header):
        return SchemaError(f"{len(row)} cells, the header has {len(header)}")
    record: dict[str, Any] = {}
    for name, cell in zip(header, row, strict=True):
        if not cell:
            continue
        try:
            record[name] = _read_number(name, cell) if name in numbers else cell
        except SchemaError as exc:
            return exc
    return record


def _read_number(name: str, cell: str) -> int | Real:
    from iop.codec.json import Real, parse_json

    try:
        found = parse_json(cell)
    except DataError:
        found = None
    if isinstance(found, bool) or not isinstance(found, int | Real):
        raise SchemaError(f"{name} is no number")
    return found
