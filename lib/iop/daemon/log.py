"""The log of a daemon: one event a line, to stderr only.

Under the journal: `<6>` priority prefix, no time stamp. On a terminal: RFC 3339 text with `name=value` pairs. Elsewhere: one
JSON object a line. There are no log files and there is no rotation; that is the supervisor's work.
"""

from __future__ import annotations

import logging
import os
import sys
import time

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import TextIO

_PRIORITY = {"DEBUG": 7, "INFO": 6, "WARNING": 4, "ERROR": 3, "CRITICAL": 2}  # sd-daemon(3)


class Log:
    """Events of one part of a daemon. `fields` are plain values; no secret ever goes in."""

    def __init__(self, name: str) -> None:
        self._logger = logging.getLogger(name)

    def debug(self, event: str, **fields: object) -> None:
        """For -v."""
        self._write(logging.DEBUG, event, fields)

    def info(self, event: str, **fields: object) -> None:
        """What an operator wants to see."""
        self._write(logging.INFO, event, fields)

    def warning(self, event: str, **fields: object) -> None:
        """Something an operator should look at; service goes on."""
        self._write(logging.WARNING, event, fields)

    def error(self, event: str, **fields: object) -> None:
        """Something failed."""
        self._write(logging.ERROR, event, fields)

    def bug(self, event: str, error: BaseException, **fields: object) -> None:
        """A bug of ours, with its traceback."""
        import traceback

        lines = "".join(traceback.format_exception(error))
        self._write(logging.ERROR, event, fields | {"traceback": lines})

    def _write(self, level: int, event: str, fields: Mapping[str, object]) -> None:
        if self._logger.isEnabledFor(level):
            self._logger.log(level, "%s", event, extra={"fields": fields})


def configure(level: str = "info", *, form: str = "auto", stream: TextIO | None = None) -> None:
    """Send the log to stderr in the form that fits it; `form` is auto, text, json or journal. `level` as in `set_level`."""
    out = sys.stderr if stream is None else stream
    handler = logging.StreamHandler(out)
    handler.setFormatter(_FORMS[_choose(out) if form == "auto" else form]())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    set_level(level)
    # What a client can provoke (malformed requests) is counted, not logged; exceptions of ours still show.
    logging.getLogger("uvicorn").setLevel(logging.ERROR)
    logging.getLogger("asyncio").setLevel(logging.ERROR)


def set_level(level: str) -> None:
    """From now on events of this level and above: debug, info or warning."""
    logging.getLogger("iop").setLevel(level.upper())


def _choose(out: TextIO) -> str:
    if os.environ.get("JOURNAL_STREAM"):
        try:
            seen = os.fstat(out.fileno())
        except (OSError, ValueError):
            return "json"
        if os.environ["JOURNAL_STREAM"] == f"{seen.st_dev}:{seen.st_ino}":
            return "journal"
    return "text" if out.isatty() else "json"


def _fields(record: logging.LogRecord) -> dict[str, object]:
    fields: Mapping[str, object] = getattr(record, "fields", {})
    if record.exc_info:
        return {**fields, "traceback": logging.Formatter().formatException(record.exc_info)}
    return dict(fields)


def _moment(record: logging.LogRecord) -> str:
    seconds = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(record.created))
    return f"{seconds}.{int(record.msecs):03d}Z"


def _pairs(record: logging.LogRecord) -> str:
    return "".join(f" {name}={_quote(item)}" for name, item in _fields(record).items())


def _quote(item: object) -> str:
    text = str(item)
    return text if text and text.isprintable() and not set(text) & set(' "=') else repr(text)


class _Text(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        return f"{_moment(record)} {record.levelname.lower()} {record.getMessage()}{_pairs(record)}"


class _Journal(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        priority = _PRIORITY.get(record.levelname, 6)
        return f"<{priority}>{record.getMessage()}{_pairs(record)}"


class _Json(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        from iop.codec.json import encode_json

        line: dict[str, object] = {
            "type": "iop.log/1",
            "time": _moment(record),
            "level": record.levelname.lower(),
            "part": record.name,
            "event": record.getMessage(),
        }
        for name, item in _fields(record).items():
            line[name] = item if item is None or isinstance(item, bool | int | str) else str(item)
        return encode_json(line)


_FORMS: dict[str, type[logging.Formatter]] = {"text": _Text, "json": _Json, "journal": _Journal}
