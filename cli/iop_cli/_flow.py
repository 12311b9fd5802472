"""Records through a command: read, call, write, and what happens at a bad one."""

from __future__ import annotations

import os

from iop.errors import DataError, IopError, LimitError, SchemaError, UsageError
from iop.io.config import is_terminal
from iop.io.output import FileOutput, Output
from iop_cli._command import Line

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from iop.io.report import Reporter
    from iop.io.stream import Item
    from iop_cli._command import Command
    from iop_cli._shell import Shell


def flow(command: Command, shell: Shell, options: dict[str, object], reporter: Reporter) -> int:
    """Run one command over its stream; the exit status."""
    if command.live:
        is_open = options["to"] == "auto" and not (options["cbor"] or options["table"])
        options = {**options, "unbuffered": True, "json": options["json"] or is_open}
    form = _choose_form(options)
    field = options.get("field")
    writer = Writer(form, _open_output(options, form), field if isinstance(field, str) else None)
    names = command.own_names
    own = {k: v for k, v in options.items() if k in names}
    path = options.get("file")
    source = str(options.get("from_", "auto"))
    put = _Put(writer, hush=command.predicate and shell.quiet)
    try:
        if command.kind == "transform":
            _transform(command, shell, own, put, reporter)
        else:
            arguments: list[Any] = [shell]
            if command.kind == "sink":
                arguments.append(shell.open_items(path if isinstance(path, str) else None, source))
            for record in command.function(*arguments, **own) or ():
                put.judged += 1
                put.write(record)
        if command.predicate and not shell.options.get("allow_empty", True):
            put.check_judged()
        writer.commit()
    except BaseException:
        writer.abort()
        raise
    return shell.status


class _Put:
    """Results on their way to the writer, unless a predicate is hushed; and how many records were looked at."""

    def __init__(self, writer: Writer, *, hush: bool) -> None:
        self._writer = writer
        self._hush = hush
        self.judged = 0

    def check_judged(self) -> None:
        """A yes needs something to judge: a stage of the pipe that failed leaves nothing. Raises DataError."""
        if not self.judged:
            raise DataError(
                "nothing to judge: the input holds no record",
                hint="look at the step before; --allow-empty takes this for a yes",
            )

    def write(self, record: Any) -> None:
        """Hand one result on."""
        if not self._hush:
            self._writer.write(record)


def _transform(
    command: Command,
    shell: Shell,
    own: dict[str, Any],
    put: _Put,
    reporter: Reporter,
) -> None:
    step = command.function(shell, **own)
    on_error = shell.options["on_error"]
    path = shell.options.get("file")
    items = shell.open_items(path if isinstance(path, str) else None, str(shell.options["from_"]))
    raw = command.raw
    for item in items:
        put.judged += 1
        try:
            for record in step(item if raw else item.value):
                put.write(record)
        except IopError as error:
            _place(error, item)
            if on_error == "stop":
                raise
            shell.status = error.exit
            if on_error == "skip":
                reporter.error(error)
            else:
                from iop.io.report import error_record

                put.write(error_record(error, shell.prog))


def _place(error: IopError, item: Item) -> None:
    error.detail.setdefault("record", item.number)
    if item.line:
        # A parser counts lines within its text; the stream's line is what a person can look up.
        within = error.detail.pop("line", 1)
        error.detail["line"] = item.line + (within - 1 if isinstance(within, int) else 0)
        error.message = error.message.split(" at line ", 1)[0]


def _choose_form(options: dict[str, object]) -> str:
    short = [form for form in ("json", "cbor", "table") if options.get(form)]
    form = str(options.get("to", "auto"))
    if form != "auto":
        short.append(form)
    if len(set(short)) > 1:
        raise UsageError(f"more than one output form: {', '.join(short)}")
    if short:
        form = short[0]
    output = options.get("output")
    terminal = output in (None, "-") and is_terminal(1)
    if form == "auto":
        form = "table" if terminal else "json"
    elif form == "cbor" and terminal and output != "-":
        raise UsageError(
            "CBOR does not go to a terminal", hint="name a file with -o, or insist with -o -"
        )
    return "text" if form == "json" and not short else form


def _open_output(options: dict[str, object], form: str) -> Output:
    path = options.get("output")
    if path in (None, "-"):
        return Output(
            1, eager=bool(options.get("unbuffered")) or (form != "table" and is_terminal(1))
        )
    name = os.fsencode(str(path))
    if not name:
        raise UsageError("--output takes a file name, got an empty one")
    given = options.get("file")
    inputs = given if isinstance(given, tuple) else (given,)
    for other in inputs:
        if (
            isinstance(other, str)
            and other != "-"
            and os.path.exists(other)
            and os.path.exists(name)
            and os.path.samefile(other, name)
        ):
            raise UsageError(f"output and input are the same file: {other}")
    return FileOutput(name, force=bool(options.get("force")))


class Writer:
    """Records to an output in one form: text (JSON lines, plain lines bare), json, cbor or table.

    `field` picks one member of each record; in the text form it stands bare when it is text.
    """

    def __init__(self, form: str, output: Output, field: str | None = None) -> None:
        self._form = form
        self._output = output
        self._field = field
        self._rows: list[Any] = []

    def write(self, record: Any) -> None:
        """Write one record. Raises HostError or BrokenPipeError, and DataError for what the form cannot say."""
        if self._field is not None:
            record = _pick(_as_value(record), self._field)
        if self._form == "text" and isinstance(record, Line):
            self._output.write(record.encode() + b"\n")
        elif self._form == "table":
            self._rows.append(_as_value(record))
            if len(self._rows) > 100_000:
                raise LimitError("a table holds 100000 records", hint="--to json")
        elif self._form == "cbor":
            from iop.codec.cbor import encode_cbor

            self._output.write(encode_cbor(_as_value(record)))
        elif isinstance(record, bytes):
            self._output.write(record + b"\n")
        else:
            from iop.codec.json import encode_json

            if isinstance(record, Line):
                record = str(record)
            self._output.write(encode_json(record).encode() + b"\n")

    def commit(self) -> None:
        """End well: a table is drawn now."""
        self._draw()
        self._output.commit()

    def abort(self) -> None:
        """End badly: what was good still goes to a pipe, and a file is not made."""
        try:
            self._draw()
            self._output.abort()
        except (OSError, IopError):
            return  # the first trouble is the one to report

    def _draw(self) -> None:
        if self._rows:
            from iop_cli._table import draw

            rows, self._rows = self._rows, []
            self._output.write(draw(rows).encode())


def _as_value(record: Any) -> Any:
    if isinstance(record, bytes):
        from iop.codec.json import parse_json

        return parse_json(record)
    return str(record) if isinstance(record, Line) else record


def _pick(record: Any, field: str) -> Any:
    found = record
    for name in field.split("."):
        if not isinstance(found, dict) or name not in found:
            if isinstance(record, dict) and record.get("type") == "iop.error/1":
                return record  # it stands in the place of one (--on-error emit), and goes whole
            known = " ".join(found) if isinstance(found, dict) else "none"
            raise SchemaError(f"no member {name!r} in the record", hint=f"its members: {known}")
        found = found[name]
    return Line(found) if isinstance(found, str) else found


def need(record: Any, kind: str) -> dict[str, Any]:
    """The record when it is one of ours of this type (`iop.noun`), any minor addition included. Raises SchemaError."""
    if not isinstance(record, dict):
        raise SchemaError(f"expected a record of type {kind}, got {type(record).__name__}")
    got = record.get("type")
    if not isinstance(got, str) or got.split("/", 1)[0] != kind:
        raise SchemaError(f"expected a record of type {kind}, got {got!r}")
    return record


__all__ = ["DataError", "Writer", "flow", "need"]
