"""Tables for people: rich is loaded here and nowhere else.

Several records make a table when every cell fits the width whole: a key or DID that is cut is of no use. Otherwise, and for a
single record, each record is a block of `member  value` lines.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

GAP = 2  # columns between cells
LONGEST = 1 << 12  # characters of a value that are shown; records are never shortened
NARROW = 200  # width where there is no terminal
TIMES = ("created", "time", "block_time")  # members that are seconds since 1970 in our records


def draw(records: list[Any]) -> str:
    """Records for people: a table or blocks; plain values as lines."""
    if not all(isinstance(record, dict) for record in records):
        return "".join(f"{_cell('', record)}\n" for record in records)
    rows = [dict(_flatten_record(record)) for record in records]
    columns = list(dict.fromkeys(path for row in rows for path in row))
    widths = [max(len(path), *(len(row.get(path, "")) for row in rows)) for path in columns]
    if len(rows) > 1 and sum(widths) + GAP * len(widths) <= _find_width():
        return _draw_table(columns, rows)
    return "\n".join(_draw_block(row) for row in rows)


def _draw_block(row: dict[str, str]) -> str:
    from iop.io.config import choose_color

    left = max((len(path) for path in row), default=0)
    bold, plain = ("\x1b[1m", "\x1b[0m") if choose_color(1) else ("", "")
    return "".join(
        f"{bold}{path}{plain}{' ' * (left - len(path) + GAP)}{text}".rstrip() + "\n"
        for path, text in row.items()
    )


def _draw_table(columns: list[str], rows: list[dict[str, str]]) -> str:
    import io

    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    from iop.io.config import choose_color

    table = Table(box=None, pad_edge=False, padding=(0, GAP, 0, 0))
    for column in columns:
        table.add_column(Text(column), no_wrap=True)
    for row in rows:
        table.add_row(*(Text(row.get(column, "")) for column in columns))
    sink = io.StringIO()
    colour = choose_color(1)
    Console(
        file=sink, width=_find_width(), force_terminal=colour, no_color=not colour, highlight=False
    ).print(table)
    return "".join(f"{line.rstrip()}\n" for line in sink.getvalue().splitlines())


def _find_width() -> int:
    from iop.io.config import is_terminal

    if not is_terminal(1):
        return NARROW
    import shutil

    return shutil.get_terminal_size().columns


def _flatten_record(record: dict[str, Any]) -> Iterator[tuple[str, str]]:
    for name, value in record.items():
        if name != "type":
            for path, found in _flatten(name, value):
                yield path, _cell(path, found)


def _flatten(path: str, value: Any) -> Iterator[tuple[str, Any]]:
    """Rows for one member: a nested record or list of records a row for each leaf, its path in front."""
    if isinstance(value, dict) and value:
        for name, inner in value.items():
            yield from _flatten(f"{path}.{str(name).lstrip('.')}", inner)
    elif isinstance(value, list) and any(isinstance(inner, dict) for inner in value):
        for index, inner in enumerate(value):
            yield from _flatten(f"{path}.{index}", inner)
    elif isinstance(value, list) and all(isinstance(inner, str) for inner in value):
        yield path, " ".join(value)
    else:
        yield path, value


def _cell(path: str, value: Any) -> str:
    from iop.codec.json import encode_json
    from iop.io.report import printable

    if isinstance(value, bytes):
        text = value.hex()
    elif path in TIMES and isinstance(value, int) and 0 < value < 1 << 36:
        import datetime as dt

        text = dt.datetime.fromtimestamp(value, dt.UTC).strftime("%Y-%m-%d %H:%M:%SZ")
    else:
        text = value if isinstance(value, str) else encode_json(value)
    text = printable(text.replace("\n", "\\n"))
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 13]}…{text[-12:]}"
