"""Tables for people: rich is loaded here and nowhere else."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

WIDE = 60  # characters of a cell before it is shortened; records are never shortened


def draw(records: list[Any]) -> str:
    """Records as a table, one column a member; plain values as lines."""
    import io

    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    from iop.io.config import choose_color, is_terminal

    if not all(isinstance(record, dict) for record in records):
        return "".join(f"{_cell(record, 1 << 20)}\n" for record in records)
    columns = list(dict.fromkeys(key for record in records for key in record if key != "type"))
    if len(records) == 1:
        table = Table(show_header=False, box=None, pad_edge=False)
        for column in columns:
            for path, found in _flatten(column, records[0][column]):
                table.add_row(Text(_cell(path, WIDE), "bold"), Text(_cell(found, 1 << 10)))
    else:
        table = Table(box=None, pad_edge=False)
        for column in columns:
            table.add_column(Text(_cell(column, WIDE)), overflow="ellipsis")
        for record in records:
            table.add_row(*(Text(_cell(record.get(column, ""), WIDE)) for column in columns))
    sink = io.StringIO()
    colour = choose_color(1)
    width = None if is_terminal(1) else 200
    Console(
        file=sink,
        width=width,
        force_terminal=colour,
        no_color=not colour,
        highlight=False,
        markup=False,
    ).print(table)
    return "".join(f"{line.rstrip()}\n" for line in sink.getvalue().splitlines())


def _flatten(path: str, value: Any) -> Iterator[tuple[str, Any]]:
    """Rows for one member: a nested record or list of records a row for each leaf, its path in front."""
    if isinstance(value, dict) and value:
        for name, inner in value.items():
            yield from _flatten(f"{path}.{name.lstrip('.')}", inner)
    elif isinstance(value, list) and any(isinstance(inner, dict) for inner in value):
        for index, inner in enumerate(value):
            yield from _flatten(f"{path}.{index}", inner)
    elif isinstance(value, list) and all(isinstance(inner, str) for inner in value):
        yield path, " ".join(value)
    else:
        yield path, value


def _cell(value: Any, wide: int) -> str:
    from iop.codec.json import encode_json
    from iop.io.report import printable

    if isinstance(value, bytes):
        text = value.hex()
    else:
        text = value if isinstance(value, str) else encode_json(value)
    text = printable(text.replace("\n", "\\n"))
    return text if len(text) <= wide else f"{text[: wide - 13]}…{text[-12:]}"
